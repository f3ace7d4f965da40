package realparts

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/cmd"
)

// wayOn is what every message about a keyring that cannot be used has to say.
var wayOn = []string{"hint: ", "--credential-store file", "GOBIZ_CLIENT_SECRET"}

// need is what a command wants of the keyring.
type need int

const (
	keyring need = iota // ends with exit code 3 and says the way on
	reports             // so, and prints a report
	goesOn              // asks, and does without it
	nothing             // never asks the keyring
	serves              // runs until it is stopped
)

// commands is every command of gobiz, with arguments that bring it to the point
// where it would need a login.
var commands = []struct {
	name string
	need need
	args []string
}{
	{"login", keyring, []string{"--client-secret-stdin"}},
	{"login", keyring, []string{"--grant", "authorization-code", "--print-url", "--client-secret-stdin"}},
	{"login", keyring, []string{"--complete", "http://127.0.0.1:8400/callback?code=a-code&state=a-state"}},
	{"logout", keyring, nil},
	{"status", goesOn, nil},
	{"doctor", reports, nil},
	{"token", keyring, nil},
	{"token-info", keyring, nil},
	{"link", keyring, []string{"G100000001"}},
	{"unlink", keyring, []string{"G100000001"}},
	{"profile list", nothing, nil},
	{"profile use", nothing, []string{"default"}},
	{"profile show", nothing, nil},
	{"profile set", nothing, []string{"default", "grant=client_credentials"}},
	{"profile set-secret", keyring, []string{"client"}},
	{"profile remove", goesOn, []string{"default", "--yes", "--force"}},
	{"outlets list", keyring, nil},
	{"outlets show", keyring, []string{"G100000001"}},
	{"catalog pull", keyring, []string{"G100000001"}},
	{"catalog diff", keyring, []string{"G100000001", "-f", "menu.yaml"}},
	{"catalog push", keyring, []string{"G100000001", "-f", "menu.yaml", "--yes"}},
	{"catalog history", nothing, []string{"G100000001"}},
	{"catalog rollback", nothing, []string{"G100000001", "--yes"}}, // there is no snapshot
	{"catalog audit", keyring, []string{"G100000001"}},
	{"catalog validate", nothing, []string{"menu.yaml"}},
	{"catalog schema", nothing, nil},
	{"catalog new", nothing, []string{"-f", "-"}},
	{"notifications list", keyring, []string{"--entity", "F-1"}},
	{"webhook events", nothing, nil},
	{"webhook listen", keyring, []string{"--port", "0"}},
	{"webhook verify", keyring, []string{"-", "--signature", "00"}},
	{"webhook explain", nothing, []string{"menu.yaml"}},
	{"webhook sign", keyring, []string{"-"}},
	{"webhook trigger", keyring, []string{"gofood.order.placed", "--to", "http://127.0.0.1:9/hook"}},
	{"webhook replay", nothing, []string{"-", "--to", "http://127.0.0.1:9/hook"}},
	{"api", keyring, []string{"GET", "/integrations/partner/v1/linked-outlets"}},
	{"completion", nothing, []string{"bash"}},
	{"version", nothing, nil},
	{"demo", serves, nil},
	{"sandbox start", serves, nil},
	{"sandbox state", nothing, nil},
	{"sandbox reset", nothing, nil},
	{"sandbox token", nothing, nil},
	{"sandbox order create", nothing, nil},
	{"sandbox order advance", nothing, []string{"F-1"}},
	{"sandbox order cancel", nothing, []string{"F-1"}},
	{"subscriptions add", keyring, []string{"gofood.order.created", "--url", "https://example.com/hook"}},
	{"subscriptions list", keyring, nil},
	{"subscriptions update", keyring, []string{"7b63bf24-2166-484f-8a05-daf295ae8baf", "--inactive"}},
	{"subscriptions sync", keyring, []string{"-f", "subscriptions.yaml", "--yes"}},
	{"subscriptions delete", keyring, []string{"7b63bf24-2166-484f-8a05-daf295ae8baf", "--yes"}},
}

// A D-Bus socket that accepts and never answers, as a desktop's that hangs:
// every command ends all the same.
func TestSilentBus(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has its keyring behind D-Bus")
	}
	s := startServer(t)
	for _, c := range leaves(cmd.Tree()) {
		known := false
		for _, command := range commands {
			known = known || command.name == c
		}
		if !known {
			t.Errorf("add 'gobiz %s' to the table of commands: does it need the keyring?", c)
		}
	}
	template := newMachine(t)
	template.must("profile", "set", "default", "environment=local", "api_url="+s.APIURL, "oauth_url="+s.OAuthURL, "client_id="+s.ClientID)
	if err := os.WriteFile(filepath.Join(template.home, "menu.yaml"), []byte("menus: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(template.home, "subscriptions.yaml"), []byte("subscriptions: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// They wait most of the time, so many wait at once; not all, since each starts within its own bound.
	var waiting sync.WaitGroup
	atOnce := make(chan struct{}, 12)
	for _, command := range commands {
		if command.need == serves {
			continue
		}
		bus, accepted := silentBus(t)
		// Each has its own home: one that waits for the keyring may hold the profile's lock.
		m := newMachine(t).with("DBUS_SESSION_BUS_ADDRESS", "unix:path="+bus)
		if err := os.CopyFS(m.home, os.DirFS(template.home)); err != nil {
			t.Fatal(err)
		}
		waiting.Go(func() {
			atOnce <- struct{}{}
			got := m.inBound(t, "secret", append(strings.Fields(command.name), command.args...)...)
			<-atOnce
			if problem := judge(command.need, got, accepted()); problem != "" {
				t.Errorf("gobiz %s %q: %s; exit %d, stdout %q, stderr:\n%s", command.name, command.args, problem, got.code, got.stdout, got.stderr)
			}
		})
	}
	waiting.Wait()
	t.Run("nothing stored is needed", func(t *testing.T) {
		bus, accepted := silentBus(t)
		m := newMachine(t).with("DBUS_SESSION_BUS_ADDRESS", "unix:path="+bus)
		ci := m.with(s.environment()...).with("GOBIZ_CLIENT_SECRET", s.ClientSecret)
		if got := ci.must("outlets", "list", "--jq", "length"); got != "3" {
			t.Errorf("outlets list shows %s outlets", got)
		}
		filed := m.with(s.environment()...).with("GOBIZ_CREDENTIALS_PASSPHRASE", "open sesame").
			run(t.Context(), s.ClientSecret, m.program(), "login", "--credential-store", "file", "--client-secret-stdin")
		if filed.code != 0 || !strings.Contains(filed.stderr, "secrets are in the encrypted file") {
			t.Errorf("login with the file store: exit %d\n%s", filed.code, filed.stderr)
		}
		if n := accepted(); n != 0 {
			t.Errorf("%d connections to the keyring", n)
		}
	})
}

// judge says what is wrong with how a command ended that met a silent bus.
func judge(need need, got outcome, asked int) string {
	const why = "keyring not available: no answer within"
	for _, word := range append(slices.Clone(wayOn), why) {
		if need == keyring && !strings.Contains(got.stderr, word) {
			return fmt.Sprintf("stderr does not say %q", word)
		}
	}
	switch {
	case need == keyring && (got.code != 3 || got.stdout != ""):
		return "want exit 3 and nothing on stdout"
	case need == reports && (got.code != 3 || !strings.Contains(got.stdout, why) || !strings.Contains(got.stderr, "--credential-store file")):
		return "want exit 3, a report, and the way on"
	case need == goesOn && (got.code != 0 || !strings.Contains(got.stderr, why)):
		return "want exit 0 and a note"
	case need == nothing && (asked > 0 || got.code == -1 || strings.Contains(got.stderr, "keyring")):
		return fmt.Sprintf("the keyring was asked %d times, although nothing of it is needed", asked)
	case need != nothing && asked != 1:
		return fmt.Sprintf("the keyring was asked %d times; one that does not answer is asked once", asked)
	}
	return ""
}

// leaves are the command lines that do something.
func leaves(c *cobra.Command) []string {
	if !c.HasSubCommands() {
		_, name, _ := strings.Cut(c.CommandPath(), " ")
		return []string{name}
	}
	var names []string
	for _, child := range c.Commands() {
		if child.Name() != "help" && !child.Hidden {
			names = append(names, leaves(child)...)
		}
	}
	return names
}

// silentBus accepts connections, reads, and never writes. It tells how many
// there were.
func silentBus(t *testing.T) (path string, accepted func() int) {
	t.Helper()
	path = filepath.Join(shortTempDir(t), "bus")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	var n atomic.Int32
	go func() {
		var open []net.Conn
		for {
			connection, err := listener.Accept()
			if err != nil {
				break
			}
			open = append(open, connection)
			n.Add(1)
		}
		for _, connection := range open {
			connection.Close()
		}
	}()
	return path, func() int { return int(n.Load()) }
}
