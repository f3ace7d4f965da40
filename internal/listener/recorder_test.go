package listener

import (
	"os"
	"path/filepath"
	"testing"
)

// A write that a full disk has cut leaves nothing behind, unless somebody else has
// written since.
func TestRecorderTakesBackAPartOfALine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "capture.jsonl")
	if err := os.WriteFile(path, []byte("one\ntwo\ncut"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := newRecorder(path, newNotices(func(Notice) {}))
	if err != nil || r.lines != 3 {
		t.Fatalf("%d lines, %v", r.lines, err)
	}
	check := func(want string, lines int) {
		t.Helper()
		if got, err := os.ReadFile(path); err != nil || string(got) != want || r.lines != lines {
			t.Errorf("%q with %d lines, want %q with %d, %v", got, r.lines, want, lines, err)
		}
	}
	part := func() {
		t.Helper()
		if _, err := r.file.WriteString("four\nfi"); err != nil {
			t.Fatal(err)
		}
	}
	part()
	r.undo(len("four\nfi"), true, 1)
	check("one\ntwo\ncut\n", 3)
	if err := r.write([]byte("four\n")); err != nil {
		t.Fatal(err)
	}
	check("one\ntwo\ncut\nfour\n", 3) // record counts what it wrote

	part()
	other, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	r.undo(len("four\nfi"), true, 1)
	check("one\ntwo\ncut\nfour\nfour\nfix", 4)
	if err := r.write([]byte("six\n")); err != nil {
		t.Fatal(err)
	}
	check("one\ntwo\ncut\nfour\nfour\nfix\nsix\n", 5)
	if err := r.close(); err != nil {
		t.Error(err)
	}
}
