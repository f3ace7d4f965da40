package triage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// stateFolder writes a file and removes it: permission bits do not tell about a
// read-only file system, a full disk or a quota. A folder that is not there yet
// is not made; then the folder above it must do.
func (d *doctor) stateFolder(context.Context) verdict {
	const fix = "export GOBIZ_STATE_DIR=DIR # a folder of yours"
	dir := d.setup.StateDir
	if dir == "" {
		return notNeeded("not known")
	}
	where, isNew := dir, false
	for {
		_, err := os.Stat(where)
		if err == nil {
			break
		}
		if parent := filepath.Dir(where); errors.Is(err, fs.ErrNotExist) && parent != where {
			where, isNew = parent, true
			continue
		}
		return failed("not usable: "+err.Error(), fix)
	}
	file, err := os.CreateTemp(where, ".gobiz-doctor-*")
	if err != nil {
		return failed("not writable: "+err.Error(), fix)
	}
	_, err = file.WriteString("gobiz doctor\n")
	err = errors.Join(err, file.Close(), os.Remove(file.Name()))
	if err != nil {
		return failed("not writable: "+err.Error(), fix)
	}
	if isNew {
		return ok(dir + " can be made")
	}
	if mode, open := openToOthers(d.setup.GOOS, dir); open {
		return warning(fmt.Sprintf("%s has mode %04o, others can look into it", dir, mode), "chmod 700 "+quote(dir))
	}
	return ok(dir + " is writable")
}

// openToOthers reports whether a file or folder is open to other users than its
// owner. Windows has no such bits.
func openToOthers(goos, path string) (fs.FileMode, bool) {
	info, err := os.Stat(path)
	if err != nil || goos == "windows" {
		return 0, false
	}
	mode := info.Mode().Perm()
	return mode, mode&0o077 != 0
}
