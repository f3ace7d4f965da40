package realparts

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// machine is a user's account on a computer of its own: an empty home, and
// nothing of the environment of these tests.
type machine struct {
	t    *testing.T
	home string
	env  map[string]string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	home := t.TempDir()
	return &machine{t, home, map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": home, "LANG": "C.UTF-8", "TMPDIR": os.TempDir(),
		"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
		// Whatever would leave this machine, by a mistake of ours, meets a closed port.
		"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9",
	}}
}

// with is the same machine with more in the environment: names and values in
// turn.
func (m *machine) with(pairs ...string) *machine {
	other := *m
	other.env = map[string]string{}
	for name, value := range m.env {
		other.env[name] = value
	}
	for i := 0; i < len(pairs); i += 2 {
		other.env[pairs[i]] = pairs[i+1]
	}
	return &other
}

// outcome is what a user sees of a command.
type outcome struct {
	code           int
	stdout, stderr string
}

func (m *machine) command(ctx context.Context, program string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, program, args...)
	c.Dir = m.home
	for name, value := range m.env {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

func (m *machine) program() string {
	m.t.Helper()
	program, err := gobiz()
	if err != nil {
		m.t.Fatalf("build gobiz: %v", err)
	}
	return program
}

// gobiz runs a command to its end, with nobody at the keyboard.
func (m *machine) gobiz(args ...string) outcome {
	m.t.Helper()
	return m.run(m.t.Context(), "", m.program(), args...)
}

func (m *machine) run(ctx context.Context, stdin, program string, args ...string) outcome {
	m.t.Helper()
	var stdout, stderr bytes.Buffer
	c := m.command(ctx, program, args...)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		m.t.Errorf("%s: %v", filepath.Base(program), err)
		return outcome{-1, stdout.String(), stderr.String()}
	}
	return outcome{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// bound is how long a command may take when the keyring does not answer. It is
// a promise to the user, and the one time limit of these tests.
const bound = 4 * time.Second

// inBound runs a command, which must end within the bound.
func (m *machine) inBound(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	program := m.program()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	got := m.run(ctx, stdin, program, args...)
	if ctx.Err() != nil {
		t.Errorf("gobiz %s did not end within %v", strings.Join(args, " "), bound)
	}
	return got
}

// must runs a command that has to succeed, and gives what it prints.
func (m *machine) must(args ...string) string {
	m.t.Helper()
	got := m.gobiz(args...)
	if got.code != 0 {
		m.t.Fatalf("gobiz %s: exit %d\n%s", strings.Join(args, " "), got.code, got.stderr)
	}
	return strings.TrimSuffix(got.stdout, "\n")
}

// fails runs a command that has to fail with this exit code and all of these
// words on stderr.
func (m *machine) fails(code int, words []string, args ...string) {
	m.t.Helper()
	m.gobiz(args...).expect(m.t, code, words...)
}

func (o outcome) expect(t *testing.T, code int, words ...string) {
	t.Helper()
	if o.code != code || o.stdout != "" {
		t.Errorf("exit %d, want %d; stdout %q, stderr:\n%s", o.code, code, o.stdout, o.stderr)
	}
	for _, word := range words {
		if !strings.Contains(o.stderr, word) {
			t.Errorf("stderr does not say %q:\n%s", word, o.stderr)
		}
	}
}

// holds names the files below the home that hold a text.
func (m *machine) holds(text string) []string {
	m.t.Helper()
	var found []string
	err := filepath.WalkDir(m.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return found
}

// server is a GoBiz for the machine to talk to.
type server struct {
	sandbox.Info
	t       *testing.T
	control *sandbox.Control
}

func startServer(t *testing.T) *server {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &server{s.Info(), t, sandbox.NewControl(s.Info().ControlURL, nil)}
}

// requests is how often an operation was called.
func (s *server) requests(operation string) int {
	s.t.Helper()
	requests, err := s.control.Requests(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return requests.Counts[operation]
}

// environment is what a machine needs to log in at this server.
func (s *server) environment() []string {
	return []string{"GOBIZ_ENV", "local", "GOBIZ_API_URL", s.APIURL, "GOBIZ_OAUTH_URL", s.OAuthURL, "GOBIZ_CLIENT_ID", s.ClientID}
}

// waitingLogin is a `gobiz login` that waits for a merchant at a page.
type waitingLogin struct {
	t       *testing.T
	page    string // URL of the login page
	command *exec.Cmd
	said    <-chan string // all of stderr, at its end
}

// merchantLogin starts a merchant login and gives it back once it has printed
// the login page's URL.
func (m *machine) merchantLogin(args ...string) *waitingLogin {
	m.t.Helper()
	c := m.command(m.t.Context(), m.program(), append([]string{"login", "--grant", "authorization-code"}, args...)...)
	stderr, err := c.StderrPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		m.t.Fatal(err)
	}
	page, said := make(chan string, 1), make(chan string, 1)
	go func() {
		var all strings.Builder
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			all.WriteString(lines.Text() + "\n")
			if line := strings.TrimSpace(lines.Text()); strings.HasPrefix(line, "http") && strings.Contains(line, "/oauth2/auth?") {
				page <- line
			}
		}
		close(page)
		said <- all.String()
	}()
	login := &waitingLogin{m.t, <-page, c, said}
	if login.page == "" {
		m.t.Fatalf("the login ended without a page (%v):\n%s", c.Wait(), <-said)
	}
	return login
}

// end waits for the command to end by itself.
func (l *waitingLogin) end() outcome {
	l.t.Helper()
	stderr := <-l.said
	_ = l.command.Wait() // its exit code says it
	return outcome{l.command.ProcessState.ExitCode(), "", stderr}
}

// interrupt presses Ctrl-C.
func (l *waitingLogin) interrupt() outcome {
	l.t.Helper()
	if err := l.command.Process.Signal(os.Interrupt); err != nil {
		l.t.Fatal(err)
	}
	return l.end()
}
