package sandbox

import (
	"errors"
	"path/filepath"
	"testing"

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
