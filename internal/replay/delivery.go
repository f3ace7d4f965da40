package replay

import (
	"net/http"
	"net/url"
	"strings"

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
	header := Headers(record.Header)
	if t.Secret != "" {
		header.Set(webhook.SignatureHeader, webhook.Sign(t.Secret, record.Body))
	}
	return sender.Delivery{Summary: webhook.Summarize(record.Body), URL: t.url(record), Header: header, Body: record.Body}
}

func (t Target) url(record capture.Record) string {
	to := *t.URL
	to.Fragment, to.RawFragment = "", ""
	if !t.KeepPath {
		if to.RawQuery == "" {
			to.RawQuery = record.Query
		}
		return to.String()
	}
	if record.Query != "" {
		to.RawQuery = strings.TrimPrefix(to.RawQuery+"&"+record.Query, "&")
	}
	if path := record.Path; path != "" && path != "/" {
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		to.RawPath = strings.TrimSuffix(to.EscapedPath(), "/") + path
		if clear, err := url.PathUnescape(to.RawPath); err == nil {
			to.Path = clear
		} else {
			to.Path, to.RawPath = to.RawPath, ""
		}
	}
	return to.String()
}

// connectionHeaders are about one connection and not about what is sent over it
// (RFC 9110, section 7.6.1), or made anew by whoever sends.
var connectionHeaders = []string{
	"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"Content-Length", "Host",
}

// Headers gives the recorded headers that are to be sent again, and none besides:
// net/http adds no User-Agent where the result has it without a value.
func Headers(recorded http.Header) http.Header {
	header := http.Header{}
	for name, values := range recorded {
		for _, value := range values {
			header.Add(name, value)
		}
	}
	for _, list := range header["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			header.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range connectionHeaders {
		header.Del(name)
	}
	if _, ok := header["User-Agent"]; !ok {
		header["User-Agent"] = nil
	}
	return header
}
