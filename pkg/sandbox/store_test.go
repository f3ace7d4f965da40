package sandbox

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStoreKeepsOrForgets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	names := func(s *store) (list []string) {
		s.view(func() { list = s.meta.all() })
		return list
	}
	put := func(id, value string) {
		if err := s.update(func() error { s.meta.put(id, value); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	put("b", "two")
	put("a", "one")
	failed := errors.New("refused")
	err = s.update(func() error {
		s.meta.put("a", "changed")
		s.meta.put("c", "three")
		s.meta.delete("b")
		if got, ok := s.meta.get("b"); ok || !cmp.Equal(s.meta.all(), []string{"changed", "three"}) {
			t.Errorf("inside the update: b is %q, all %v", got, s.meta.all())
		}
		return failed
	})
	if !errors.Is(err, failed) || !cmp.Equal(names(s), []string{"one", "two"}) {
		t.Errorf("after a refused update: %v, %v", err, names(s))
	}
	put("c", "three")
	if err := s.update(func() error { s.meta.delete("b"); return nil }); err != nil {
		t.Error(err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}

	again, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := names(again); !cmp.Equal(got, []string{"one", "three"}) {
		t.Errorf("read back %v", got)
	}
	err = again.update(func() error {
		again.meta.put("d", "four")
		again.clear()
		again.meta.put("e", "five")
		return nil
	})
	if err != nil || !cmp.Equal(names(again), []string{"five"}) {
		t.Errorf("after clear: %v, %v", err, names(again))
	}
	if err := again.close(); err != nil {
		t.Error(err)
	}
	if again, err = openStore(path); err != nil || !cmp.Equal(names(again), []string{"five"}) {
		t.Errorf("read back after clear: %v, %v", err, names(again))
	}
	if err := again.close(); err != nil {
		t.Error(err)
	}
}

// A bounded table forgets what is stale, then the oldest, and never what is
// newer than its limit.
func TestBoundedTableForgetsTheOldest(t *testing.T) {
	s := newStore()
	stale := map[string]bool{}
	s.codes.bound(bounds[authCode]{
		limit: 2000,
		stale: func(c authCode) bool { return stale[c.Code] },
		age:   func(c authCode) time.Time { return c.ExpiresAt },
	})
	id := func(n int) string { return fmt.Sprint("code-", n) }
	put := func(from, to int) {
		t.Helper()
		for n := from; n < to; n++ {
			err := s.update(func() error {
				s.codes.put(id(n), authCode{Code: id(n), ExpiresAt: noon.Add(time.Duration(n) * time.Second)})
				if n%100 == 0 {
					return errors.New("refused") // what a refused update forgot is there again
				}
				return nil
			})
			if (err != nil) != (n%100 == 0) {
				t.Fatal(err)
			}
		}
	}
	put(1, 900)
	for n := 0; n < 900; n += 2 {
		stale[id(n)] = true
	}
	put(900, 1201)
	if _, ok := s.codes.get(id(2)); ok {
		t.Error("a stale row is there")
	}
	if _, ok := s.codes.get(id(1)); !ok {
		t.Error("a row is forgotten without need")
	}
	put(1201, 20_000)
	if n := len(s.codes.rows); n < 2000 || n > 2500 {
		t.Errorf("%d rows", n)
	}
	for n := 20_000 - 2000; n < 20_000; n++ {
		if _, ok := s.codes.get(id(n)); !ok && n%100 != 0 {
			t.Fatalf("row %d of %d is forgotten", n, 20_000)
		}
	}
	if _, ok := s.codes.get(id(1)); ok {
		t.Error("the oldest row is there")
	}
}

// An update that panics leaves nothing behind: the HTTP server goes on after it.
func TestPanicInAnUpdateIsUndone(t *testing.T) {
	s := newStore()
	if err := s.update(func() error { s.meta.put("a", "one"); return nil }); err != nil {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = s.update(func() error {
			s.meta.put("a", "two")
			s.meta.put("b", "new")
			panic("in the middle")
		})
	}()
	if got := s.meta.all(); !cmp.Equal(got, []string{"one"}) {
		t.Errorf("after a panic: %v", got)
	}
}
