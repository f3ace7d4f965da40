package auth_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/config"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// TestMain lets the test binary play another gobiz process.
func TestMain(m *testing.M) {
	if os.Getenv("GOBIZ_TEST_PROCESS") != "" {
		os.Exit(anotherProcess())
	}
	os.Exit(m.Run())
}

// anotherProcess says that it is ready, waits for its standard input to end, and prints a merchant's token.
func anotherProcess() int {
	c, err := config.Load(config.Options{Getenv: os.Getenv})
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	settings, err := c.ResolveNew("")
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	source := auth.NewStored(settings, auth.Options{OpenStore: func() (credentials.Store, error) {
		return fileStore(c.StateDir()), nil
	}})
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	token, err := source.Token(context.Background(), "linkOutlet")
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	fmt.Println("token:", token)
	return 0
}

func fileStore(stateDir string) *credentials.File {
	return credentials.NewFile(filepath.Join(stateDir, "credentials"), func(context.Context, bool) (credentials.Secret, error) {
		return credentials.NewSecret("open sesame"), nil
	})
}

// process is one that is ready and waits for go.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	out   *bufio.Reader
}

func startProcess(t *testing.T, s *oauthServer, stateDir string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "GOBIZ_TEST_PROCESS=1", "GOBIZ_ENV=local", "GOBIZ_API_URL="+s.URL, "GOBIZ_OAUTH_URL="+s.URL,
		"GOBIZ_PROFILE=jakarta", "GOBIZ_STATE_DIR="+stateDir, "GOBIZ_CONFIG="+filepath.Join(stateDir, "config.yaml"))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, stdin: stdin, out: bufio.NewReader(stdout)}
	if line, _ := p.out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the process says %q", line)
	}
	return p
}

func (p *process) answer(t *testing.T) string {
	t.Helper()
	line, _ := p.out.ReadString('\n')
	_ = p.cmd.Wait()
	return strings.TrimSpace(line)
}

func expiredLogin(t *testing.T, s *oauthServer) (stateDir string) {
	t.Helper()
	stateDir = t.TempDir()
	if err := fileStore(stateDir).Save(t.Context(), "jakarta", s.record(time.Now(), config.AuthorizationCode)); err != nil {
		t.Fatal(err)
	}
	return stateDir
}

// Two refreshes with one refresh token would end the login: the server kills the family.
func TestProcessesRefreshOnce(t *testing.T) {
	s := newServer(t)
	dir := expiredLogin(t, s)
	var processes []*process
	for range 6 {
		processes = append(processes, startProcess(t, s, dir))
	}
	for _, p := range processes {
		_ = p.stdin.Close()
	}
	for i, p := range processes {
		if got := p.answer(t); got != "token: at-refresh_token-1" {
			t.Errorf("process %d says %q", i, got)
		}
	}
	if n := s.count("refresh_token"); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

// A process that dies in the middle of a refresh leaves no lock behind.
func TestProcessKilledInTheMiddle(t *testing.T) {
	s := newServer(t)
	dir := expiredLogin(t, s)
	arrived := make(chan struct{})
	first := true // guarded by the server's lock
	s.on(func(_ http.ResponseWriter, r *http.Request) bool {
		if !first {
			return false
		}
		first = false
		close(arrived)
		<-r.Context().Done() // until the process is dead
		return true
	})
	victim, heir := startProcess(t, s, dir), startProcess(t, s, dir)
	_ = victim.stdin.Close()
	<-arrived
	_ = heir.stdin.Close()
	if err := victim.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if got := heir.answer(t); got != "token: at-refresh_token-1" {
		t.Errorf("the other process says %q", got)
	}
	_ = victim.cmd.Wait()
}
