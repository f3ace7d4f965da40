package sandbox

import (
	"bytes"
	"encoding/binary"
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

	"go.etcd.io/bbolt"
)

// stateBytes is the file of a sandbox that was used for a while: trees of
// several levels, values over several pages, free pages.
func stateBytes(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state")
	t.Run("used", func(t *testing.T) {
		d := newDesk(t, Options{StateFile: path})
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

// usedPages is how many bytes of a file have a meaning.
func usedPages(content []byte) (bytes, pageSize int) {
	pageSize = int(binary.NativeEndian.Uint32(content[24:]))
	pages := max(binary.NativeEndian.Uint64(content[16+40:]), binary.NativeEndian.Uint64(content[pageSize+16+40:]))
	return int(pages) * pageSize, pageSize
}

// opensOrRefuses opens a state file, and works with it when it opens.
func opensOrRefuses(t *testing.T, path string) error {
	t.Helper()
	s, err := openStore(path)
	if err != nil {
		if !errors.Is(err, errStateDamaged) && !errors.Is(err, errStateForeign) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("not a clean error: %v", err)
		}
		return err
	}
	for _, work := range []func(){
		func() { s.meta.put("entry-5-5", "changed"); s.orders.put("F-1", order{Number: "F-1"}) },
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

func TestTruncatedStateIsRefused(t *testing.T) {
	content := stateBytes(t)
	used, pageSize := usedPages(content)
	path := filepath.Join(t.TempDir(), "state")
	sizes := []int{1, 15, 16, 20, 79, 80, 1024, 4095, 4096, 4097, 8191, 8192, 8193, 16384, 20000, len(content) / 2, used / 2, used - 1}
	for size := pageSize; size < used; size += 3 * pageSize {
		sizes = append(sizes, size)
	}
	for _, size := range sizes {
		writeState(t, path, content[:min(size, used-1)])
		if err := opensOrRefuses(t, path); err == nil {
			t.Errorf("a file of %d bytes, cut to %d, opens", len(content), size)
		} else if size >= 20 && !strings.Contains(err.Error(), "state file "+path+" is damaged; remove it or name another") {
			t.Errorf("cut to %d bytes: %v", size, err)
		}
	}
	writeState(t, path, content[:used])
	if err := opensOrRefuses(t, path); err != nil {
		t.Errorf("without what is behind the last page: %v", err)
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
	used, pageSize := usedPages(content)
	path := filepath.Join(t.TempDir(), "state")
	opened, refused := 0, 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		damaged := append([]byte(nil), content[:used]...)
		for range 1 + r.IntN(8) {
			at := r.IntN(used)
			if seed%2 == 0 { // headers and the first entries
				at = r.IntN(used/pageSize)*pageSize + r.IntN(96)
			}
			switch r.IntN(3) {
			case 0:
				damaged[at] = byte(r.Uint32())
			case 1:
				damaged[at] ^= 1 << r.IntN(8)
			default:
				damaged[at]++
			}
		}
		if seed%10 == 9 { // a page where another one was, as after a power cut
			from, to := r.IntN(used/pageSize)*pageSize, r.IntN(used/pageSize)*pageSize
			copy(damaged[to:to+pageSize], content[from:from+pageSize])
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
	if opened == 0 || refused == 0 {
		t.Errorf("%d files opened and %d did not", opened, refused)
	}
}

// A table inside a leaf is a page without a number. bbolt would free the page of
// that number.
func TestDamagedInlineTableIsRefused(t *testing.T) {
	content := stateBytes(t)
	path := filepath.Join(t.TempDir(), "state")
	const inline = len(checksumBucket) + bucketHeader // its page begins there
	for _, field := range []int{0, 7, 8, 10, 12} {    // number, flags, count, overflow
		damaged := bytes.Clone(content)
		for at := 0; ; at += inline {
			found := bytes.Index(damaged[at:], []byte(checksumBucket))
			if found < 0 {
				break
			}
			at += found
			damaged[at+inline+field] += 4
		}
		writeState(t, path, damaged)
		if err := opensOrRefuses(t, path); !errors.Is(err, errStateDamaged) {
			t.Errorf("byte %d: %v", field, err)
		}
	}
}

// What bbolt writes must pass the check, whatever trees come and go.
func TestSoundStatePasses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 12 {
		s, err := openStore(path)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for range 15 {
			err := s.update(func() error {
				for range r.IntN(120) {
					id := strconv.Itoa(r.IntN(1500))
					if round%4 == 3 || r.IntN(3) == 0 {
						s.meta.delete(id)
					} else {
						s.meta.put(id, strings.Repeat("v", r.IntN(1+r.IntN(6000))))
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

func TestWhatIsNoStateFile(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		writeState(t, path, content)
		return path
	}
	other := filepath.Join(dir, "other")
	db, err := bbolt.Open(other, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(b *bbolt.Tx) error { _, err := b.CreateBucket([]byte("accounts")); return err })
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	text := file("text", []byte("hello"))
	for path, want := range map[string]string{
		dir:                                   "is a directory; name a file",
		text:                                  "is not a sandbox's state file; name another",
		other:                                 "is not a sandbox's state file; name another",
		filepath.Join(text, "sub"):            "cannot be opened: not a directory",
		filepath.Join(dir, "absent", "state"): "cannot be opened: ",
		file("long", []byte(strings.Repeat("no database ", 2000))): "is not a sandbox's state file; name another",
	} {
		s, err := Start(t.Context(), Options{StateFile: path})
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.HasPrefix(err.Error(), "state file "+path+" "+want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if after, err := os.ReadFile(text); err != nil || string(after) != "hello" {
		t.Errorf("the file now holds %q, %v", after, err)
	}
	unreadable := stateError("state", &os.PathError{Op: "open", Path: "state", Err: syscall.EACCES})
	if unreadable.Error() != "state file state cannot be opened: "+syscall.EACCES.Error() {
		t.Error(unreadable)
	}
}

// A file that a kill left between its creation and the first transaction is a
// new one, and one whose rows this version cannot read is not called damaged.
func TestStateOfAnotherKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := openStore(path)
	if err != nil {
		t.Fatalf("a new database: %v", err)
	}
	err = s.file.Update(func(b *bbolt.Tx) error {
		orders, err := b.CreateBucket([]byte("orders"))
		if err != nil {
			return err
		}
		sum, err := b.CreateBucket([]byte(checksumBucket))
		if err != nil {
			return err
		}
		id, value := []byte("F-1"), []byte(`{"order_number":7}`)
		return errors.Join(orders.Put(id, value), sum.Put([]byte(checksumKey), binary.BigEndian.AppendUint64(nil, rowSum("orders", id, value))))
	})
	if err := errors.Join(err, s.close()); err != nil {
		t.Fatal(err)
	}
	if _, err := openStore(path); !errors.Is(err, errStateVersion) {
		t.Errorf("rows of another version: %v", err)
	}
}
