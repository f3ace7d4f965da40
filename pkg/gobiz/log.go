package gobiz

import (
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/redact"
)

const (
	masked     = redact.Masked
	maxLogBody = 4 << 10 // bytes of a body in one record
)

// logTransport writes one record at debug level for each attempt. Header
// values are shown by an allow-list, bodies and queries masked.
type logTransport struct {
	next   http.RoundTripper
	logger *slog.Logger
	now    func() time.Time
}

func (t *logTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if !t.logger.Enabled(ctx, slog.LevelDebug) {
		return t.next.RoundTrip(req)
	}
	state := stateOf(ctx)
	start := t.now()
	resp, err := t.next.RoundTrip(req)
	attrs := []slog.Attr{
		slog.String("operation", state.operation),
		slog.String("method", req.Method),
		slog.String("url", state.hide(maskURL(req.URL))),
		slog.Int("attempt", state.attempts+1),
		slog.Duration("duration", t.now().Sub(start)),
		slog.String("request_headers", maskHeader(req.Header, state.hide)),
	}
	if body := requestBody(req, state.hide); body != "" {
		attrs = append(attrs, slog.String("request_body", body))
	}
	if err != nil {
		t.logger.LogAttrs(ctx, slog.LevelDebug, "http exchange failed", append(attrs, slog.String("error", cleanText(state.hide(err.Error()), maxProblemText)))...)
		return nil, err
	}
	attrs = append(attrs,
		slog.Int("status", resp.StatusCode),
		slog.String("response_headers", maskHeader(resp.Header, state.hide)),
	)
	if buffered, ok := resp.Body.(*bufferedBody); ok && len(buffered.data) > 0 {
		attrs = append(attrs, slog.String("response_body", logBody(buffered.data, state.hide)))
	}
	t.logger.LogAttrs(ctx, slog.LevelDebug, "http exchange", attrs...)
	return resp, nil
}

// requestBody reads the beginning of a second copy of the request's body.
func requestBody(req *http.Request, hide func(string) string) string {
	if req.GetBody == nil {
		return ""
	}
	body, err := req.GetBody()
	if err != nil {
		return ""
	}
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, maxLogBody))
	if err != nil || len(data) == 0 {
		return ""
	}
	return logBody(data, hide)
}

func logBody(data []byte, hide func(string) string) string {
	if text := maskJSON(data, maxLogBody, hide); text != nil {
		return hide(cleanText(string(text), maxLogBody))
	}
	return "(not JSON)"
}

// isShownHeader tells the headers whose values help and harm nobody.
func isShownHeader(name string) bool {
	switch name {
	case "Accept", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Retry-After", "Server", "User-Agent", "X-Request-Id":
		return true
	}
	return false
}

func maskHeader(header http.Header, hide func(string) string) string {
	var shown []string
	for _, name := range slices.Sorted(maps.Keys(header)) {
		value := masked
		if isShownHeader(name) {
			value = hide(strings.Join(header[name], ", "))
		}
		shown = append(shown, hide(name)+": "+value)
	}
	return hide(cleanText(strings.Join(shown, "; "), maxLogBody))
}

// isShownQuery tells the documented query parameters.
func isShownQuery(name string) bool {
	switch name {
	case "per", "page", "limit", "entity_id":
		return true
	}
	return false
}

// maskURL leaves out user, fragment and the values of unknown parameters.
func maskURL(u *url.URL) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	if u.RawQuery != "" {
		query := u.Query()
		for name, values := range query {
			for i := range values {
				if !isShownQuery(name) {
					values[i] = masked
				}
			}
		}
		shown.RawQuery = query.Encode()
	}
	return shown.String()
}
