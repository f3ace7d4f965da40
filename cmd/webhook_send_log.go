package cmd

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// receiverLog is -vv for calls of a receiver: a line for each exchange, redirects
// too. Of a body it tells the size alone, since it holds a customer's order, and
// it masks the values of the query and of headers it does not know, such as the
// signature.
type receiverLog struct {
	next   *sender.Transport
	logger *slog.Logger
	now    func() time.Time
}

func (t *receiverLog) RoundTrip(r *http.Request) (*http.Response, error) {
	start := t.now()
	response, err := t.next.RoundTrip(r)
	attrs := []any{
		"method", r.Method, "url", exchangeURL(r.URL), "duration", t.now().Sub(start),
		"request_headers", exchangeHeader(r.Header), "request_bytes", r.ContentLength,
	}
	if err != nil {
		t.logger.Debug("http exchange failed", append(attrs, "error", cleantext.OneLine(err.Error(), 0))...)
		return nil, err
	}
	t.logger.Debug("http exchange", append(attrs, "status", response.StatusCode, "response_headers", exchangeHeader(response.Header))...)
	return response, nil
}

// CloseIdleConnections is what http.Client looks for.
func (t *receiverLog) CloseIdleConnections() { t.next.CloseIdleConnections() }

const (
	maskedValue     = "***"
	maxHeaderLogged = 4 << 10 // bytes
)

// exchangeURL leaves out user, fragment and the values of the query.
func exchangeURL(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	text := shown.String()
	if u.RawQuery != "" {
		text += "?" + maskedValue
	}
	return cleantext.OneLine(text, 0)
}

// exchangeHeader shows the values that help and harm nobody.
func exchangeHeader(header http.Header) string {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(header)) {
		value := maskedValue
		switch name {
		case "Accept", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Retry-After", "Server", "User-Agent", webhook.IdempotencyKeyHeader:
			value = strings.Join(header[name], ", ")
		}
		fields = append(fields, name+": "+value)
	}
	text := cleantext.OneLine(strings.Join(fields, "; "), 0)
	if more := len(text) - maxHeaderLogged; more > 0 {
		text = fmt.Sprintf("%s… (%d bytes more)", strings.ToValidUTF8(text[:maxHeaderLogged], ""), more)
	}
	return text
}
