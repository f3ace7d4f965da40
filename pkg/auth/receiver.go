package auth

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/internal/htmlpage"
)

//go:embed receiver.css
var receiverStyle embed.FS

// Receiver waits on a loopback address for the merchant's browser to come back
// from the login page. It listens from the start, since the login page's URL
// needs its port, and answers while [Receiver.Wait] runs.
type Receiver struct {
	redirect *url.URL
	listener net.Listener
}

// ErrPortInUse says that another process listens where the redirect URI points.
var ErrPortInUse = errors.New("port in use")

// NewReceiver listens where redirectURI points, which must be plain http on a
// loopback address, such as "http://127.0.0.1:8400/callback". Port 0 takes a
// free one; [Receiver.RedirectURI] then tells which.
func NewReceiver(redirectURI string) (*Receiver, error) {
	u, err := url.Parse(redirectURI)
	if err != nil || !IsLoopbackRedirect(redirectURI) {
		shown := "that"
		if err == nil {
			shown = cleantext.OneLine(u.Redacted(), 200)
		}
		return nil, fmt.Errorf("redirect URI %s is not on this machine: want http://127.0.0.1:PORT/PATH", shown)
	}
	listener, err := net.Listen("tcp", u.Host)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = ErrPortInUse
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", u.Host, err)
	}
	u.Host = listener.Addr().String()
	if u.Path == "" {
		u.Path = "/"
	}
	return &Receiver{redirect: u, listener: listener}, nil
}

// RedirectURI is the address the receiver listens on, with its real port.
func (r *Receiver) RedirectURI() string { return r.redirect.String() }

// Close stops listening. It need not be called after [Receiver.Wait].
func (r *Receiver) Close() error { return r.listener.Close() }

// Wait calls open, which shows the login page to the merchant, and gives the
// authorization code once the merchant's browser comes back from a. Answers to
// other logins are turned away and do not end the wait. The receiver is closed
// when Wait returns.
func (r *Receiver) Wait(ctx context.Context, a *Authorization, open func() error) (string, error) {
	answers := make(chan url.Values, 1)
	var taken atomic.Bool
	hand := func(answer url.Values) (first bool) {
		if first = taken.CompareAndSwap(false, true); first {
			answers <- answer
		}
		return first
	}
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path != r.redirect.Path || req.Method != http.MethodGet {
				http.NotFound(w, req)
				return
			}
			writeReceiverPage(w, a, hand, req.URL.Query())
		}),
	}
	go server.Serve(r.listener)
	defer shutdown(server)
	if err := open(); err != nil {
		return "", err
	}
	select {
	case answer := <-answers:
		return a.Code(answer)
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// shutdown lets the page on its way be written before it closes the server.
func shutdown(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		_ = server.Close()
	}
}

// receiverView is what the page in the merchant's browser says.
type receiverView struct{ Title, Text string }

// writeReceiverPage tells the merchant what happened, and passes the first
// answer that belongs to the login on.
func writeReceiverPage(w http.ResponseWriter, a *Authorization, hand func(url.Values) bool, answer url.Values) {
	status := http.StatusOK
	view := receiverView{"You are logged in", "You can close this page and go back to the terminal."}
	_, err := a.Code(answer)
	switch {
	case errors.Is(err, ErrState):
		// A stale tab or a forged link must not end the login that is under way.
		status = http.StatusBadRequest
		view = receiverView{"This page belongs to another login", "Go back to the page that the terminal opened last."}
	case errors.Is(err, ErrDenied):
		view = receiverView{"You denied the request", "Nothing was shared. You can close this page."}
	case err != nil:
		view = receiverView{"The login failed", "The terminal says why. You can close this page."}
	}
	if !errors.Is(err, ErrState) && !hand(answer) {
		view = receiverView{"This login is already done", "You can close this page."}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.WriteHeader(status)
	var page htmlpage.Page
	page.Add(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{} · gobiz</title>
`, view.Title)
	page.Style(receiverStyle, "receiver.css")
	page.Add(`<main>
  <h1>{}</h1>
  <p>{}</p>
  <footer>gobiz, a command line for GoBiz partners. Not affiliated with Gojek.</footer>
</main>
</html>
`, view.Title, view.Text)
	_, _ = page.WriteTo(w)
}

// IsLoopbackRedirect reports whether a redirect URI points to this machine by
// address, over plain http. "localhost" is not taken: it is a name, which may
// lead elsewhere, and OAuth servers treat it so.
func IsLoopbackRedirect(redirectURI string) bool {
	u, err := url.Parse(redirectURI)
	if err != nil || u.Scheme != "http" || u.Port() == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}
