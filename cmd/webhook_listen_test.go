//go:build !windows

package cmd_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// said is what a process says on stderr while it runs.
type said struct {
	mu   sync.Mutex
	more sync.Cond
	text bytes.Buffer
}

func newSaid() *said {
	s := new(said)
	s.more.L = &s.mu
	return s
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.more.Broadcast()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits until a text was said.
func (s *said) await(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !strings.Contains(s.text.String(), text) {
		s.more.Wait()
	}
}

// startListener starts `gobiz webhook listen -o ndjson` and reads its ready line.
func startListener(t *testing.T, env map[string]string, args ...string) (p *exec.Cmd, url string, stdout io.ReadCloser, stderr *said) {
	t.Helper()
	return startListenerBy(t, exec.Command("gobiz"), env, args...)
}

// startListenerBy starts it by another command's means, such as nohup's.
func startListenerBy(t *testing.T, p *exec.Cmd, env map[string]string, args ...string) (_ *exec.Cmd, url string, stdout io.ReadCloser, stderr *said) {
	t.Helper()
	p.Args = append(append(p.Args, "webhook", "listen", "--port", "0", "-o", "ndjson"), args...)
	env["HOME"], env["GOBIZ_NOTIFICATION_SECRET"] = t.TempDir(), "made-up"
	stderr = newSaid()
	p.Env, p.Dir, p.Stderr = environ(env), t.TempDir(), stderr
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	})
	var line []byte
	for one := make([]byte, 1); ; { // not beyond the line: what follows stays in the pipe
		if _, err := stdout.Read(one); err != nil {
			t.Fatalf("not ready: %v\n%s", err, stderr)
		}
		if one[0] == '\n' {
			break
		}
		line = append(line, one[0])
	}
	var ready struct{ URL string }
	if err := json.Unmarshal(line, &ready); err != nil || ready.URL == "" {
		t.Fatalf("%v: %s", err, line)
	}
	return p, ready.URL, stdout, stderr
}

// notify posts a signed event and gives the status of the answer.
func notify(client *http.Client, url string, n int) (int, error) {
	body := fmt.Sprintf(`{"header":{"event_name":"gofood.order.placed","event_id":"%d"},"body":{"order":{"order_number":"F-%d","status":"PLACED"}}}`, n, n)
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set(webhook.SignatureHeader, webhook.Sign("made-up", []byte(body)))
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, answer.Body.Close()
}

// TestListenSurvivesKill kills a listener under load: what it has answered is in
// the capture, whole.
func TestListenSurvivesKill(t *testing.T) {
	t.Parallel()
	record := filepath.Join(t.TempDir(), "capture.jsonl")
	p, url, stdout, _ := startListener(t, map[string]string{}, "--record", record)
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	var (
		mu       sync.Mutex
		answered = map[string]bool{}
		senders  sync.WaitGroup
		once     sync.Once
	)
	for s := range 8 {
		senders.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			for i := 0; ; i++ {
				n := s*1_000_000 + i
				status, err := notify(client, url, n)
				if err != nil {
					return // killed
				}
				if status != http.StatusOK {
					t.Errorf("answer %d", status)
					return
				}
				mu.Lock()
				answered[fmt.Sprint(n)] = true
				enough := len(answered) >= 500
				mu.Unlock()
				if enough {
					once.Do(func() { _ = p.Process.Kill() })
				}
			}
		})
	}
	senders.Wait()
	_ = p.Wait()
	file, err := os.Open(record)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	broken := 0
	for line, err := range new(capture.Reader).Lines(file) {
		if err != nil {
			t.Fatal(err)
		}
		if line.Err != nil {
			broken++ // the last line at most, which the kill has cut
			continue
		}
		if broken > 0 || webhook.Verify(line.Body, line.Signature, "made-up") < 0 {
			t.Fatalf("line %d: behind a broken one, or it does not verify", line.Number)
		}
		delete(answered, webhook.Summarize(line.Body).EventID)
	}
	if len(answered) > 0 {
		t.Errorf("%d were answered and are not in the capture", len(answered))
	}
}

// TestListenWithNobodyReading fills the pipe that nobody reads: receiving goes on,
// and Ctrl-C ends it.
func TestListenWithNobodyReading(t *testing.T) {
	t.Parallel()
	p, url, _, stderr := startListener(t, map[string]string{})
	client := &http.Client{Transport: &http.Transport{}}
	const n = 1500 // lines of 250 bytes; a pipe holds 64 KB
	for i := range n {
		if status, err := notify(client, url, i); err != nil || status != http.StatusOK {
			t.Fatalf("event %d: %d, %v", i, status, err)
		}
	}
	client.CloseIdleConnections()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%v", err)
	}
	for _, want := range []string{fmt.Sprintf("stopped: %d notifications received", n), "warning: not all events were shown, since nobody reads the output; they are recorded"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in %s", want, stderr)
		}
	}
}

// subscribedTo starts a sandbox, and gives the environment of a partner who subscribes
// there.
func subscribedTo(t *testing.T) map[string]string {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	info := s.Info()
	return map[string]string{
		"GOBIZ_ENV": "local", "GOBIZ_API_URL": info.APIURL, "GOBIZ_OAUTH_URL": info.OAuthURL,
		"GOBIZ_CLIENT_ID": info.ClientID, "GOBIZ_CLIENT_SECRET": info.ClientSecret,
	}
}

// TestListenWithClosedOutput is `gobiz webhook listen | head -1`: it ends in good
// order when it cannot write any longer, and removes its subscriptions.
func TestListenWithClosedOutput(t *testing.T) {
	t.Parallel()
	env := subscribedTo(t)
	p, url, stdout, stderr := startListener(t, env, "--subscribe", "http://127.0.0.1:9/hook")
	if o := run(env, "subscriptions", "list", "--jq", "length"); o.stdout != "9\n" {
		t.Errorf("%+v", o)
	}
	stdout.Close()
	if status, err := notify(http.DefaultClient, url, 1); err != nil || status != http.StatusOK {
		t.Errorf("%d, %v", status, err)
	}
	var exit *exec.ExitError
	if err := p.Wait(); errors.As(err, &exit) {
		t.Errorf("%v", err)
	}
	for _, want := range []string{"removed 9 subscriptions", "stopped: 1 notification received", "stopped: nobody reads the output any longer"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in %s", want, stderr)
		}
	}
	if o := run(env, "subscriptions", "list", "--jq", "length"); o.stdout != "0\n" {
		t.Errorf("%+v", o)
	}
}

// TestListenSecondInterrupt has a target that hangs: the second Ctrl-C ends at
// once, with the account and the way to send what was missed.
func TestListenSecondInterrupt(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer target.Close()
	defer close(hang)
	record := filepath.Join(t.TempDir(), "orders.jsonl")
	p, url, _, stderr := startListener(t, map[string]string{}, "--forward-to", target.URL, "--record", record, "--timeout", "1h")
	for i := range 3 {
		if status, err := notify(http.DefaultClient, url, i); err != nil || status != http.StatusOK {
			t.Fatalf("%d, %v", status, err)
		}
	}
	for _, want := range []string{"Ctrl-C stops it", "Ctrl-C again ends at once"} {
		stderr.await(want)
		if err := p.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%v", err)
	}
	for _, want := range []string{"stopped: 3 notifications received, 0 forwarded, 3 not answered\n", "gobiz webhook replay " + strings.TrimSuffix(record, ".jsonl") + "."} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in %s", want, stderr)
		}
	}
	missed, err := filepath.Glob(strings.TrimSuffix(record, ".jsonl") + ".*.missed.jsonl")
	if err != nil || len(missed) != 1 {
		t.Errorf("missed %v, %v", missed, err)
	}
}

// TestListenHangup closes the terminal while a target hangs: the subscriptions are
// removed and what was not answered is kept, also when the hang-up comes twice.
func TestListenHangup(t *testing.T) {
	t.Parallel()
	env := subscribedTo(t)
	hang := make(chan struct{})
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer target.Close()
	defer close(hang)
	record := filepath.Join(t.TempDir(), "orders.jsonl")
	p, url, _, stderr := startListener(t, env, "--subscribe", "http://127.0.0.1:9/hook", "--forward-to", target.URL, "--record", record)
	if status, err := notify(http.DefaultClient, url, 1); err != nil || status != http.StatusOK {
		t.Fatalf("%d, %v", status, err)
	}
	for range 3 {
		if err := p.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	stderr.await("Ctrl-C again ends at once")
	for _, end := range []os.Signal{syscall.SIGHUP, os.Interrupt, syscall.SIGTERM} { // the last two: not to wait for the target
		if err := p.Process.Signal(end); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%v", err)
	}
	for _, want := range []string{"removed 9 subscriptions", "stopped: 1 notification received, 0 forwarded, 1 not answered\n"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in %s", want, stderr)
		}
	}
	if o := run(env, "subscriptions", "list", "--jq", "length"); o.stdout != "0\n" {
		t.Errorf("%+v", o)
	}
	if missed, err := filepath.Glob(strings.TrimSuffix(record, ".jsonl") + ".*.missed.jsonl"); err != nil || len(missed) != 1 {
		t.Errorf("missed %v, %v", missed, err)
	}
}

// TestListenInterruptedFilter presses Ctrl-C while a jq program works on an event: it
// comes out all the same.
func TestListenInterruptedFilter(t *testing.T) {
	t.Parallel()
	p, url, stdout, stderr := startListener(t, map[string]string{}, "--jq", "., (last(range(50000)) | empty)")
	if status, err := notify(http.DefaultClient, url, 1); err != nil || status != http.StatusOK {
		t.Errorf("%d, %v", status, err)
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(stdout)
	if err != nil || !strings.Contains(string(out), `"order_number":"F-1"`) {
		t.Errorf("%q, %v", out, err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("%v: %s", err, stderr)
	}
}

// TestListenUnderNohup closes the terminal of a listener that is to go on.
func TestListenUnderNohup(t *testing.T) {
	t.Parallel()
	p, url, _, stderr := startListenerBy(t, exec.Command("sh", "-c", `trap '' HUP; exec gobiz "$@"`, "sh"), map[string]string{})
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if status, err := notify(http.DefaultClient, url, 1); err != nil || status != http.StatusOK {
		t.Errorf("%d, %v", status, err)
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil || !strings.Contains(stderr.String(), "stopped: 1 notification received") {
		t.Errorf("%v: %s", err, stderr)
	}
}

// TestListenPortInUse names the port and the way on.
func TestListenPortInUse(t *testing.T) {
	t.Parallel()
	_, url, _, _ := startListener(t, map[string]string{})
	port := url[strings.LastIndex(url, ":")+1:]
	o := run(map[string]string{"HOME": t.TempDir(), "GOBIZ_NOTIFICATION_SECRET": "made-up"}, "webhook", "listen", "--port", port)
	if o.code != 1 || o.stdout != "" || !strings.Contains(o.stderr, "port "+port+" is in use") || !strings.Contains(o.stderr, "--port 0") {
		t.Errorf("%+v", o)
	}
}
