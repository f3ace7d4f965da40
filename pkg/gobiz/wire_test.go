package gobiz_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// switching is a server that answers 101 and keeps the connection open. closed
// gets a value for each connection that the client closed.
func switching(t *testing.T) (base string, closed <-chan struct{}) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	done := make(chan struct{}, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				reader := bufio.NewReader(conn)
				if _, err := http.ReadRequest(reader); err != nil {
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nzzz")
				_, _ = io.Copy(io.Discard, reader)
				done <- struct{}{}
			}()
		}
	}()
	return "http://" + listener.Addr().String(), done
}

func TestSwitchedProtocolIsNoAnswer(t *testing.T) {
	base, closed := switching(t)
	attempts := 0
	client := newClient(t, base, func(o *gobiz.Options) {
		o.MaxAttempts = 4
		o.MaxResponse = -1
		o.OnAttempt = func(gobiz.Attempt) { attempts++ }
	})
	for name, call := range map[string]func() error{
		"outlet": func() error { _, err := client.Outlet(t.Context(), "G1"); return err },
		"raw":    func() error { _, err := client.Do(t.Context(), gobiz.Request{Path: "/x"}); return err },
		"image":  func() error { _, err := client.TransactionQRCode(t.Context(), "G1", "t"); return err },
	} {
		attempts = 0
		err := call()
		<-closed
		var failure *gobiz.Error
		if !errors.Is(err, gobiz.ErrMalformed) || !errors.As(err, &failure) || failure.Status != 101 || failure.Retryable || attempts != 1 ||
			!strings.Contains(failure.Reason(), "another protocol") {
			t.Errorf("%s: %v after %d attempts", name, err, attempts)
		}
	}
}

// A transport of the caller's may hand up any other 1xx as well.
func TestInterimAnswerIsNoAnswer(t *testing.T) {
	client := newClient(t, "https://api.example.com", func(o *gobiz.Options) {
		o.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 103, Header: http.Header{}, Body: http.NoBody}, nil
		})
	})
	if _, err := client.Outlet(t.Context(), "G1"); !errors.Is(err, gobiz.ErrMalformed) || !strings.Contains(err.Error(), "no final one") {
		t.Error(err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// net/http quotes the proxy's address, as a whole and in parts.
func TestProxyPasswordIsNotShown(t *testing.T) {
	for name, address := range map[string]string{
		"bad escape": "http://user:hunter2%zz@proxy.example.com:3128",
		"slash":      "http://user:hunter2/x@proxy.example.com:3128",
		"space":      "http://user:hunter2 @proxy.example.com:3128",
	} {
		var log bytes.Buffer
		attempts := 0
		var seen error
		client := newClient(t, "https://api.example.com", func(o *gobiz.Options) {
			o.MaxAttempts = 4
			o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			o.OnAttempt = func(a gobiz.Attempt) { attempts++; seen = a.Err }
			o.Transport = &http.Transport{Proxy: func(*http.Request) (*url.URL, error) {
				_, err := url.Parse(address)
				return nil, fmt.Errorf("invalid proxy address %q: %w", address, err)
			}}
		})
		_, err := client.Outlet(t.Context(), "G1")
		text := fmt.Sprintf("%v %+v %v %s", err, errors.Unwrap(err), seen, log.String())
		if !errors.Is(err, gobiz.ErrNetwork) || !strings.Contains(err.Error(), "proxy address") || strings.Contains(text, "hunter2") || attempts != 1 {
			t.Errorf("%s: %d attempts: %s", name, attempts, text)
		}
	}
	client := newClient(t, "https://api.example.com", func(o *gobiz.Options) {
		o.Transport = roundTripper(func(*http.Request) (*http.Response, error) {
			return nil, errors.New("proxy http://user:hunter2@proxy.example.com refused")
		})
	})
	if _, err := client.Outlet(t.Context(), "G1"); strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "proxy.example.com refused") {
		t.Error(err)
	}
}

// waiting is a TokenSource that waits for the caller to give up.
type waiting struct {
	first string
	begun chan struct{}
}

func (w *waiting) Token(ctx context.Context, _ string) (string, error) {
	if token := w.first; token != "" {
		w.first = ""
		return token, nil
	}
	close(w.begun)
	<-ctx.Done()
	return "", ctx.Err()
}

func (w *waiting) Reject(context.Context, string) {}

func TestCancelledWhileATokenIsFetched(t *testing.T) {
	s := serve(t, answer(401, "application/json", `{"errors":[{"message":"expired"}]}`))
	cause := errors.New("the user pressed a key")
	for name, first := range map[string]string{"first token": "", "token after a 401": "token-0"} {
		source := &waiting{first: first, begun: make(chan struct{})}
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-source.begun
			cancel(cause)
		}()
		_, err := newClient(t, s.URL, func(o *gobiz.Options) { o.Tokens = source }).Outlet(ctx, "G1")
		var failure *gobiz.Error
		if !errors.Is(err, gobiz.ErrCancelled) || !errors.Is(err, cause) || !errors.As(err, &failure) || failure.Operation != "getOutlet" {
			t.Errorf("%s: %v", name, err)
		}
		cancel(nil)
	}
	// An error of the source's own stays as it is.
	own := errors.New("not logged in")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := newClient(t, s.URL, func(o *gobiz.Options) {
		o.Tokens = tokenFunc(func() (string, error) { cancel(); return "", own })
	}).Outlet(ctx, "G1")
	if !errors.Is(err, own) || errors.Is(err, gobiz.ErrCancelled) {
		t.Error(err)
	}
}

type tokenFunc func() (string, error)

func (f tokenFunc) Token(context.Context, string) (string, error) { return f() }
func (f tokenFunc) Reject(context.Context, string)                {}
