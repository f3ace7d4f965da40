package config_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/filelock"
)

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestEditKeepsWhatTheUserWrote(t *testing.T) {
	path := writeConfig(t, `# shops of the south
current_profile: jakarta # the big one
profiles:
  jakarta:
    # asked for in March
    client_id: "0123"
    environment: sandbox # not yet live
    scopes:
      - gofood:catalog:read
  Bali.Kuta:
    environment: production
`)
	c := load(t, config.Options{Path: path})
	err := c.Edit(t.Context(), func(e *config.Editor) error {
		if err := e.SetCurrent("Bali.Kuta"); err != nil {
			return err
		}
		return e.PutProfile("jakarta", config.Profile{
			config.KeyEnvironment: "production",
			config.KeyScopes:      "gofood:catalog:read gofood:order:read",
			config.KeyGrant:       "authorization-code",
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `# shops of the south
current_profile: Bali.Kuta # the big one
profiles:
  jakarta:
    # asked for in March
    client_id: "0123"
    environment: production # not yet live
    scopes:
      - gofood:catalog:read
      - gofood:order:read
    grant: authorization_code
  Bali.Kuta:
    environment: production
`
	if got := read(t, path); got != want {
		t.Errorf("the file is now\n%s\nwant\n%s", got, want)
	}
	if got := c.CurrentProfile(); got != "Bali.Kuta" {
		t.Errorf("the configuration in memory still says %s", got)
	}
}

func TestEditRefusesKeysOfANewerVersion(t *testing.T) {
	// A newer version's key stops this version from reading, so it must also stop it from writing.
	content := "future: {a: 1}\n"
	path := writeConfig(t, "")
	c := load(t, config.Options{Path: path})
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	err := c.Edit(t.Context(), func(e *config.Editor) error { return e.PutProfile("a", config.Profile{}) })
	if err == nil || !strings.Contains(err.Error(), "unknown key") {
		t.Errorf("got %v", err)
	}
	if got := read(t, path); got != content {
		t.Errorf("the file was changed to %s", got)
	}
}

func TestEditNewFile(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, "new", "gobiz", "config.yaml")
	c := load(t, config.Options{Path: path})
	err := c.Edit(t.Context(), func(e *config.Editor) error {
		if err := e.PutProfile("on", config.Profile{config.KeyClientID: "007", config.KeyEnvironment: "local"}); err != nil {
			return err
		}
		return e.SetCurrent("on")
	})
	if err != nil {
		t.Fatal(err)
	}
	s := resolve(t, config.Options{Path: path})
	if s.Profile != "on" || s.ClientID != "007" || s.Environment != config.Local {
		t.Errorf("read back %+v from\n%s", s, read(t, path))
	}
	for path, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want && runtime.GOOS != "windows" {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 2 || entries[1].Name() != "config.yaml.lock" {
		t.Errorf("the folder holds %v (%v), want the file and its lock", entries, err)
	}
}

func TestEditRefused(t *testing.T) {
	content := "current_profile: a\nprofiles:\n  a: {}\n"
	path := writeConfig(t, content)
	c := load(t, config.Options{Path: path})
	for name, values := range map[string]config.Profile{
		"a":   {config.KeyEnvironment: "moon"},
		"b":   {config.KeyClientSecret: "hunter2"},
		"c":   {"colour": "red"},
		"d/e": {},
	} {
		err := c.Edit(t.Context(), func(e *config.Editor) error { return e.PutProfile(name, values) })
		if !errors.Is(err, config.ErrInvalid) {
			t.Errorf("%s %v gives %v", name, values, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Error("the error shows a secret")
		}
	}
	if got := read(t, path); got != content {
		t.Errorf("the file was changed to %s", got)
	}
}

func TestRemoveProfile(t *testing.T) {
	path := writeConfig(t, "current_profile: a\nprofiles:\n  a:\n    api: partner\n  b:\n    api: enterprise\n")
	c := load(t, config.Options{Path: path})
	removed := map[string]bool{}
	err := c.Edit(t.Context(), func(e *config.Editor) error {
		removed["a"], removed["z"] = e.RemoveProfile("a"), e.RemoveProfile("z")
		return nil
	})
	if err != nil || !removed["a"] || removed["z"] {
		t.Errorf("got %v, %v", removed, err)
	}
	if got := read(t, path); got != "profiles:\n  b:\n    api: enterprise\n" {
		t.Errorf("the file is now %s", got)
	}
}

func TestEditFollowsLink(t *testing.T) {
	real := writeConfig(t, "profiles: {}\n")
	link := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.Symlink(real, link); err != nil {
		if runtime.GOOS == "windows" {
			return // needs a privilege there
		}
		t.Fatal(err)
	}
	c := load(t, config.Options{Path: link})
	if err := c.Edit(t.Context(), func(e *config.Editor) error { return e.PutProfile("a", config.Profile{config.KeyAPI: "partner"}) }); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became a file (%v)", err)
	}
	if !strings.Contains(read(t, real), "partner") {
		t.Error("the linked file was not changed")
	}
}

// Readers during edits see a whole file, and no edit is lost, whichever link it
// came by.
func TestConcurrentEdits(t *testing.T) {
	path := writeConfig(t, "profiles: {}\n")
	link := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.Symlink(path, link); err != nil && runtime.GOOS == "windows" {
		link = path // links need a privilege there
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			name := fmt.Sprintf("p%d", i)
			for range 5 {
				c, err := config.Load(config.Options{Path: []string{path, link}[i%2], Getenv: env(t)})
				if err != nil {
					t.Error(err)
					return
				}
				err = c.Edit(t.Context(), func(e *config.Editor) error {
					return e.PutProfile(name, config.Profile{config.KeyClientID: strings.Repeat(name, 50)})
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if c := load(t, config.Options{Path: path}); len(c.Profiles()) != 8 {
		t.Errorf("left are %v", c.Profiles())
	}
}

// An edit that waits for another process ends with its context.
func TestEditInterrupted(t *testing.T) {
	path := writeConfig(t, "profiles: {}\n")
	unlock, err := filelock.Take(t.Context(), path+".lock", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancelCause(t.Context())
	interrupted := errors.New("interrupted")
	time.AfterFunc(50*time.Millisecond, func() { cancel(interrupted) })
	err = load(t, config.Options{Path: path}).Edit(ctx, func(*config.Editor) error {
		t.Error("the lock was not waited for")
		return nil
	})
	if !errors.Is(err, interrupted) {
		t.Error(err)
	}
}
