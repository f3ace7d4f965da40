package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// stateBytes is the file of a sandbox that was used for a while.
func stateBytes(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state")
	t.Run("used", func(t *testing.T) {
		d := newHarness(t, Options{StateFile: path})
		d.order(nil)
		d.done(d.as(facilitatorID).call(http.MethodPut, pushPath, goodMenu))
		for n := range 12 {
			err := d.s.store.update(func() error {
				for i := range 60 {
					d.s.store.meta.put(fmt.Sprintf("entry-%d-%d", n, i), strings.Repeat("x", i))
					d.s.store.meta.delete(fmt.Sprintf("entry-%d-%d", n-1, 2*i))
				}
				d.s.store.meta.put("long"+strconv.Itoa(n%3), strings.Repeat("long ", 3000))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// opensOrRefuses opens a state file, and works with it when it opens.
func opensOrRefuses(t *testing.T, path string) error {
	t.Helper()
	s, err := openStore(path)
	if err != nil {
		if !errors.Is(err, errStateDamaged) && !errors.Is(err, errStateForeign) && !errors.Is(err, errStateVersion) ||
			!strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("not a clean error: %v", err)
		}
		return err
	}
	for _, work := range []func(){
		func() { s.meta.put("entry-5-5", "changed"); s.orders.put("F-1", Order{Number: "F-1"}) },
		func() { s.clear() },
		func() { s.meta.put("last", "one") },
	} {
		if err := s.update(func() error { work(); return nil }); err != nil {
			t.Errorf("update: %v", err)
		}
	}
	if err := s.close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if s, err = openStore(path); err != nil {
		t.Errorf("open again: %v", err)
		return nil
	}
	if rows := s.meta.all(); len(rows) != 1 {
		t.Errorf("%d rows are left", len(rows))
	}
	if err := s.close(); err != nil {
		t.Errorf("close again: %v", err)
	}
	return nil
}

func writeState(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Wherever a kill cuts the file, what was whole before it is there, and an
// update is there whole or not at all.
func TestTornStateGoesBackToTheLastUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	type rows map[string]map[string]json.RawMessage
	ends, states := []int{}, []rows{}
	remember := func() {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		state, err := replay(content)
		if err != nil {
			t.Fatal(err)
		}
		ends, states = append(ends, len(content)), append(states, state)
	}
	remember()
	for n := range 4 {
		err := s.update(func() error {
			s.meta.put("a", strconv.Itoa(n))
			s.meta.put("line\n"+strconv.Itoa(n), "end\n\"]")
			s.meta.delete("line\n" + strconv.Itoa(n-1))
			s.orders.put("F-1", Order{Number: "F-1", PIN: strconv.Itoa(n)})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		remember()
	}
	content, err := os.ReadFile(path)
	if err := errors.Join(err, s.close()); err != nil {
		t.Fatal(err)
	}
	for size := ends[0]; size <= len(content); size++ {
		want := 0
		for want+1 < len(ends) && ends[want+1] <= size {
			want++
		}
		got, err := replay(content[:size])
		if diff := cmp.Diff(states[want], rows(got)); err != nil || diff != "" {
			t.Fatalf("cut to %d bytes, the state is not that of update %d: %v %s", size, want, err, diff)
		}
	}
	writeState(t, path, content[:ends[3]+9])
	if s, err = openStore(path); err != nil {
		t.Fatal(err)
	}
	if o, _ := s.orders.get("F-1"); o.PIN != "2" {
		t.Errorf("read back %+v", o)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

// A file that is cut before its first update was written in one step, and is
// not what a kill leaves.
func TestCutStateIsRefused(t *testing.T) {
	content := stateBytes(t)
	path := filepath.Join(t.TempDir(), "state")
	header := bytes.IndexByte(content, '\n')
	for size := 1; size <= header; size++ {
		writeState(t, path, content[:size])
		err := opensOrRefuses(t, path)
		switch {
		case err == nil:
			t.Errorf("a file of %d bytes, cut to %d, opens", len(content), size)
		case size >= len(journalMark) && !strings.Contains(err.Error(), "state file "+path+" is damaged; remove it or name another"):
			t.Errorf("cut to %d bytes: %v", size, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, content[:size]) {
			t.Errorf("the refused file was changed: %v", err)
		}
	}
	writeState(t, path, nil)
	s, err := openStore(path)
	if err != nil {
		t.Fatalf("an empty file: %v", err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
}

func TestDamagedStateNeverPanics(t *testing.T) {
	content := stateBytes(t)
	path := filepath.Join(t.TempDir(), "state")
	last := bytes.LastIndexByte(content[:len(content)-1], '\n') + 1
	opened, refused := 0, 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		damaged := append([]byte(nil), content...)
		for range 1 + r.IntN(8) {
			at := r.IntN(last)
			switch r.IntN(3) {
			case 0:
				damaged[at] = byte(r.Uint32())
			case 1:
				damaged[at] ^= 1 << r.IntN(8)
			default:
				damaged[at]++
			}
		}
		if seed%10 == 9 { // a piece where another one was, as after a power cut
			size := min(4096, last/2)
			from, to := r.IntN(last-size), r.IntN(last-size)
			copy(damaged[to:to+size], content[from:from+size])
		}
		if bytes.Equal(damaged, content) {
			continue
		}
		writeState(t, path, damaged)
		if opensOrRefuses(t, path) == nil {
			opened++
		} else {
			refused++
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	// Damage before the last line is always seen. Damage to the last newline is
	// a torn line.
	if opened > 0 || refused == 0 {
		t.Errorf("%d files opened and %d did not", opened, refused)
	}
	writeState(t, path, content[:len(content)-1])
	if err := opensOrRefuses(t, path); err != nil {
		t.Errorf("without the last newline: %v", err)
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	missing := bytes.Join(append(lines[:2:2], lines[3:]...), nil)
	writeState(t, path, missing)
	if err := opensOrRefuses(t, path); !errors.Is(err, errStateDamaged) {
		t.Errorf("without one line: %v", err)
	}
}

// What the store writes can be read back, whatever rows come and go.
func TestSoundStatePasses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	r := rand.New(rand.NewPCG(1, 2))
	want := map[string]string{}
	for round := range 12 {
		s, err := openStore(path)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if diff := cmp.Diff(want, s.meta.rows); diff != "" {
			t.Fatalf("round %d: %s", round, diff)
		}
		s.journal.limit = 100_000 // so that it is written anew on the way
		for range 15 {
			err := s.update(func() error {
				for range r.IntN(120) {
					id := strconv.Itoa(r.IntN(1500))
					if round%4 == 3 || r.IntN(3) == 0 {
						s.meta.delete(id)
						delete(want, id)
					} else {
						want[id] = strings.Repeat("v", r.IntN(1+r.IntN(6000)))
						s.meta.put(id, want[id])
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := s.close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A file does not grow without end while the state does not.
func TestStateFileStaysSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	s.journal.limit = 10_000
	largest := int64(0)
	for n := range 1000 {
		if err := s.update(func() error { s.meta.put("n", strconv.Itoa(n)+strings.Repeat("x", 500)); return nil }); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if largest = max(largest, info.Size()); s.journal.limit == minJournalLimit {
			s.journal.limit = 10_000
		}
	}
	if largest > 11_000 {
		t.Errorf("the file had %d bytes", largest)
	}
}

func TestWhatIsNoStateFile(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		writeState(t, path, content)
		return path
	}
	// The file of an earlier version: a database of pages with this number in the first.
	database := make([]byte, 32<<10)
	copy(database[16:], []byte{0xed, 0xda, 0x0c, 0xed, 2})
	text := file("text", []byte("hello"))
	for path, want := range map[string]string{
		dir:                                   "is a directory; name a file",
		text:                                  "is not a sandbox's state file; name another",
		file("database", database):            "is not a sandbox's state file; name another",
		filepath.Join(text, "sub"):            "cannot be opened: not a directory",
		filepath.Join(dir, "absent", "state"): "cannot be opened: ",
		file("long", []byte(strings.Repeat("no journal ", 2000))): "is not a sandbox's state file; name another",
		file("lines", []byte("[1]\n[2]\n")):                       "is not a sandbox's state file; name another",
	} {
		before, _ := os.ReadFile(path)
		s, err := Start(t.Context(), Options{StateFile: path})
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.HasPrefix(err.Error(), "state file "+path+" "+want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
			t.Errorf("%s was changed", path)
		}
		if _, err := os.Stat(path + ".lock"); err == nil {
			t.Errorf("a lock file stands beside %s", path)
		}
	}
	unreadable := stateError("state", &os.PathError{Op: "open", Path: "state", Err: syscall.EACCES})
	if unreadable.Error() != "state file state cannot be opened: "+syscall.EACCES.Error() {
		t.Error(unreadable)
	}
}

// A file whose rows this version cannot read is not called damaged.
func TestStateOfAnotherKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	header := map[string]int{"gobiz_sandbox_state": journalVersion}
	for _, lines := range [][]any{
		{map[string]int{"gobiz_sandbox_state": journalVersion + 1}},
		{header, map[string]any{"put": map[string]any{"orders": map[string]any{"F-1": map[string]any{"order_number": 7}}}}},
		{header, map[string]any{"put": map[string]any{"refunds": map[string]any{"R-1": "x"}}}},
		{header, []int{1}},
	} {
		var content []byte
		var sum uint32
		for _, said := range lines {
			line, next, err := encodeLine(sum, said)
			if err != nil {
				t.Fatal(err)
			}
			content, sum = append(content, line...), next
		}
		writeState(t, path, content)
		if _, err := openStore(path); !errors.Is(err, errStateVersion) {
			t.Errorf("%s: %v", content, err)
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, content) {
			t.Errorf("the refused file was changed: %v", err)
		}
	}
}

// Two names of one file are one file.
func TestLinkedStateIsLocked(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(dir, "link")
	if err := os.Symlink("state", link); err != nil {
		t.Skip(err)
	}
	s, err := openStore(link)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if _, err := openStore(filepath.Join(dir, "state")); !errors.Is(err, errStateInUse) {
		t.Errorf("the other name: %v", err)
	}
}

// A write that fails, half-way too, refuses its update and spoils none after it.
func TestFailedWriteIsOvercome(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	put := func(value string) error {
		return s.update(func() error { s.meta.put("a", value); return nil })
	}
	if err := put("one"); err != nil {
		t.Fatal(err)
	}
	whole := s.journal.file
	if s.journal.file, err = os.Open(path); err != nil { // not for writing
		t.Fatal(err)
	}
	if err := put("two"); err == nil {
		t.Error("a write that failed is no error")
	}
	if got, _ := s.meta.get("a"); got != "one" {
		t.Errorf("a refused update is kept: %s", got)
	}
	s.journal.file.Close()
	s.journal.file = whole
	half := `[{"put":{"meta":{"a":"` + strings.Repeat("two", 100) // more than the next line has
	if _, err := whole.WriteAt([]byte(half), s.journal.size); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(put("three"), s.close()); err != nil {
		t.Fatal(err)
	}
	if s, err = openStore(path); err != nil {
		t.Fatal(err)
	}
	defer s.close()
	if got, _ := s.meta.get("a"); got != "three" {
		t.Errorf("read back %q, want three", got)
	}
}
