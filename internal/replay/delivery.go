package replay

import (
	"net/url"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A Target is where recorded notifications are sent.
type Target struct {
	URL *url.URL
	// KeepPath puts the recorded path and query behind those of the URL, as
	// `webhook listen` does when it forwards. Without it the URL is the whole target,
	// but for the recorded query where the URL has none.
	KeepPath bool
	// Secret signs the body anew; empty keeps the recorded signature.
	Secret string
}

// Delivery is a record on its way to the target: its body and its headers, but
// those that belong to the connection on which it was received.
func (t Target) Delivery(record capture.Record) sender.Delivery {
	header := sender.ResendHeader(record.Header)
	if t.Secret != "" {
		header.Set(webhook.SignatureHeader, webhook.Sign(t.Secret, record.Body))
	}
	return sender.Delivery{Summary: webhook.Summarize(record.Body), URL: t.url(record), Header: header, Body: record.Body}
}

func (t Target) url(record capture.Record) string {
	switch {
	case t.KeepPath:
		return sender.ResendURL(t.URL, record.Path, record.Query).String()
	case t.URL.RawQuery != "":
		return sender.ResendURL(t.URL, "", "").String()
	default:
		return sender.ResendURL(t.URL, "", record.Query).String()
	}
}
