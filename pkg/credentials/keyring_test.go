package credentials

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"
)

// fakeKeyring is a keyring with the limit of the smallest platform.
type fakeKeyring struct {
	mu      sync.Mutex
	entries map[string]string
	// before runs before each call, outside of the lock.
	before func(op, user string) error
}

func (f *fakeKeyring) do(op, user string, do func() error) error {
	if f.before != nil {
		if err := f.before(op, user); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return do()
}

func (f *fakeKeyring) Get(_, user string) (value string, err error) {
	err = f.do("get", user, func() error {
		var ok bool
		if value, ok = f.entries[user]; !ok {
			return keyring.ErrNotFound
		}
		return nil
	})
	return value, err
}

func (f *fakeKeyring) Set(_, user, password string) error {
	return f.do("set", user, func() error {
		if len(password) > 2560 {
			return keyring.ErrSetDataTooBig
		}
		if f.entries == nil {
			f.entries = map[string]string{}
		}
		f.entries[user] = password
		return nil
	})
}

func (f *fakeKeyring) Delete(_, user string) error {
	return f.do("delete", user, func() error {
		if _, ok := f.entries[user]; !ok {
			return keyring.ErrNotFound
		}
		delete(f.entries, user)
		return nil
	})
}

func TestKeyring(t *testing.T) {
	fake := &fakeKeyring{}
	testStore(t, newKeyring(fake, keyringBound, newLine()))
	if len(fake.entries) != 1 {
		t.Errorf("parts were left behind: %d entries", len(fake.entries))
	}
}

// The library itself: with GOBIZ_TEST_KEYRING=1 on the session's real keyring, which must be unlocked, else
// on the library's own mock.
func TestKeyringLibrary(t *testing.T) {
	if os.Getenv("GOBIZ_TEST_KEYRING") != "1" {
		keyring.MockInit()
	}
	store := NewKeyring()
	if err := store.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	testStore(t, store)
	if err := store.Delete(t.Context(), "other"); err != nil {
		t.Error(err)
	}
}

// operations are all that a store can be asked for.
func operations(k *Keyring) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"probe":  k.Probe,
		"load":   func(ctx context.Context) error { _, err := k.Load(ctx, "p"); return err },
		"save":   func(ctx context.Context) error { return k.Save(ctx, "p", sample(5000)) },
		"delete": func(ctx context.Context) error { return k.Delete(ctx, "p") },
	}
}

// A D-Bus socket that accepts and never answers. It runs in a process of its own, because the library keeps
// its connection for the life of the process.
func TestKeyringSilentBus(t *testing.T) {
	if os.Getenv("GOBIZ_TEST_SILENT_BUS") != "" {
		for name := range operations(nil) {
			// Each on a line of its own, so that each has to find out for itself.
			k := newKeyring(systemKeyring{}, 200*time.Millisecond, newLine())
			fmt.Printf("%s: %v\n", name, operations(k)[name](t.Context()))
		}
		return
	}
	if runtime.GOOS != "linux" {
		return // other systems have no D-Bus
	}
	dir, err := os.MkdirTemp("", "bus") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKeyringSilentBus$")
	cmd.Env = append(os.Environ(), "GOBIZ_TEST_SILENT_BUS=1", "DBUS_SESSION_BUS_ADDRESS=unix:path="+socket)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name := range operations(nil) {
		if !strings.Contains(string(out), name+": keyring not available: no answer within 200ms") {
			t.Errorf("%s is missing in %s", name, out)
		}
	}
}

func TestKeyringProbe(t *testing.T) {
	if err := newKeyring(&fakeKeyring{}, keyringBound, newLine()).Probe(t.Context()); err != nil {
		t.Error(err)
	}
	down := &fakeKeyring{before: func(string, string) error {
		return errors.New("The name org.freedesktop.secrets was not provided\nby any .service files\x1b[31m")
	}}
	err := newKeyring(down, keyringBound, newLine()).Probe(t.Context())
	if !errors.Is(err, ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
	var e *Error
	if !errors.As(err, &e) || e.Store != KindKeyring || strings.ContainsAny(err.Error(), "\n\x1b") || !strings.HasPrefix(err.Error(), "keyring not available: no secret service is running") {
		t.Errorf("text is %q", err)
	}
}

func TestKeyringLocked(t *testing.T) {
	locked := &fakeKeyring{before: func(string, string) error {
		return errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'")
	}}
	_, err := newKeyring(locked, keyringBound, newLine()).Load(t.Context(), "p")
	if !errors.Is(err, ErrUnavailable) || !strings.HasPrefix(err.Error(), "keyring not available: it is locked (") {
		t.Errorf("got %v", err)
	}
}

// A keyring that never answers costs three seconds once, not three for each call, and not three for each store.
func TestKeyringThatHangs(t *testing.T) {
	for first := range operations(nil) {
		t.Run(first, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				silent := &fakeKeyring{before: func(string, string) error { <-release; return nil }}
				shared := newLine()
				began := time.Now()
				err := operations(newKeyring(silent, keyringBound, shared))[first](t.Context())
				var e *Error
				if !errors.Is(err, ErrUnavailable) || !errors.As(err, &e) || e.Store != KindKeyring {
					t.Errorf("got %v", err)
				}
				for name, operation := range operations(newKeyring(silent, keyringBound, shared)) {
					if err := operation(t.Context()); !errors.Is(err, ErrUnavailable) {
						t.Errorf("%s in another store gives %v", name, err)
					}
				}
				if took := time.Since(began); took != keyringBound {
					t.Errorf("all together took %s, want %s", took, keyringBound)
				}
				close(release)
				synctest.Wait()
			})
		})
	}
}

// The stores of a process share what is known about its keyring.
func TestKeyringsShareTheLine(t *testing.T) {
	if a, b := NewKeyring(), NewKeyring(); a.line != b.line {
		t.Error("two stores find out about a dead keyring one after the other")
	}
}

// Calls that each come back in time must not add up to more than the bound.
func TestKeyringThatIsSlow(t *testing.T) {
	for name := range operations(nil) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := &fakeKeyring{}
				if err := newKeyring(fake, keyringBound, newLine()).Save(t.Context(), "p", sample(9000)); err != nil {
					t.Fatal(err)
				}
				fake.before = func(string, string) error { time.Sleep(keyringBound - time.Second); return nil }
				began := time.Now()
				err := operations(newKeyring(fake, keyringBound, newLine()))[name](t.Context())
				if took := time.Since(began); took > keyringBound {
					t.Errorf("took %s", took)
				}
				if name != "probe" && !errors.Is(err, ErrUnavailable) { // a probe is one call
					t.Errorf("got %v", err)
				}
				<-time.After(keyringBound) // the last call comes back, too late
				synctest.Wait()
				fake.before = nil
				if name == "delete" { // cut short; it can be repeated
					if err := newKeyring(fake, keyringBound, newLine()).Delete(t.Context(), "p"); err != nil {
						t.Error(err)
					}
					return
				}
				if got, err := newKeyring(fake, keyringBound, newLine()).Load(t.Context(), "p"); err != nil || got.ClientID != "my-app" {
					t.Errorf("the record is now of %q, %v", got.ClientID, err)
				}
			})
		})
	}
}

func TestKeyringThatHangsIsInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		store := newKeyring(&fakeKeyring{before: func(string, string) error { <-release; return nil }}, keyringBound, newLine())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := store.Load(ctx, "p"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		close(release)
		synctest.Wait()
	})
}

// A save that fails in the middle leaves the old record.
func TestKeyringSaveFails(t *testing.T) {
	for _, failAt := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(failAt), func(t *testing.T) {
			fake := &fakeKeyring{}
			store := newKeyring(fake, keyringBound, newLine())
			if err := store.Save(t.Context(), "p", Record{ClientID: "old", ClientSecret: NewSecret(strings.Repeat("o", 2500))}); err != nil {
				t.Fatal(err)
			}
			before, sets := len(fake.entries), 0
			fake.before = func(op, _ string) error {
				if op == "set" {
					if sets++; sets == failAt {
						return errors.New("disk full")
					}
				}
				return nil
			}
			err := store.Save(t.Context(), "p", Record{ClientID: "new", ClientSecret: NewSecret(strings.Repeat("n", 3000))})
			if !errors.Is(err, ErrUnavailable) {
				t.Fatalf("got %v", err)
			}
			got, err := store.Load(t.Context(), "p")
			if err != nil || got.ClientID != "old" {
				t.Errorf("the record is now of %q, %v", got.ClientID, err)
			}
			if len(fake.entries) != before {
				t.Errorf("%d entries, %d before", len(fake.entries), before)
			}
		})
	}
}

// Another process replaces the record between a reader's head and its parts.
func TestKeyringReplacedWhileReading(t *testing.T) {
	fake := &fakeKeyring{}
	reader, writer := newKeyring(fake, keyringBound, newLine()), newKeyring(fake, keyringBound, newLine())
	big := func(id string) Record {
		return Record{ClientID: id, ClientSecret: NewSecret(strings.Repeat("s", 5000))}
	}
	if err := writer.Save(t.Context(), "p", big("old")); err != nil {
		t.Fatal(err)
	}
	replaced := false
	fake.before = func(op, user string) error {
		if op == "get" && user != "p" && !replaced {
			replaced = true
			return writer.Save(t.Context(), "p", big("new"))
		}
		return nil
	}
	got, err := reader.Load(t.Context(), "p")
	if err != nil || got.ClientID != "new" {
		t.Errorf("got a record of %q, %v", got.ClientID, err)
	}
}

func TestKeyringDamaged(t *testing.T) {
	for name, entries := range map[string]map[string]string{
		"other program":  {"p": "hello"},
		"missing part":   {"p": headPrefix + "abc:2", "p#abc.0": `{"version":1`},
		"cut":            {"p": inlinePrefix + `{"version":1,"client_secret":"` + canary},
		"newer version":  {"p": inlinePrefix + `{"version":7}`},
		"absurd head":    {"p": headPrefix + "abc:99999999"},
		"head of nobody": {"p": headPrefix + ":1"},
	} {
		store := newKeyring(&fakeKeyring{entries: entries}, keyringBound, newLine())
		_, err := store.Load(t.Context(), "p")
		if !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		if strings.Contains(err.Error(), canary) {
			t.Errorf("%s: the error shows a secret", name)
		}
		if err := store.Delete(t.Context(), "p"); err != nil {
			t.Errorf("%s: logout fails: %v", name, err)
		}
		if _, err := store.Load(t.Context(), "p"); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: after the deletion: %v", name, err)
		}
	}
}
