package cmd_test

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/rogpeppe/go-internal/testscript"
)

// listenProcess is a running `gobiz webhook listen`.
type listenProcess struct {
	*exec.Cmd
	events chan struct{} // one for each line of stdout that is an event
	read   chan error    // both outputs are read to their end
}

// scriptListen starts `gobiz webhook listen --port 0` and waits until it is
// ready. Its outputs are in listen.out and listen.err when it has ended.
func scriptListen(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: listen ARG...")
	}
	program, err := exec.LookPath("gobiz")
	ts.Check(err)
	p := &listenProcess{
		Cmd:    exec.Command(program, append([]string{"webhook", "listen", "--port", "0"}, args...)...),
		events: make(chan struct{}, 1000), read: make(chan error, 2),
	}
	p.Dir = ts.MkAbs(".")
	for _, name := range []string{
		"HOME", "USERPROFILE", "PATH", "GOBIZ_ENV", "GOBIZ_API", "GOBIZ_API_URL", "GOBIZ_OAUTH_URL", "GOBIZ_CLIENT_ID", "GOBIZ_CLIENT_SECRET",
		"GOBIZ_NOTIFICATION_SECRET", "GOBIZ_STATE_DIR", "DBUS_SESSION_BUS_ADDRESS", "HTTPS_PROXY", "HTTP_PROXY",
	} {
		p.Env = append(p.Env, name+"="+ts.Getenv(name))
	}
	ready := make(chan string, 1)
	stdout, err := p.StdoutPipe()
	ts.Check(err)
	stderr, err := p.StderrPipe()
	ts.Check(err)
	ts.Check(p.Start())
	ts.Defer(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	})
	go func() {
		p.read <- keepLines(stdout, ts.MkAbs("listen.out"), func(line string) {
			if strings.Contains(line, "gofood.") || strings.Contains(line, `"kind":"event"`) {
				p.events <- struct{}{}
			}
		})
	}()
	go func() {
		p.read <- keepLines(stderr, ts.MkAbs("listen.err"), func(line string) {
			if url, ok := strings.CutPrefix(line, "listening on "); ok {
				ready <- url
			}
		})
		close(ready)
	}()
	listening := <-ready
	if listening == "" {
		ts.Fatalf("not listening: %s", ts.ReadFile("listen.err"))
	}
	ts.Setenv("LISTEN", listening)
	s := scriptOf(ts)
	s.listen = p
	if s.tunnel != nil {
		to, err := url.Parse(listening)
		ts.Check(err)
		s.tunnel.Store(to)
	}
}

// keepLines copies lines to a file and shows each of them.
func keepLines(r io.Reader, path string, show func(string)) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if _, err = file.WriteString(lines.Text() + "\n"); err != nil {
			break
		}
		show(lines.Text())
	}
	return errors.Join(err, lines.Err(), file.Close())
}

// scriptHeard waits until the listener has shown so many events more.
func scriptHeard(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: heard COUNT")
	}
	count, err := strconv.Atoi(args[0])
	ts.Check(err)
	for range count {
		<-scriptOf(ts).listen.events // the test binary's own time-out bounds it
	}
}

// scriptInterrupt ends the listener as Ctrl-C does, which is its ordinary end.
func scriptInterrupt(ts *testscript.TestScript, neg bool, args []string) {
	noArguments(ts, neg, args)
	p := scriptOf(ts).listen
	ts.Check(p.Process.Signal(os.Interrupt))
	ts.Check(p.finish())
}

// scriptKill ends the listener as kill -9 does.
func scriptKill(ts *testscript.TestScript, neg bool, args []string) {
	noArguments(ts, neg, args)
	p := scriptOf(ts).listen
	ts.Check(p.Process.Kill())
	var killed *exec.ExitError
	if err := p.finish(); !errors.As(err, &killed) {
		ts.Fatalf("killed: %v", err)
	}
}

// finish waits for the process, whose outputs must be read first.
func (p *listenProcess) finish() error {
	return errors.Join(<-p.read, <-p.read, p.Wait())
}

// scriptTunnel gives a URL that leads to the next listener.
func scriptTunnel(ts *testscript.TestScript, neg bool, args []string) {
	noArguments(ts, neg, args)
	to := new(atomic.Pointer[url.URL])
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to.Load()) }}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to.Load() == nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	ts.Defer(server.Close)
	scriptOf(ts).tunnel = to
	ts.Setenv("TUNNEL", server.URL)
}
