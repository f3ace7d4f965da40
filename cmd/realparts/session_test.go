package realparts

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// services are the programs that a D-Bus session starts when somebody asks for
// them: a bus name and its shell command.
type services map[string]string

const (
	secretService = "org.freedesktop.secrets"
	prompter      = "org.gnome.keyring.SystemPrompter"

	lockedKeyring   = "exec gnome-keyring-daemon --foreground --components=secrets"
	unlockedKeyring = "printf %s login-password | gnome-keyring-daemon --foreground --unlock --components=secrets"

	// unseenPrompt is a dialog on a display that nobody looks at. It ends with the session.
	unseenPrompt = "exec tail --pid=$PPID --sleep-interval=0.1 -f /dev/null"
)

const sessionConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%[1]s/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>%[1]s/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// session opens a login session on the machine, with a D-Bus of its own that
// offers these services and no others. The bus starts a service at its first
// use and makes the caller wait for it, so there is nothing to poll for.
func (m *machine) session(t *testing.T, offered services) *machine {
	t.Helper()
	runtime := shortTempDir(t)
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(runtime, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(runtime, "services"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, command := range offered {
		write(filepath.Join("services", name+".service"), fmt.Sprintf("[D-BUS Service]\nName=%s\nExec=/bin/sh -c '%s'\n", name, command))
	}
	write("session.conf", fmt.Sprintf(sessionConfig, runtime))

	inside := m.with("XDG_RUNTIME_DIR", runtime)
	inside.t = t
	bus := inside.command(t.Context(), "dbus-daemon", "--config-file="+filepath.Join(runtime, "session.conf"), "--nofork", "--print-address")
	// The services write to the bus's stderr, so Wait returns when they have ended as well.
	var said bytes.Buffer
	bus.Stderr = &said
	bus.WaitDelay = 10 * time.Second
	stdout, err := bus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeSession(t, bus, &said) })
	address := bufio.NewScanner(stdout)
	if !address.Scan() {
		t.Fatal("the D-Bus daemon did not start")
	}
	inside.env["DBUS_SESSION_BUS_ADDRESS"] = address.Text()
	return inside
}

func closeSession(t *testing.T, bus *exec.Cmd, said *bytes.Buffer) {
	_ = bus.Process.Kill()
	_ = bus.Wait()
	if t.Failed() {
		t.Logf("D-Bus session:\n%s", said)
	}
}

// shortTempDir has room for a socket's name, which t.TempDir may not.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "gobiz") // mode 0700
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
