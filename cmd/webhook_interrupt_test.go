//go:build !windows

package cmd_test

import (
	"bytes"
	"io"
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
