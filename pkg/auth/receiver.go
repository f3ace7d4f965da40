package auth

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
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
	pageWait time.Duration
}

// pageWait is how long the page in the browser waits for the end of the login: as
// long as a call of the login server may take.
const pageWait = tokenTimeout

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
	return &Receiver{u, listener, pageWait}, nil
}

// RedirectURI is the address the receiver listens on, with its real port.
func (r *Receiver) RedirectURI() string { return r.redirect.String() }

// Close stops listening. It need not be called after [Receiver.Wait].
func (r *Receiver) Close() error { return r.listener.Close() }

// Wait waits until the merchant's browser comes back from a, and passes the
// authorization code to finish, which exchanges it. The page in the browser says
// how that ended. Answers to other logins are turned away and do not end the wait.
// The receiver is closed when Wait returns. Errors are those of [Authorization.Code],
// of finish, or the cause of ctx.
func (r *Receiver) Wait(ctx context.Context, a *Authorization, finish func(ctx context.Context, code string) error) error {
	back := &merchantBack{answer: make(chan url.Values, 1), ended: make(chan struct{}), wait: r.pageWait}
	server := &http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Path != r.redirect.Path || req.Method != http.MethodGet {
				http.NotFound(w, req)
				return
			}
			writeReceiverPage(w, back.page(req.Context(), a, req.URL.Query()))
		}),
	}
	go server.Serve(r.listener)
	defer shutdown(server)
	select {
	case answer := <-back.answer:
		back.end(ctx, a, answer, finish)
		return back.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// merchantBack is a login from the moment when the merchant's browser comes back.
type merchantBack struct {
	answer chan url.Values // the first one, with room for it
	ended  chan struct{}   // closed when err is known
	err    error
	wait   time.Duration
}

func (b *merchantBack) end(ctx context.Context, a *Authorization, answer url.Values, finish func(context.Context, string) error) {
	defer close(b.ended)
	code, err := a.Code(answer)
	if err == nil {
		err = finish(ctx, code)
	}
	b.err = err
}

// page passes the first answer that belongs to the login on, waits for how it ends
// and says so. A browser that asks again meanwhile is told the same.
func (b *merchantBack) page(ctx context.Context, a *Authorization, answer url.Values) receiverView {
	_, refused := a.Code(answer)
	if errors.Is(refused, ErrState) {
		// A stale tab or a forged link must not end the login that is under way.
		return receiverView{http.StatusBadRequest, "This page belongs to another login", "Go back to the page that the terminal opened last."}
	}
	select {
	case b.answer <- answer:
	default:
	}
	select {
	case <-b.ended:
	case <-ctx.Done(): // nobody reads the page
	case <-time.After(b.wait):
		return receiverView{http.StatusOK, "The login is not done yet", "The terminal says how it ends. You can close this page."}
	}
	switch err := b.err; {
	case err == nil:
		return receiverView{http.StatusOK, "You are logged in", "You can close this page and go back to the terminal."}
	case errors.Is(err, ErrDenied):
		return receiverView{http.StatusOK, "You denied the request", "Nothing was shared. You can close this page."}
	case refused != nil: // in words that anybody may have put into the address
		return receiverView{http.StatusOK, "The login failed", "The terminal says why. You can close this page."}
	default:
		return receiverView{http.StatusOK, "The login failed", cleantext.OneLine(err.Error(), 300) + ". The terminal says what to do."}
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
type receiverView struct {
	status      int
	title, text string
}

func writeReceiverPage(w http.ResponseWriter, view receiverView) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.WriteHeader(view.status)
	var page htmlpage.Page
	page.Add(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{} · gobiz</title>
`, view.title)
	page.Style(receiverStyle, "receiver.css")
	page.Add(`<main>
  <h1>{}</h1>
  <p>{}</p>
  <footer>gobiz, a command line for GoBiz partners. Not affiliated with Gojek.</footer>
</main>
</html>
`, view.title, view.text)
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
