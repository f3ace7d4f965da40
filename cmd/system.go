package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pkg/browser"

	"github.com/gobiz-cli/gobiz/internal/publichost"
	"github.com/gobiz-cli/gobiz/internal/redact"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// System is the process around the commands: what they may know of the outside
// comes in through it, so that a test or the demo can run them elsewhere.
type System struct {
	Streams *terminal.Streams
	Getenv  func(string) string
	WorkDir func() (string, error)
	Now     func() time.Time
	// OpenURL shows a page to the user in a browser. It starts a launcher, whose end
	// ended tells: some return at once, others when their window is closed.
	OpenURL func(url string) (ended <-chan error, err error)
	// Signals receives signals in place of their default effect, until stop. Nil
	// is a process that gets none.
	Signals func(...os.Signal) (received <-chan os.Signal, stop func())
	// Interrupts gives a context that ends with errInterrupted when the user
	// presses Ctrl-C or closes the terminal, or the process is asked to stop. Nil is
	// a process that cannot be interrupted.
	Interrupts func(context.Context) (context.Context, context.CancelFunc)
}

// withOut is the same process with another standard output.
func (s *System) withOut(out io.Writer) *System {
	system, streams := *s, *s.Streams
	streams.Out, system.Streams = out, &streams
	return &system
}

// checkedWriter remembers the first write that failed, unless nobody reads any
// longer: the command knows what that means to it.
type checkedWriter struct {
	io.Writer
	failed atomic.Pointer[error] // a listener may still write when the command ends
}

func (w *checkedWriter) err() error {
	if err := w.failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (w *checkedWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if err != nil && !errors.Is(err, syscall.EPIPE) {
		w.failed.CompareAndSwap(nil, &err)
	}
	return n, err
}

// OS is the real process.
func OS() *System {
	if shared, ok := http.DefaultTransport.(*http.Transport); ok {
		shared.Proxy = proxyOf // every client takes its own from it
	}
	return &System{
		Streams:    terminal.NewStreams(os.Stdin, os.Stdout, os.Stderr),
		Getenv:     os.Getenv,
		WorkDir:    os.Getwd,
		Now:        time.Now,
		OpenURL:    openInBrowser,
		Signals:    receiveSignals,
		Interrupts: interrupts,
	}
}

// proxyOf is http.ProxyFromEnvironment, which goes around a proxy whose address
// cannot be read, or takes a part of it for a host. Here that is an error, which
// does not show the address: it may hold a password.
func proxyOf(r *http.Request) (*url.URL, error) {
	names := []string{"HTTPS_PROXY", "https_proxy"}
	if r.URL.Scheme == "http" {
		names = []string{"HTTP_PROXY", "http_proxy"}
	}
	for _, name := range names {
		address := os.Getenv(name)
		if address == "" || publichost.Loopback(r.URL.Hostname()) {
			continue
		}
		if !strings.Contains(address, "://") {
			address = "http://" + address
		}
		if u, err := url.Parse(address); err != nil || u.Hostname() == "" {
			return nil, fmt.Errorf("%w: in %s, write %% of a password as %%25, a blank as %%20", redact.ErrProxyAddress, name)
		}
		break
	}
	return http.ProxyFromEnvironment(r)
}

// errInterrupted is why a context ended: Ctrl-C, or a request to stop.
var errInterrupted = errors.New("interrupted")

// interrupts ends the context at the first signal and gives the second one its
// default effect, so that a command that does not end can still be stopped.
func interrupts(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	received, stop := receiveSignals(os.Interrupt, syscall.SIGTERM)
	hungUp, forget := receiveHangups()
	go func() {
		select {
		case <-received:
		case <-hungUp:
		case <-ctx.Done():
		}
		stop()
		cancel(errInterrupted) // unless it has ended
	}()
	return ctx, func() { cancel(nil); forget() }
}

// receiveHangups is told when the terminal is closed or the ssh session ends. One
// hang-up may come twice, from the shell and from the system, so further ones have
// no effect. Under nohup, which ignores them, there are none.
func receiveHangups() (received <-chan os.Signal, stop func()) {
	if signal.Ignored(syscall.SIGHUP) {
		return nil, func() {}
	}
	return receiveSignals(syscall.SIGHUP)
}

func receiveSignals(which ...os.Signal) (received <-chan os.Signal, stop func()) {
	signals := make(chan os.Signal, 2) // a listener waits for two
	signal.Notify(signals, which...)
	return signals, func() { signal.Stop(signals) }
}

func (s *System) signals(which ...os.Signal) (received <-chan os.Signal, stop func()) {
	if s.Signals == nil {
		return nil, func() {}
	}
	return s.Signals(which...)
}

var errNoBrowser = errors.New("no browser can open before the user")

// openInBrowser discards what the launcher prints: it would mix with ours. The
// launcher may be the browser itself and live longer than this process.
func openInBrowser(url string) (<-chan error, error) {
	if !hasBrowser(runtime.GOOS, os.Getenv) {
		return nil, errNoBrowser
	}
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	browser.Stdout, browser.Stderr = nowhere, nowhere
	ended := make(chan error, 1)
	go func() { ended <- browser.OpenURL(url) }()
	return ended, nil
}

// hasBrowser reports whether a browser would open before the user: not over ssh,
// and on other systems than Windows and macOS not without a display. A launcher
// that falls back to a browser in the terminal would take the terminal away.
func hasBrowser(goos string, getenv func(string) string) bool {
	if goos == "windows" || goos == "darwin" {
		return getenv("SSH_CONNECTION") == ""
	}
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME"} {
		if getenv(name) != "" {
			return true
		}
	}
	return false
}
