// Package atomicfile replaces files in one step: whatever stops the process or
// the machine, there is the old content or the new one.
//
// The same holds for every file that the program keeps, and for those that it is
// told to write. A link is followed: the file that it leads to is read, replaced or
// appended to, and the link stays. What is no regular file is an [ErrNotRegular],
// at once: a pipe would be waited for, and nobody else could use it any more after
// it was replaced. A file that its owner may not write is an [ErrReadOnly]. Input
// that a user names may be a pipe, and is not for this package.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

var (
	// ErrNotRegular says that a path is a folder, pipe, socket or device.
	ErrNotRegular = errors.New("not a regular file")
	// ErrReadOnly says that a file is not to be written, by its permission bits.
	ErrReadOnly = errors.New("the file is read-only")
	// ErrTooLarge says that a file is larger than its reader allows.
	ErrTooLarge = errors.New("the file is too large")
)

// Open opens a file to read it.
func Open(path string) (*os.File, error) { return open(path, os.O_RDONLY) }

// OpenAppend opens a file to add to it, also to read it. A new one is for its
// owner only (0600); the folder must exist.
func OpenAppend(path string) (*os.File, error) { return open(path, os.O_CREATE|os.O_APPEND|os.O_RDWR) }

func open(path string, flags int) (*os.File, error) {
	// Before it is opened: to open a pipe waits for its other end.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: ErrNotRegular}
	}
	return os.OpenFile(path, flags, 0o600)
}

// Read returns the content of a file of at most limit bytes.
func Read(path string, limit int64) ([]byte, error) {
	file, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = &fs.PathError{Op: "read", Path: path, Err: ErrTooLarge}
	}
	return data, err
}

// Write replaces the file at path, which is on the disk when it returns. A file
// that was there keeps its permission bits, a new one is for its owner only
// (0600).
//
// The folder must exist; see [WriteMkdir]. What a killed process leaves behind is found with
// [Leftovers].
func Write(path string, data []byte) error {
	path, err := follow(path)
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return &fs.PathError{Op: "replace", Path: path, Err: ErrNotRegular}
	case info.Mode().Perm()&0o200 == 0:
		return &fs.PathError{Op: "replace", Path: path, Err: ErrReadOnly}
	default:
		mode = info.Mode().Perm()
	}
	return replace(path, data, mode)
}

// WriteMkdir is [Write] that makes the folders it needs, as [MkdirAll] does.
func WriteMkdir(path string, data []byte) error {
	if err := MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	return Write(path, data)
}

func replace(path string, data []byte, mode fs.FileMode) (err error) {
	dir := filepath.Dir(path)
	prefix, suffix := affixes(path)
	temp, err := os.CreateTemp(dir, prefix+"*"+suffix) // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
		}
	}()
	_, err = temp.Write(data)
	if err == nil && mode != 0o600 {
		err = temp.Chmod(mode)
	}
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	return syncFolder(dir)
}

// affixes are what the name of a temporary file begins and ends with: it is
// hidden beside the file that it will replace, and no listing of *.json or
// *.yaml has it.
func affixes(path string) (prefix, suffix string) { return "." + filepath.Base(path) + ".", ".tmp" }

// Leftovers are the temporary files of writes to path that were killed. Those of
// a write that goes on now are among them: hold the lock of the file, if it has
// one, before removing any.
func Leftovers(path string) []string {
	dir := filepath.Dir(path)
	prefix, suffix := affixes(path)
	entries, _ := os.ReadDir(dir)
	var found []string
	for _, e := range entries {
		if len(e.Name()) > len(prefix+suffix) && strings.HasPrefix(e.Name(), prefix) && strings.HasSuffix(e.Name(), suffix) {
			found = append(found, filepath.Join(dir, e.Name()))
		}
	}
	return found
}

// maxLinks is how many links in a row are followed.
const maxLinks = 40

// follow gives the file that a path leads to, which need not exist yet.
func follow(path string) (string, error) {
	first := path
	for range maxLinks {
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, nil
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			// Its folder may be reached by a link itself, and then ".." means another one.
			dir, err := filepath.EvalSymlinks(filepath.Dir(path))
			if err != nil {
				return "", err
			}
			target = filepath.Join(dir, target)
		}
		path = target
	}
	return "", &fs.PathError{Op: "replace", Path: first, Err: errors.New("links go in a circle")}
}

// MkdirAll makes a folder and those above it, for their owner only (0700), and
// returns when the disk knows of them.
func MkdirAll(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		return &fs.PathError{Op: "mkdir", Path: dir, Err: fmt.Errorf("%w: it is no folder", fs.ErrExist)}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if err := MkdirAll(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(parent)
}

// syncFolder puts the names in a folder on the disk. Windows has no such call,
// nor has every file system of others.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}
