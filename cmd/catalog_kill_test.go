//go:build !windows

package cmd_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A gate stands before a sandbox. Once it is armed it stops one request at a
// chosen point, for as long as it takes to kill the one who sent it.
type gate struct {
	*httptest.Server
	sandbox http.Handler
	armed   chan *trap // the trap, or nil
}

// A trap is the request to stop.
type trap struct {
	method  string // of catalog calls
	nth     int    // which of them, from 1
	point   string
	seen    int
	stopped chan struct{} // closed when the request has come to the point
	killed  chan struct{} // to be closed when the sender is dead
	over    chan struct{} // closed when the gate is done with it
}

// The points at which a gate stops a request.
const (
	beforeRequest = "before the sandbox has it"             // and it never comes there
	beforeEffect  = "before the sandbox has it, which does" // the sender dies, the request arrives
	beforeAnswer  = "before the answer"
	withinAnswer  = "within the answer"
)

func newGate(t *testing.T, apiURL string) *gate {
	t.Helper()
	target, err := url.Parse(apiURL)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{sandbox: httputil.NewSingleHostReverseProxy(target), armed: make(chan *trap, 1)}
	g.armed <- nil
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *gate) arm(method string, nth int, point string) *trap {
	<-g.armed
	a := &trap{method: method, nth: nth, point: point, stopped: make(chan struct{}), killed: make(chan struct{}), over: make(chan struct{})}
	g.armed <- a
	return a
}

// sprung gives the trap that a request goes into, if any.
func (g *gate) sprung(r *http.Request) (caught *trap) {
	a := <-g.armed
	if a != nil && r.Method == a.method && strings.HasSuffix(r.URL.Path, "/catalog") {
		if a.seen++; a.seen == a.nth {
			a, caught = nil, a
		}
	}
	g.armed <- a
	return caught
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	trap := g.sprung(r)
	if trap == nil {
		g.sandbox.ServeHTTP(w, r)
		return
	}
	defer close(trap.over)
	// The request outlives its sender.
	body, _ := io.ReadAll(r.Body)
	forward := httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body))
	forward.RequestURI, forward.Header, forward.Host = r.RequestURI, r.Header, r.Host
	answer := httptest.NewRecorder()
	if trap.point == beforeAnswer || trap.point == withinAnswer {
		g.sandbox.ServeHTTP(answer, forward)
	}
	if trap.point == withinAnswer {
		w.Header().Set("Content-Length", strconv.Itoa(answer.Body.Len()))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
		w.(http.Flusher).Flush()
	}
	close(trap.stopped)
	<-trap.killed
	if trap.point == beforeEffect {
		g.sandbox.ServeHTTP(answer, forward)
	}
	panic(http.ErrAbortHandler) // nobody is there for an answer
}

// pushAndKill starts a push, kills it with SIGKILL in the trap and waits until
// both are done with it.
func (a *trap) pushAndKill(t *testing.T, env map[string]string, args ...string) {
	t.Helper()
	c := exec.Command("gobiz", args...)
	var output bytes.Buffer
	c.Env, c.Dir, c.Stdout, c.Stderr = environ(env), env["HOME"], &output, &output
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	<-a.stopped
	kill(t, c)
	close(a.killed)
	<-a.over
}

func kill(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		t.Fatalf("not killed: %v", c.ProcessState)
	}
}

// merchantView is what `gobiz` says about the live menu, to compare.
func merchantView(t *testing.T, env map[string]string) string {
	t.Helper()
	return gobiz(t, env, "catalog", "pull", "G100000001", "--raw", "-f", "-")
}

// gobiz runs a command that must succeed, and gives what it prints.
func gobiz(t *testing.T, env map[string]string, args ...string) string {
	t.Helper()
	o := runProcess(t, env, args...)
	if o.code != 0 {
		t.Fatalf("gobiz %s: exit code %d\n%s", strings.Join(args, " "), o.code, o.stderr)
	}
	return o.stdout
}

// auditLog gives the results of the audit log.
func auditLog(t *testing.T, env map[string]string) (results []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(env["GOBIZ_STATE_DIR"], "audit.jsonl"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	lines, err := auditLines(string(text))
	if err != nil {
		t.Error(err)
	}
	for _, line := range lines {
		results = append(results, line.Result)
	}
	return results
}

const killedMenu = `menus: [{name: Mi, menu_items: [{external_id: MI-001, name: Bakmi Ayam, price: 29000, operational_hours: {every_day: "09:00-21:00"}}]}]`

// pushUser is somebody with a menu to push, through a gate.
func pushUser(t *testing.T) (*gate, map[string]string) {
	t.Helper()
	server, env := aSandbox(t)
	info := server.Info()
	g := newGate(t, info.APIURL)
	env["GOBIZ_API_URL"] = g.URL
	env["GOBIZ_CLIENT_ID"], env["GOBIZ_CLIENT_SECRET"] = info.ClientID, info.ClientSecret
	env["GOBIZ_STATE_DIR"] = filepath.Join(env["HOME"], "state")
	for name, menu := range map[string]string{"menu.yaml": killedMenu, "next.yaml": strings.Replace(killedMenu, "29000", "30000", 1)} {
		if err := os.WriteFile(filepath.Join(env["HOME"], name), []byte(menu), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return g, env
}

// TestPushKilled: whenever a push is killed, the live menu is the old or the new
// one, what was written down before can be read, and the next runs work.
func TestPushKilled(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name      string
		method    string // of the request that it is killed at
		nth       int
		point     string
		snapshots int
		written   bool
		log       []string // after a second push of the same file
	}{
		{"before the live menu is read", "GET", 1, beforeRequest, 0, false, []string{"pushed"}},
		{"before the snapshot", "GET", 1, beforeAnswer, 0, false, []string{"pushed"}},
		{"before the write", "PUT", 1, beforeRequest, 1, false, []string{"unknown", "pushed"}},
		{"during the write", "PUT", 1, beforeEffect, 1, true, []string{"unknown"}},
		{"after the write", "PUT", 1, beforeAnswer, 1, true, []string{"unknown"}},
		{"within the answer, before the audit line", "PUT", 1, withinAnswer, 1, true, []string{"unknown"}},
		{"after the audit line", "GET", 2, beforeRequest, 1, true, []string{"pushed"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g, env := pushUser(t)
			old := merchantView(t, env)
			g.arm(tt.method, tt.nth, tt.point).pushAndKill(t, env, "catalog", "push", "G100000001", "-f", "menu.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8", "--yes", "--wait")

			// The old menu or the new one, and nothing between.
			live := merchantView(t, env)
			status := gobiz(t, env, "catalog", "diff", "G100000001", "-f", "menu.yaml", "--jq", ".changes | length")
			if (live == old) == tt.written || (status == "0\n") != tt.written {
				t.Errorf("written: want %v; %s changes to the new menu, %s", tt.written, status, live)
			}
			checkHistory(t, env, tt.snapshots)

			// The same again, which the log tells of too.
			want := "pushed\n"
			if tt.written {
				want = "unchanged\n"
			}
			if status := gobiz(t, env, "catalog", "push", "G100000001", "-f", "menu.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8", "--yes", "--jq", ".results[0].status"); status != want {
				t.Errorf("the same push again: %q, want %q", status, want)
			}
			if results := auditLog(t, env); !slices.Equal(results, tt.log) {
				t.Errorf("the log has %q, want %q", results, tt.log)
			}

			// And the first menu comes back.
			gobiz(t, env, "catalog", "push", "G100000001", "-f", "next.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8", "--yes")
			first := strings.TrimSpace(gobiz(t, env, "catalog", "history", "G100000001", "--jq", ".[-1].id"))
			gobiz(t, env, "catalog", "rollback", "G100000001", "--to", first, "--yes")
			if merchantView(t, env) != old {
				t.Errorf("the rollback brought another menu")
			}
		})
	}
}

// TestPushKilledAtThePrompt kills a push that waits for consent.
func TestPushKilledAtThePrompt(t *testing.T) {
	t.Parallel()
	_, env := pushUser(t)
	old := merchantView(t, env)
	s := inTerminal(t, env, "catalog", "push", "G100000001", "-f", "menu.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8")
	s.expect(" changed)? [y/N] ")
	kill(t, s.process)
	if merchantView(t, env) != old {
		t.Errorf("another menu is live")
	}
	checkHistory(t, env, 0)
	gobiz(t, env, "catalog", "push", "G100000001", "-f", "menu.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8", "--yes")
	if results := auditLog(t, env); !slices.Equal(results, []string{"pushed"}) {
		t.Errorf("the log has %q", results)
	}
}

// TestPushKilledWithinTheSnapshot kills a push as soon as there is a file of its
// snapshot, whole or not. What is left is a snapshot or nothing, and in nobody's
// way.
func TestPushKilledWithinTheSnapshot(t *testing.T) {
	t.Parallel()
	g, env := pushUser(t)
	gobiz(t, env, "catalog", "push", "G100000001", "-f", "menu.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8", "--yes")
	path := strings.TrimSpace(gobiz(t, env, "catalog", "history", "G100000001", "--jq", ".[0].path"))
	folder := filepath.Dir(path)
	before := filesIn(t, folder)

	trap := g.arm("PUT", 1, beforeRequest)
	c := exec.Command("gobiz", "catalog", "push", "G100000001", "-f", "next.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8", "--yes")
	c.Env, c.Dir = environ(env), env["HOME"]
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for filesIn(t, folder) == before { // a push that is held at its write has one
		runtime.Gosched()
	}
	kill(t, c)
	close(trap.killed)
	checkWhole(t, env)
	gobiz(t, env, "catalog", "push", "G100000001", "-f", "next.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8", "--yes")
	checkWhole(t, env)

	// The file as it is before it has its name, cut off.
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(folder, ".20990101T000000.000Z-00000000.json.123.tmp")
	if err := os.WriteFile(half, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	checkWhole(t, env)
	gobiz(t, env, "catalog", "push", "G100000001", "-f", "menu.yaml", "--allow-deletes", "7", "--allow-variant-deletes", "8", "--yes")
	checkWhole(t, env)
}

func filesIn(t *testing.T, folder string) int {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// checkHistory holds the snapshots to a number, and each to be whole.
func checkHistory(t *testing.T, env map[string]string, want int) {
	t.Helper()
	if n := checkWhole(t, env); n != want {
		t.Errorf("%d snapshots, want %d", n, want)
	}
}

// checkWhole holds each snapshot to be whole, as a dry run of its rollback reads
// it, and counts them.
func checkWhole(t *testing.T, env map[string]string) int {
	t.Helper()
	ids := strings.Fields(gobiz(t, env, "catalog", "history", "G100000001", "--jq", ".[].id"))
	for _, id := range ids {
		gobiz(t, env, "catalog", "rollback", "G100000001", "--to", id, "--dry-run")
	}
	return len(ids)
}
