package atomicfile

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "menu[1]*.yaml")
	for _, content := range []string{"one", "", "three"} {
		if err := Write(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != content {
			t.Errorf("holds %q, want %q", got, content)
		}
	}
	if runtime.GOOS != "windows" {
		if got := mode(t, path); got != 0o600 {
			t.Errorf("a new file has mode %v", got)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, []byte("four")); err != nil {
			t.Fatal(err)
		}
		if got := mode(t, path); got != 0o644 {
			t.Errorf("the mode became %v", got)
		}
	}
	if left := Leftovers(path); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// What is no file is not renamed away.
func TestWriteNotRegular(t *testing.T) {
	dir := t.TempDir()
	if err := Write(dir, nil); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a folder: %v", err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	socket := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	pipe := filepath.Join(dir, "p")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for path, kind := range map[string]fs.FileMode{socket: fs.ModeSocket, pipe: fs.ModeNamedPipe, os.DevNull: fs.ModeDevice} {
		_, opened := Open(path)
		_, appended := OpenAppend(path)
		_, read := Read(path, 10)
		for _, err := range []error{Write(path, nil), opened, appended, read} {
			if !errors.Is(err, ErrNotRegular) || mode(t, path)&kind == 0 {
				t.Errorf("%s: %v, now %v", path, err, mode(t, path))
			}
		}
	}
}

func TestWriteReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("old"), 0o400); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("new")); !errors.Is(err, ErrReadOnly) || read(t, path) != "old" {
		t.Errorf("%v, and now %q", err, read(t, path))
	}
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if _, err := Read(path, 3); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("old"), 0o400); err != nil {
		t.Fatal(err)
	}
	if data, err := Read(path, 3); err != nil || string(data) != "old" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := Read(path, 2); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a larger file: %v", err)
	}
}

func TestWriteThroughLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	dir := t.TempDir()
	for _, sub := range []string{"real/deep", "here"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	link := func(target, name string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
		return name
	}
	link("../real/deep", "here/folder")
	link("../file.yaml", "real/deep/link")
	path := filepath.Join(dir, "here", "folder", "link") // its .. is that of real/deep
	if err := Write(path, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if mode(t, path)&fs.ModeSymlink == 0 || read(t, filepath.Join(dir, "real/file.yaml")) != "x" {
		t.Error("the link was replaced, or led elsewhere")
	}
	circle := link("circle", "circle")
	if err := Write(circle, nil); err == nil || mode(t, circle)&fs.ModeSymlink == 0 {
		t.Errorf("a circle: %v", err)
	}
}

func TestWriteFailsWhole(t *testing.T) {
	if os.Getuid() == 0 || runtime.GOOS == "windows" {
		path := filepath.Join(t.TempDir(), "no", "file")
		if err := Write(path, nil); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a missing folder: %v", err)
		}
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := Write(path, []byte("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	if err := Write(path, []byte("new")); err == nil || read(t, path) != "old" {
		t.Errorf("a folder without write permission: %v, %q", err, read(t, path))
	}
}

func TestLeftovers(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	for _, name := range []string{".a.json.123.tmp", ".a.json.tmp", ".b.json.123.tmp", "a.json.123.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := Leftovers(path); len(got) != 1 || got[0] != filepath.Join(dir, ".a.json.123.tmp") {
		t.Errorf("found %q", got)
	}
}

func TestMkdirAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b", "file")
	if err := WriteMkdir(path, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if got := mode(t, filepath.Join(dir, "a")).Perm(); runtime.GOOS != "windows" && got != 0o700 {
		t.Errorf("folder mode %v", got)
	}
	if err := WriteMkdir(filepath.Join(path, "c"), nil); err == nil {
		t.Error("a folder below a file")
	}
}
