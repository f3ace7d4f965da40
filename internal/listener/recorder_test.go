package listener

import (
	"os"
	"path/filepath"
	"strings"
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
	r, err := newRecorder(path, newNotices(func(Notice) {}), nil)
	if err != nil {
		t.Fatal(err)
	}
	check := func(want string) {
		t.Helper()
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%q, want %q, %v", got, want, err)
		}
	}
	part := func() {
		t.Helper()
		if _, err := r.file.WriteString("four\nfi"); err != nil {
			t.Fatal(err)
		}
	}
	write := func(line string) {
		t.Helper()
		offset, err := r.write([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text[offset:]) != line {
			t.Errorf("not written at %d: %q, %v", offset, text, err)
		}
	}
	check("one\ntwo\ncut\n")
	part()
	r.undo([]byte("four\nfi"))
	check("one\ntwo\ncut\n")
	write("four\n")
	check("one\ntwo\ncut\nfour\n")

	part()
	other, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.WriteString("x"); err != nil {
		t.Fatal(err)
	}
	r.undo([]byte("four\nfi"))
	check("one\ntwo\ncut\nfour\nfour\nfix")
	write("six\n")
	check("one\ntwo\ncut\nfour\nfour\nfix\nsix\n")
	if _, err := other.WriteString("seven\n"); err != nil {
		t.Fatal(err)
	}
	write("eight\n")
	for line, text := range []string{"one", "two", "cut", "four", "four", "fix", "six", "seven", "eight"} {
		all, _ := os.ReadFile(path)
		if got := lineAt(path, int64(strings.LastIndex(string(all), text+"\n"))); got != line+1 && text != "four" {
			t.Errorf("%s is on line %d, want %d", text, got, line+1)
		}
	}
	r.close()
	if err := r.closeFile(); err != nil {
		t.Error(err)
	}
}
