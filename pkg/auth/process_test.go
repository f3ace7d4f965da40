package auth_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// TestMain lets the test binary play another gobiz process.
func TestMain(m *testing.M) {
	if os.Getenv("GOBIZ_TEST_PROCESS") != "" {
		os.Exit(anotherProcess())
	}
	os.Exit(m.Run())
}

// anotherProcess says that it is ready, waits for its standard input to end, and prints a merchant's token. With
// GOBIZ_TEST_PROCESS=stuck it says "sending" and stops before its request leaves.
func anotherProcess() int {
	profile := auth.Profile{Name: "jakarta", OAuthURL: os.Getenv("GOBIZ_TEST_LOGIN_SERVER"), Grant: auth.GrantClientCredentials}
	dir := os.Getenv("GOBIZ_TEST_STATE")
	opts := auth.Options{StateDir: dir, OpenStore: func() (credentials.Store, error) { return fileStore(dir), nil }}
	if os.Getenv("GOBIZ_TEST_PROCESS") == "stuck" {
		opts.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			fmt.Println("sending")
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
	}
	source := auth.NewStored(profile, opts)
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

func startProcess(t *testing.T, kind, url, stateDir string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "GOBIZ_TEST_PROCESS="+kind, "GOBIZ_TEST_LOGIN_SERVER="+url, "GOBIZ_TEST_STATE="+stateDir)
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
	return &process{cmd: cmd, stdin: stdin, out: bufio.NewReader(stdout)}
}

func (p *process) expect(t *testing.T, want string) {
	t.Helper()
	if line, _ := p.out.ReadString('\n'); line != want+"\n" {
		t.Fatalf("the process says %q, want %q", line, want)
	}
}

func (p *process) start() { _ = p.stdin.Close() }

func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

func (p *process) answer() string {
	line, _ := p.out.ReadString('\n')
	_ = p.cmd.Wait()
	return strings.TrimSpace(line)
}

// crowd is many processes with one expired login.
func crowd(t *testing.T, n int, url, stateDir string) []*process {
	t.Helper()
	var processes []*process
	for range n {
		processes = append(processes, startProcess(t, "token", url, stateDir))
	}
	for _, p := range processes {
		p.expect(t, "ready")
	}
	return processes
}

// tally gives what the processes say, with how many say it.
func tally(processes []*process) map[string]int {
	got := map[string]int{}
	for _, p := range processes {
		got[p.answer()]++
	}
	return got
}

// loginServers are the two that a crowd meets: one of this package's tests, and the sandbox.
func loginServers(t *testing.T, rotates bool, test func(t *testing.T, f *front, record credentials.Record)) {
	t.Helper()
	t.Run("strict server", func(t *testing.T) {
		s := newServer(t)
		s.noRotation = !rotates
		f := newFront(t, s)
		record := s.record(time.Now(), auth.GrantAuthorizationCode)
		record.OAuthURL = f.URL
		test(t, f, record)
	})
	t.Run("sandbox", func(t *testing.T) {
		f := sandboxFront(t, sandbox.Switches{KeepRefreshToken: !rotates})
		test(t, f, f.merchantRecord(t))
	})
}

func keep(t *testing.T, record credentials.Record) (stateDir string) {
	t.Helper()
	stateDir = t.TempDir()
	if err := fileStore(stateDir).Save(t.Context(), "jakarta", record); err != nil {
		t.Fatal(err)
	}
	cheapen(t, fileStore(stateDir).Path())
	return stateDir
}

// cheapen encrypts a credential file again with a key that costs little memory: twenty processes with the race
// detector would need some gigabytes. A store keeps the cost that it finds in the file.
func cheapen(t *testing.T, path string) {
	t.Helper()
	var file struct {
		Format string `json:"format"`
		KDF    struct {
			Name      string `json:"name"`
			Time      uint32 `json:"time"`
			MemoryKiB uint32 `json:"memory_kib"`
			Threads   uint8  `json:"threads"`
			Salt      []byte `json:"salt"`
		} `json:"kdf"`
		Nonce []byte `json:"nonce"`
		Box   []byte `json:"box"`
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	key := func() *[32]byte {
		k := file.KDF
		return (*[32]byte)(argon2.IDKey([]byte("open sesame"), k.Salt, k.Time, k.MemoryKiB, k.Threads, 32))
	}
	plain, ok := secretbox.Open(nil, file.Box, (*[24]byte)(file.Nonce), key())
	if !ok {
		t.Fatal("the credential file does not open")
	}
	file.KDF.MemoryKiB, file.KDF.Threads = 64, 1
	file.Box = secretbox.Seal(nil, plain, (*[24]byte)(file.Nonce), key())
	if data, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// storedToken is the merchant's token that the processes left.
func storedToken(t *testing.T, stateDir string) credentials.Token {
	t.Helper()
	record, err := fileStore(stateDir).Load(t.Context(), "jakarta")
	if err != nil {
		t.Fatal(err)
	}
	return record.Tokens[string(auth.GrantAuthorizationCode)]
}

const crowdSize = 20

// Two refreshes with one refresh token would end the login: the server kills the family.
func TestProcessesRefreshOnce(t *testing.T) {
	loginServers(t, true, func(t *testing.T, f *front, record credentials.Record) {
		dir := keep(t, record)
		processes := crowd(t, crowdSize, f.URL, dir)
		for _, p := range processes {
			p.start()
		}
		got := tally(processes)
		token := storedToken(t, dir)
		if got["token: "+token.AccessToken.Reveal()] != crowdSize {
			t.Errorf("the processes say %v, want the one token that is stored", got)
		}
		if n := f.count(); n != 1 {
			t.Errorf("%d refreshes, want 1", n)
		}
		if !token.Renewing.IsZero() {
			t.Error("the stored token is still marked as being renewed")
		}
	})
}

// A process is killed while it holds the lock, before its request leaves: the others take over.
func TestProcessKilledBeforeTheRequest(t *testing.T) {
	loginServers(t, true, func(t *testing.T, f *front, record credentials.Record) {
		dir := keep(t, record)
		processes := crowd(t, crowdSize-1, f.URL, dir)
		victim := startProcess(t, "stuck", f.URL, dir)
		victim.expect(t, "ready")
		victim.start()
		victim.expect(t, "sending")
		for _, p := range processes {
			p.start()
		}
		if storedToken(t, dir).Renewing.IsZero() {
			t.Error("the login is not marked before the refresh token is sent")
		}
		victim.kill(t)
		got := tally(processes)
		if token := storedToken(t, dir); got["token: "+token.AccessToken.Reveal()] != crowdSize-1 || !token.Renewing.IsZero() {
			t.Errorf("the processes say %v", got)
		}
		if n := f.count(); n != 1 {
			t.Errorf("%d refreshes, want 1", n)
		}
	})
}

// A process is killed while the answer is on its way. A server that keeps refresh tokens takes the old one again.
func TestProcessKilledBeforeTheAnswer(t *testing.T) {
	loginServers(t, false, func(t *testing.T, f *front, record credentials.Record) {
		dir := keep(t, record)
		arrived := f.losesTheAnswer()
		processes := crowd(t, crowdSize-1, f.URL, dir)
		victim := startProcess(t, "token", f.URL, dir)
		victim.expect(t, "ready")
		victim.start()
		<-arrived
		for _, p := range processes {
			p.start()
		}
		victim.kill(t)
		got := tally(processes)
		if token := storedToken(t, dir); got["token: "+token.AccessToken.Reveal()] != crowdSize-1 || !token.Renewing.IsZero() {
			t.Errorf("the processes say %v", got)
		}
		if n := f.count(); n != 2 {
			t.Errorf("%d refreshes, want 2: the lost one and one more", n)
		}
	})
}

// The same at a server that rotates: the new refresh token died with the process. Nobody can bring it back, but all
// others say what happened, after one try.
func TestProcessKilledAfterTheRotation(t *testing.T) {
	loginServers(t, true, func(t *testing.T, f *front, record credentials.Record) {
		dir := keep(t, record)
		arrived := f.losesTheAnswer()
		const others = 5
		processes := crowd(t, others, f.URL, dir)
		victim := startProcess(t, "token", f.URL, dir)
		victim.expect(t, "ready")
		victim.start()
		<-arrived
		for _, p := range processes {
			p.start()
		}
		victim.kill(t)
		n := 0
		for text, count := range tally(processes) {
			if strings.HasPrefix(text, "error: login interrupted while it was renewed") {
				n += count
			} else {
				t.Errorf("a process says %q", text)
			}
		}
		if n != others {
			t.Errorf("%d of %d processes say what happened", n, others)
		}
		if n := f.count(); n != 2 {
			t.Errorf("%d refreshes, want 2: the lost one and one try", n)
		}
	})
}
