package cmd

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// Logger writes what -v asks for to stderr: a line for each request, with -vv
// each exchange, masked.
func (a *account) Logger() *slog.Logger {
	level := slog.LevelWarn
	switch {
	case a.Flags.verbose > 1:
		level = slog.LevelDebug
	case a.Flags.verbose == 1:
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(a.Streams.Err, &slog.HandlerOptions{Level: level}))
}

// logAttempt is a line of -v. With -vv the client's own log says more.
func (a *account) logAttempt() func(gobiz.Attempt) {
	if a.Flags.verbose != 1 {
		return nil
	}
	logger := a.Logger()
	return func(a gobiz.Attempt) {
		attrs := []any{
			"method", a.Method, "path", a.Path, "attempt", a.Number, "status", a.Status,
			"duration", a.Duration, "request_id", a.RequestID,
		}
		if a.Err != nil {
			attrs = append(attrs, "error", cleantext.OneLine(a.Err.Error(), 0))
		}
		if a.Again {
			attrs = append(attrs, "again_in", a.Wait)
		}
		logger.Info("request", attrs...)
	}
}

// loginLog logs calls of the login server. Their bodies and queries are secrets
// throughout, so nothing of them is shown.
type loginLog struct {
	next   http.RoundTripper
	logger *slog.Logger
	now    func() time.Time
}

func (t loginLog) RoundTrip(r *http.Request) (*http.Response, error) {
	start := t.now()
	response, err := t.next.RoundTrip(r)
	attrs := []any{
		"method", r.Method, "url", r.URL.Scheme + "://" + r.URL.Host + r.URL.Path,
		"duration", t.now().Sub(start), "request_id", r.Header.Get("X-Request-Id"),
	}
	if err != nil {
		// The error itself is told masked by who called; here it may hold a secret.
		t.logger.Info("login server", append(attrs, "error", "no answer")...)
		return nil, err
	}
	t.logger.Info("login server", append(attrs, "status", response.StatusCode)...)
	return response, nil
}
