//go:build !windows

package cmd_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// interrupted runs gobiz against an API that answers the first requests and
// never the next one, and presses Ctrl-C during that one.
func interrupted(t *testing.T, answers int, args ...string) outcome {
	t.Helper()
	waiting := make(chan struct{})
	requests := make(chan int, 1)
	requests <- 0
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := <-requests
		requests <- n + 1
		if n < answers {
			_, _ = w.Write([]byte(`{"success":true,"data":{}}`))
			return
		}
		if n == answers {
			close(waiting)
		}
		<-r.Context().Done()
	}))
	defer api.Close()
	var stdout, stderr bytes.Buffer
	c := exec.Command("gobiz", args...)
	c.Env = environ(map[string]string{
		"HOME": t.TempDir(), "GOBIZ_ENV": "local", "GOBIZ_API_URL": api.URL, "GOBIZ_OAUTH_URL": api.URL, "GOBIZ_ACCESS_TOKEN": "made-up",
	})
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	<-waiting
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait() // its exit code is what counts
	return outcome{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	o := interrupted(t, 0, "outlets", "list", "-o", "json")
	if o.code != 130 || o.stdout != "" {
		t.Errorf("exit code %d, stdout %q; want 130 and nothing", o.code, o.stdout)
	}
	if last, err := lastJSONError(o.stderr); err != nil || last["code"] != "interrupted" {
		t.Errorf("%v: %s", err, o.stderr)
	}
}

// TestInterruptReportsWhatIsDone: of three outlets one is unlinked, the second
// is cut off, the third is never tried.
func TestInterruptReportsWhatIsDone(t *testing.T) {
	t.Parallel()
	o := interrupted(t, 1, "unlink", "G100000001", "G100000002", "G100000003")
	if o.code != 130 || !strings.Contains(o.stderr, "interrupted after 1 of 3 outlets") {
		t.Errorf("%+v", o)
	}
	if !strings.Contains(o.stdout, "G100000001  gofood   unlinked") || strings.Contains(o.stdout, "G100000002") {
		t.Errorf("stdout: %s", o.stdout)
	}
	if err := checkErrorText(o.stderr, false); err != nil {
		t.Errorf("%v: %s", err, o.stderr)
	}
}
