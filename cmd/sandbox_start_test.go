//go:build !windows

package cmd_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// sandboxProcess is a running `gobiz sandbox start --json`.
type sandboxProcess struct {
	*exec.Cmd
	line   string // the first of stdout
	rest   *bufio.Reader
	stderr *bytes.Buffer
	info   struct {
		APIURL             string `json:"api_url"`
		OAuthURL           string `json:"oauth_url"`
		ControlURL         string `json:"control_url"`
		PageURL            string `json:"page_url"`
		ClientID           string `json:"client_id"`
		ClientSecret       string `json:"client_secret"`
		NotificationSecret string `json:"notification_secret"`
	}
}

func startSandboxProcess(t *testing.T, args ...string) *sandboxProcess {
	t.Helper()
	p := &sandboxProcess{Cmd: exec.Command("gobiz", append([]string{"sandbox", "start", "--port", "0", "--json"}, args...)...), stderr: new(bytes.Buffer)}
	p.Env, p.Dir, p.Stderr = environ(map[string]string{"HOME": t.TempDir()}), t.TempDir(), p.stderr
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
	p.rest = bufio.NewReader(stdout)
	if p.line, err = p.rest.ReadString('\n'); err != nil {
		t.Fatalf("no line on stdout: %v\n%s", err, p.stderr)
	}
	if err := json.Unmarshal([]byte(p.line), &p.info); err != nil {
		t.Fatalf("%v: %s", err, p.line)
	}
	return p
}

// stop ends the process as Ctrl-C does and gives what it still printed.
func (p *sandboxProcess) stop(t *testing.T) string {
	t.Helper()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(p.rest)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("Ctrl-C is the ordinary end of a sandbox: %v\n%s", err, p.stderr)
	}
	return string(rest)
}

// environment is what a user exports.
func (p *sandboxProcess) environment(t *testing.T) map[string]string {
	return map[string]string{
		"HOME": t.TempDir(), "GOBIZ_ENV": "local", "GOBIZ_API_URL": p.info.APIURL, "GOBIZ_OAUTH_URL": p.info.OAuthURL,
		"GOBIZ_CLIENT_ID": p.info.ClientID, "GOBIZ_CLIENT_SECRET": p.info.ClientSecret,
	}
}

func TestSandboxStart(t *testing.T) {
	t.Parallel()
	p := startSandboxProcess(t)

	// One line, and what scripts read from it.
	keys, err := keysOf([]byte(p.line))
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"api_url", "oauth_url", "control_url", "page_url", "client_id", "client_secret", "notification_secret", "outlets", "users"} {
		if !slices.Contains(keys, key) {
			t.Errorf("no key %s in %s", key, p.line)
		}
	}
	var lists struct {
		Outlets []struct{ ID string }
		Users   []struct{ Phone, OTP string }
	}
	if err := json.Unmarshal([]byte(p.line), &lists); err != nil {
		t.Fatal(err)
	}
	if len(lists.Outlets) < 3 || lists.Outlets[0].ID == "" || len(lists.Users) == 0 || lists.Users[0].Phone == "" || lists.Users[0].OTP == "" {
		t.Errorf("outlets and users are %+v", lists)
	}

	// It accepts requests from the moment the line is there.
	response, err := http.Get(p.info.APIURL + "/health")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("GET /health: %d", response.StatusCode)
	}
	if o := run(p.environment(t), "outlets", "list", "--jq", "length"); o.code != 0 || o.stdout != "3\n" {
		t.Errorf("outlets list: %+v", o)
	}

	// A second one on the same port is told about it.
	port := p.info.APIURL[strings.LastIndex(p.info.APIURL, ":")+1:]
	o := run(nil, "sandbox", "start", "--port", port)
	if o.code != 1 || o.stdout != "" || !strings.Contains(o.stderr, "port "+port+" is in use") || !strings.Contains(o.stderr, "hint: ") {
		t.Errorf("second start: %+v", o)
	}

	if rest := p.stop(t); rest != "" || p.stderr.Len() > 0 {
		t.Errorf("more than one line: %q %q", rest, p.stderr)
	}
}

// TestSandboxStateSurvivesKill pushes a menu, kills the sandbox, and finds the
// menu in the next one.
func TestSandboxStateSurvivesKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	state, menu := filepath.Join(dir, "sandbox.db"), filepath.Join(dir, "menu.yaml")
	const source = `menus: [{name: Mi, menu_items: [{external_id: MI-900, name: Bakmi Baru, price: 31000}]}]`
	if err := os.WriteFile(menu, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	first := startSandboxProcess(t, "--state", state, "--catalog-delay", "0")
	if o := run(first.environment(t), "catalog", "push", "G100000001", "-f", menu, "--allow-deletes", "8", "--allow-variant-deletes", "8", "--yes"); o.code != 0 {
		t.Fatalf("push: %+v", o)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := first.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("killed: %v", err)
	}
	info, err := os.Stat(state)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("state file: %v %v", info, err)
	}

	second := startSandboxProcess(t, "--state", state)
	o := run(second.environment(t), "catalog", "pull", "G100000001", "-f", "-", "--jq", ".menus[].menu_items[].name")
	if o.stdout != "Bakmi Baru\n" {
		t.Errorf("pull: %+v", o)
	}
	second.stop(t)
}

// TestSandboxOnTwoPorts has the OAuth server on a port of its own: what is
// configured right works, and hosts that are mixed up are noticed.
func TestSandboxOnTwoPorts(t *testing.T) {
	t.Parallel()
	p := startSandboxProcess(t, "--oauth-port", "0")
	if p.info.APIURL == p.info.OAuthURL {
		t.Fatalf("both are %s", p.info.APIURL)
	}
	env := p.environment(t)
	if o := run(env, "outlets", "list", "--jq", "length"); o.code != 0 || o.stdout != "3\n" {
		t.Errorf("outlets list: %+v", o)
	}
	token := run(env, "sandbox", "token")
	env["GOBIZ_ACCESS_TOKEN"] = strings.TrimSpace(token.stdout)
	if o := run(env, "token-info", "--jq", ".outlets | length"); token.code != 0 || o.code != 0 || o.stdout != "4\n" {
		t.Errorf("token %+v, token-info %+v", token, o)
	}
	delete(env, "GOBIZ_ACCESS_TOKEN")
	env["GOBIZ_API_URL"], env["GOBIZ_OAUTH_URL"] = p.info.OAuthURL, p.info.APIURL
	if o := run(env, "outlets", "list"); o.code == 0 || !strings.Contains(o.stderr, "404") {
		t.Errorf("mixed up: %+v", o)
	}
	port := p.info.OAuthURL[strings.LastIndex(p.info.OAuthURL, ":")+1:]
	if o := run(nil, "sandbox", "start", "--port", "0", "--oauth-port", port); o.code != 1 || !strings.Contains(o.stderr, "port "+port+" is in use") {
		t.Errorf("a taken port: %+v", o)
	}
	if o := run(nil, "sandbox", "start", "--port", port, "--oauth-port", port); o.code != 2 || !strings.Contains(o.stderr, "are both "+port) {
		t.Errorf("one port for both: %+v", o)
	}
	if o := run(nil, "sandbox", "start", "--port", "0", "--bind", "203.0.113.9"); o.code != 2 || !strings.Contains(o.stderr, "--bind 203.0.113.9 is no address of this machine") {
		t.Errorf("an address of another machine: %+v", o)
	}
	if o := run(nil, "sandbox", "start", "--bind", "sandbox"); o.code != 2 || !strings.Contains(o.stderr, `--bind "sandbox" is not an address`) {
		t.Errorf("a name to bind to: %+v", o)
	}
}

// TestSandboxForContainers listens on all addresses: it says what that means,
// and answers to the names it is told.
func TestSandboxForContainers(t *testing.T) {
	t.Parallel()
	p := startSandboxProcess(t, "--bind", "0.0.0.0", "--allow-host", "sandbox")
	if !strings.HasPrefix(p.info.APIURL, "http://127.0.0.1:") {
		t.Errorf("the API is at %s", p.info.APIURL)
	}
	for host, want := range map[string]int{"sandbox": 200, "SANDBOX:8765": 200, "localhost": 200, "127.0.0.1": 200, "evil.example.test": 403, "192.0.2.1": 403} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.info.ControlURL+"/info", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("host %s: %d, want %d", host, response.StatusCode, want)
		}
	}
	p.stop(t)
	if want := "everybody who reaches 0.0.0.0 may control this sandbox"; !strings.Contains(p.stderr.String(), want) {
		t.Errorf("stderr %q, want %q", p.stderr, want)
	}
}
