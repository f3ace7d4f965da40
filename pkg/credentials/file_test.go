package credentials

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
)

func passphrase(text string) func(context.Context, bool) (Secret, error) {
	return func(context.Context, bool) (Secret, error) { return NewSecret(text), nil }
}

func TestFile(t *testing.T) {
	testStore(t, NewFile(filepath.Join(t.TempDir(), "state"), passphrase("open sesame")))
}

func TestFileHoldsNoPlainText(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	store := NewFile(dir, passphrase("open sesame"))
	if err := store.Save(t.Context(), "p", sample(10)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(store.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{canary, "my-app", "open sesame"} {
		if strings.Contains(string(data), secret) {
			t.Errorf("the file shows %q", secret)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if info, _ := e.Info(); info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s has mode %o", e.Name(), info.Mode().Perm())
		}
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 && runtime.GOOS != "windows" {
		t.Errorf("the folder has mode %o", info.Mode().Perm())
	}
	// Another process with the same passphrase reads it.
	if got, err := NewFile(dir, passphrase("open sesame")).Load(t.Context(), "p"); err != nil || got.ClientSecret.Reveal() != canary {
		t.Errorf("reading again gives %v", err)
	}
	if err := store.Delete(t.Context(), "p"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(store.Path()); !os.IsNotExist(err) {
		t.Errorf("the file of no records is still there: %v", err)
	}
}

func TestFileWrongPassphrase(t *testing.T) {
	dir := t.TempDir()
	if err := NewFile(dir, passphrase("right")).Save(t.Context(), "p", sample(1)); err != nil {
		t.Fatal(err)
	}
	answers := []string{"wrong", "right"}
	store := NewFile(dir, func(_ context.Context, isNew bool) (Secret, error) {
		if isNew {
			t.Error("asked as for a new file")
		}
		answer := answers[0]
		answers = answers[1:]
		return NewSecret(answer), nil
	})
	_, err := store.Load(t.Context(), "p")
	if !errors.Is(err, ErrPassphrase) {
		t.Fatalf("got %v", err)
	}
	if strings.Contains(err.Error(), "wrong\"") || err.Error() != "credential file not opened: the passphrase is wrong, or the file was changed" {
		t.Errorf("text is %q", err)
	}
	if _, err := store.Load(t.Context(), "p"); err != nil {
		t.Errorf("the second try fails: %v", err)
	}
	// A wrong passphrase must not replace what the right one keeps.
	if err := NewFile(dir, passphrase("wrong")).Save(t.Context(), "q", sample(1)); !errors.Is(err, ErrPassphrase) {
		t.Errorf("saving with a wrong passphrase gives %v", err)
	}
	if _, err := NewFile(dir, passphrase("right")).Load(t.Context(), "p"); err != nil {
		t.Errorf("the record is gone: %v", err)
	}
}

func TestFileWithoutPassphrase(t *testing.T) {
	declined := errors.New("declined")
	for name, tt := range map[string]struct {
		ask  func(context.Context, bool) (Secret, error)
		want error
	}{
		"nobody to ask": {nil, ErrPassphrase},
		"empty answer":  {passphrase(""), ErrPassphrase},
		"refused":       {func(context.Context, bool) (Secret, error) { return Secret{}, declined }, declined},
	} {
		dir := t.TempDir()
		if err := NewFile(dir, tt.ask).Save(t.Context(), "p", sample(1)); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(dir, FileName)); err == nil {
			t.Errorf("%s: a file was written", name)
		}
	}
}

func TestFileDamaged(t *testing.T) {
	dir := t.TempDir()
	store := NewFile(dir, passphrase("p"))
	if err := store.Save(t.Context(), "p", sample(1)); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(store.Path())
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		content string
		want    error
	}{
		"empty":                {"", ErrDamaged},
		"cut":                  {string(good[:len(good)/2]), ErrDamaged},
		"other version":        {strings.Replace(string(good), fileFormat, "gobiz-credentials-9", 1), ErrDamaged},
		"greedy header":        {strings.Replace(string(good), `"memory_kib":65536`, `"memory_kib":4294967295`, 1), ErrDamaged},
		"slow header":          {strings.Replace(string(good), `"time":1`, `"time":4000000`, 1), ErrDamaged},
		"header of gigabytes":  {strings.Replace(string(good), `"memory_kib":65536`, `"memory_kib":1048576`, 1), ErrDamaged},
		"header of seconds":    {strings.Replace(string(good), `"time":1`, `"time":20`, 1), ErrDamaged},
		"header of passes":     {strings.Replace(string(good), `"time":1,"memory_kib":65536,"threads":4`, `"time":16000,"memory_kib":64,"threads":4`, 1), ErrDamaged},
		"header of threads":    {strings.Replace(string(good), `"memory_kib":65536,"threads":4`, `"memory_kib":64,"threads":255`, 1), ErrDamaged},
		"header of less cost":  {strings.Replace(string(good), `"memory_kib":65536`, `"memory_kib":64`, 1), ErrPassphrase},
		"one letter in secret": {strings.Replace(string(good), `"box":"`, `"box":"AAAA`, 1), ErrPassphrase},
	} {
		if err := os.WriteFile(store.Path(), []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := NewFile(dir, passphrase("p")).Load(t.Context(), "p")
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v", name, err)
		}
		var e *Error
		if !errors.As(err, &e) || e.Path != store.Path() {
			t.Errorf("%s: the error does not name the file: %v", name, err)
		}
	}
}

// Stores as in several processes save different profiles at the same time; none is lost.
// A pipe is refused at once, and stays; a read-only file is not written over.
func TestFileThatIsNotOurs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no pipes there")
	}
	store := NewFile(t.TempDir(), passphrase("open sesame"))
	if err := store.Save(t.Context(), "p", sample(10)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(store.Path(), 0o444); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(store.Path())
	if err != nil {
		t.Fatal(err)
	}
	err = store.Save(t.Context(), "p", sample(11))
	if after, _ := os.ReadFile(store.Path()); !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "read-only") || string(after) != string(before) {
		t.Errorf("a read-only file: %v", err)
	}
	if info, err := os.Stat(store.Path()); err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("it is still open to others: %v, %v", info.Mode(), err)
	}
	if err := os.Remove(store.Path()); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mkfifo", store.Path()).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	_, loaded := store.Load(t.Context(), "p")
	for _, err := range []error{loaded, store.Save(t.Context(), "p", sample(10)), store.Delete(t.Context(), "p")} {
		if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("a pipe: %v", err)
		}
	}
}

func TestFileConcurrentSaves(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	const n = 6
	for i := range n {
		wg.Go(func() {
			store := NewFile(dir, passphrase("p"))
			if err := store.Save(t.Context(), fmt.Sprintf("p%d", i), sample(1)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	store := NewFile(dir, passphrase("p"))
	for i := range n {
		if _, err := store.Load(t.Context(), fmt.Sprintf("p%d", i)); err != nil {
			t.Errorf("profile %d: %v", i, err)
		}
	}
}

// A process is killed between writing the new file and renaming it. Nothing of the old file is lost, the next writer
// is not held up, and the half-done file goes.
func TestFileKilledBeforeRename(t *testing.T) {
	if dir := os.Getenv("GOBIZ_TEST_CRASH"); dir != "" {
		store := NewFile(dir, passphrase("p"))
		store.write = func(path string, data []byte) error { // atomicfile.Write up to its rename
			temp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp")
			if err != nil {
				return err
			}
			if _, err := temp.Write(data); err != nil {
				return err
			}
			fmt.Println("renaming")
			_, err = io.Copy(io.Discard, os.Stdin) // until the end
			return err
		}
		t.Fatalf("came back with %v", store.Save(t.Context(), "p", sample(1)))
	}
	for _, existed := range []bool{true, false} {
		t.Run(fmt.Sprintf("file existed %v", existed), func(t *testing.T) {
			dir := t.TempDir()
			next := NewFile(dir, passphrase("p"))
			leftovers := func() []string { return atomicfile.Leftovers(next.Path()) }
			if existed {
				if err := next.Save(t.Context(), "p", Record{ClientID: "old"}); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFileKilledBeforeRename$")
			cmd.Env = append(os.Environ(), "GOBIZ_TEST_CRASH="+dir)
			if _, err := cmd.StdinPipe(); err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if line, _ := bufio.NewReader(out).ReadString('\n'); line != "renaming\n" {
				t.Errorf("the process says %q", line)
			}
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if len(leftovers()) != 1 {
				t.Errorf("the process left %q, so it did not die where it should", leftovers())
			}
			got, err := NewFile(dir, passphrase("p")).Load(t.Context(), "p")
			if existed && (err != nil || got.ClientID != "old") || !existed && !errors.Is(err, ErrNotFound) {
				t.Errorf("the record is now of %q, %v", got.ClientID, err)
			}
			if existed {
				if err := next.Save(t.Context(), "q", sample(1)); err != nil {
					t.Error(err)
				}
				if got, err := next.Load(t.Context(), "p"); err != nil || got.ClientID != "old" {
					t.Errorf("after another save: %q, %v", got.ClientID, err)
				}
			} else if err := next.Delete(t.Context(), "p"); err != nil {
				t.Error(err)
			}
			if left := leftovers(); len(left) != 0 {
				t.Errorf("%q are still there", left)
			}
		})
	}
}

func BenchmarkFileLoad(b *testing.B) {
	dir := b.TempDir()
	if err := NewFile(dir, passphrase("p")).Save(b.Context(), "p", sample(2000)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := NewFile(dir, passphrase("p")).Load(b.Context(), "p"); err != nil {
			b.Fatal(err)
		}
	}
}
