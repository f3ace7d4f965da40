//go:build unix

package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/config"
)

func addProfile(e *config.Editor) error {
	return e.PutProfile("jakarta", config.Profile{config.KeyEnvironment: "sandbox"})
}

// A pipe would be waited for without end, a device replaced by a file.
func TestOnlyRegularFilesAreConfiguration(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]string{pipe: "is a pipe", link: "is a pipe", os.DevNull: "is a device", t.TempDir(): "is a directory"} {
		_, err := config.Load(config.Options{Getenv: env(t), Path: path})
		var mistake *config.FileError
		if !errors.Is(err, config.ErrInvalid) || !errors.As(err, &mistake) || mistake.Path != path || !strings.Contains(err.Error(), kind) || mistake.Advice() == "" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// What came to the path after it was read is not replaced either.
func TestEditReplacesRegularFilesOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	c := load(t, config.Options{Path: path})
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Edit(t.Context(), addProfile); !errors.Is(err, config.ErrInvalid) {
		t.Error(err)
	}
	// Between the reading and the writing of an edit.
	other := filepath.Join(t.TempDir(), "config.yaml")
	c = load(t, config.Options{Path: other})
	err := c.Edit(t.Context(), func(e *config.Editor) error {
		if err := syscall.Mkfifo(other, 0o600); err != nil {
			return err
		}
		return addProfile(e)
	})
	if info, statErr := os.Lstat(other); !errors.Is(err, config.ErrInvalid) || statErr != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Error(err, statErr, info.Mode())
	}
}

func TestEditWritesThroughLinks(t *testing.T) {
	for name, exists := range map[string]bool{"file": true, "file that is not there yet": false} {
		dir := t.TempDir()
		target := filepath.Join(dir, "dotfiles", "gobiz.yaml")
		if err := os.Mkdir(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		if exists {
			if err := os.WriteFile(target, []byte("# mine\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		link := filepath.Join(dir, "config.yaml")
		if err := os.Symlink(filepath.Join("dotfiles", "gobiz.yaml"), link); err != nil {
			t.Fatal(err)
		}
		if err := load(t, config.Options{Path: link}).Edit(t.Context(), addProfile); err != nil {
			t.Fatal(name, err)
		}
		info, err := os.Lstat(link)
		if err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.Contains(read(t, target), "jakarta") || exists && !strings.HasPrefix(read(t, target), "# mine\n") {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestDirectoryFileIsARegularFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, ".gobiz.yaml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(config.Options{Getenv: env(t), WorkDir: dir})
	if !errors.Is(err, config.ErrInvalid) || !strings.Contains(err.Error(), path+": is a pipe") {
		t.Error(err)
	}
}
