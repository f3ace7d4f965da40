package cmd_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestNothingIsTouched runs what must work on any machine at once: no file is
// written, no server, proxy or keyring is asked. Whatever a connection could go
// to is a listener of this test, which counts.
func TestNothingIsTouched(t *testing.T) {
	t.Parallel()
	body := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(body, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{},
		{"--help"},
		{"--version"},
		{"version", "-o", "json"},
		{"help", "environment"},
		{"catalog", "push", "--help"},
		{"completion", "bash"},
		{"completion", "fish"},
		{"__complete", "catalog", ""},
		{"__complete", "outlets", "list", "--output", ""},
		{"webhook", "sign", body},
		{"webhook", "trigger", "gofood.order.placed", "--print", "-v"},
		{"webhook", "verify", body, "--signature", "c1f00565ac429b88abdb580d38a96a5dab2829854942ec1d37dd6bde736e0945"},
		{"frobnicate"},
	} {
		t.Run(strings.Join(args[:min(2, len(args))], " "), func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			server, accepted := countingListener(t, "tcp", "127.0.0.1:0")
			env := map[string]string{
				"HOME": home, "USERPROFILE": home, "AppData": home, "LocalAppData": home,
				"GOBIZ_ENV": "local", "GOBIZ_API_URL": "http://" + server, "GOBIZ_OAUTH_URL": "http://" + server,
				"GOBIZ_CLIENT_ID": "my-app", "GOBIZ_CLIENT_SECRET": "made-up", "GOBIZ_NOTIFICATION_SECRET": "relay-secret-for-tests-001",
				"HTTP_PROXY": "http://" + server, "HTTPS_PROXY": "http://" + server,
			}
			askedKeyring := func() int { return 0 }
			if runtime.GOOS == "linux" {
				var bus string
				bus, askedKeyring = countingListener(t, "unix", filepath.Join(shortTempDir(t), "bus"))
				env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + bus
			}
			var stderr bytes.Buffer
			c := exec.Command("gobiz", args...)
			c.Env, c.Dir, c.Stderr = environ(env), home, &stderr
			out, err := c.Output()
			want := 0
			if len(args) > 0 && args[0] == "frobnicate" {
				want = 2
			}
			if code := c.ProcessState.ExitCode(); code != want || want == 0 && len(out) == 0 {
				t.Errorf("exit code %d (%v), %d bytes on stdout: %s", code, err, len(out), &stderr)
			}
			if n := accepted(); n != 0 {
				t.Errorf("%d connections to a server", n)
			}
			if n := askedKeyring(); n != 0 {
				t.Errorf("%d connections to the keyring", n)
			}
			entries, err := os.ReadDir(home)
			if err != nil || len(entries) > 0 {
				t.Errorf("HOME holds %v (%v)", entries, err)
			}
		})
	}
}

// countingListener accepts connections, closes them, and tells how many there
// were. The count ends the listener.
func countingListener(t *testing.T, network, address string) (string, func() int) {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	total := make(chan int)
	go func() {
		n := 0
		for {
			connection, err := listener.Accept()
			if err != nil {
				total <- n
				return
			}
			n++
			connection.Close()
		}
	}()
	return listener.Addr().String(), func() int {
		// A connection of our own comes behind all that wait in the queue.
		last, err := net.Dial(network, listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = last.Read(make([]byte, 1)) // until it was accepted and closed
		last.Close()
		listener.Close()
		return <-total - 1
	}
}

// shortTempDir gives a folder whose path fits into the address of a unix socket.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gobiz")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
