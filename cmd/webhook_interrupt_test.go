//go:build !windows

package cmd_test

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestInterruptedTrigger presses Ctrl-C while a receiver does not answer the
// second of three: the first is reported.
func TestInterruptedTrigger(t *testing.T) {
	t.Parallel()
	waiting := make(chan struct{})
	n := 0 // one request at a time
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else a closed connection is not noticed
		if n++; n == 2 {
			close(waiting)
			<-r.Context().Done()
		}
	}))
	defer receiver.Close()
	var stdout, stderr bytes.Buffer
	c := exec.Command("gobiz", "webhook", "trigger", "gofood.order.placed", "--to", receiver.URL, "--repeat", "3", "-o", "json")
	c.Env = environ(map[string]string{"HOME": t.TempDir(), "GOBIZ_NOTIFICATION_SECRET": testRelaySecret})
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	<-waiting
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // its exit code is what counts
	if c.ProcessState.ExitCode() != 130 || strings.Count(stdout.String(), `"delivered": true`) != 1 {
		t.Errorf("exit code %d: %s", c.ProcessState.ExitCode(), &stdout)
	}
	if last, err := lastJSONError(stderr.String()); err != nil || last["message"] != "interrupted: 1 of 3 were delivered" {
		t.Errorf("%v: %s", err, &stderr)
	}
}

// TestUntrustedCertificate has a receiver that this machine reaches by a name which
// is not its own.
func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	receiver := httptest.NewUnstartedServer(http.NotFoundHandler())
	receiver.Config.ErrorLog = log.New(io.Discard, "", 0)
	receiver.StartTLS()
	defer receiver.Close()
	to := strings.Replace(receiver.URL, "127.0.0.1", "0.0.0.0", 1)
	o := trigger(t, "gofood.order.placed", "--to", to)
	if o.code != 1 || !strings.Contains(o.stderr, "certificate not trusted: x509: ") || !strings.Contains(o.stderr, "hint: its certificate must") {
		t.Errorf("%+v", o)
	}
	if o := trigger(t, "gofood.order.placed", "--to", to, "--trust-local-certificate"); o.code != 1 || !strings.Contains(o.stderr, "receiver answered 404") {
		t.Errorf("with the flag: %+v", o)
	}
	if o := trigger(t, "gofood.order.placed", "--to", "https://pos.example.com/", "--trust-local-certificate"); o.code != 2 || !strings.Contains(o.stderr, "pos.example.com is none") {
		t.Errorf("a public host: %+v", o)
	}
}
