package cmd_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

func asExit(err error, exit *interface{ ExitCode() int }) bool { return errors.As(err, exit) }

// startReceiver takes notifications one after the other.
func startReceiver(take func(*http.Request, []byte)) (url string, stop func()) {
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		take(r, body)
		w.WriteHeader(http.StatusNoContent)
	}))
	return server.URL + "/gofood", server.Close
}

// merchantLogin runs `gobiz login --grant authorization-code --no-browser` and
// goes through the page that it prints.
func merchantLogin(ts *testscript.TestScript, merchant sandbox.Merchant, allow bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	program, err := exec.LookPath("gobiz")
	ts.Check(err)
	login := exec.CommandContext(ctx, program, "login", "--grant", "authorization-code", "--no-browser")
	login.Dir = ts.Getenv("WORK")
	for _, name := range []string{
		"HOME", "USERPROFILE", "PATH", "GOBIZ_ENV", "GOBIZ_API_URL", "GOBIZ_OAUTH_URL", "GOBIZ_CLIENT_ID", "GOBIZ_CLIENT_SECRET",
		"GOBIZ_CREDENTIAL_STORE", "GOBIZ_CREDENTIALS_PASSPHRASE", "DBUS_SESSION_BUS_ADDRESS",
	} {
		login.Env = append(login.Env, name+"="+ts.Getenv(name))
	}
	stderr, err := login.StderrPipe()
	ts.Check(err)
	ts.Check(login.Start())
	lines := bufio.NewScanner(stderr)
	var said []string
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		said = append(said, line)
		if !strings.HasPrefix(line, "http://") {
			continue
		}
		back, err := merchant.Consent(ctx, line, allow)
		ts.Check(err)
		response, err := http.Get(back.String())
		ts.Check(err)
		ts.Check(response.Body.Close())
	}
	if err := login.Wait(); err != nil {
		ts.Fatalf("merchant login: %v\n%s", err, strings.Join(said, "\n"))
	}
}
