package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func TestMain(m *testing.M) {
	if os.Getenv("RUN_RECEIVER") != "" {
		main()
	}
	os.Exit(m.Run())
}

// TestReceiver runs the program and does what GoBiz does.
func TestReceiver(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), program)
	c.Env = append(os.Environ(), "RUN_RECEIVER=1", "LISTEN=127.0.0.1:0", "GOBIZ_NOTIFICATION_SECRET=old,new")
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	lines := bufio.NewScanner(stderr)
	next := func() string {
		if !lines.Scan() {
			t.Fatal("it ended")
		}
		return lines.Text()
	}
	_, url, ok := strings.Cut(next(), "listening on ")
	if !ok {
		t.Fatal("it does not say where it listens")
	}

	placed := `{"header":{"event_name":"gofood.order.placed","event_id":"e1"},"body":{"order":{"order_number":"F-1","status":"PLACED","order_total":58000}}}`
	created := `{"header":{"event_name":"gofood.order.created","event_id":"e0"},"body":{"order":{"order_number":"F-1","status":"CREATED"}}}`
	failed := `{"header":{"event_type":"gofood.order.webhook_error","event_id":"e2"},"body":{"mapping_not_found":{"items":[{"name":"Es\nJeruk"}]},"order":{"number":"F-2"}}}`
	for _, step := range []struct {
		body, secret string
		status       int
		logs         string // nothing when empty
	}{
		{placed, "another", 401, ""},
		{placed, "old", 204, `order "F-1" is "PLACED": Rp 58000`},
		{placed, "old", 204, ""},
		{created, "new", 204, ""},
		{failed, "new", 204, `order "F-2" was not relayed; without external id: ["Es\nJeruk"]`},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(step.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(webhook.SignatureHeader, webhook.Sign(step.secret, []byte(step.body)))
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != step.status {
			t.Errorf("answer %d, want %d", answer.StatusCode, step.status)
		}
		if step.logs != "" {
			if got := next(); !strings.HasSuffix(got, step.logs) {
				t.Errorf("log %s, want %s", got, step.logs)
			}
		}
	}
}

// TestReceiverIsSmall has a receiver link only what it needs: why a signature
// does not verify is a question for people.
func TestReceiverIsSmall(t *testing.T) {
	deps, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range strings.Lines(string(deps)) {
		pkg = strings.TrimSpace(pkg)
		if strings.HasPrefix(pkg, "github.com/gobiz-cli/") && pkg != "github.com/gobiz-cli/gobiz/docs/receiver" && pkg != "github.com/gobiz-cli/gobiz/pkg/webhook" {
			t.Errorf("a receiver links %s", pkg)
		}
	}
}
