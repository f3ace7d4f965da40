package rollout

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Pulled remembers which outlet a file was pulled from, for formats that have
// no room to say so. It keeps one small file for each in a folder of the state
// directory.
type Pulled struct {
	Dir string // made with mode 0700 at the first Remember
}

// Outlet tells which outlet the file at path was last pulled from; empty when
// no pull has written it. path is absolute.
func (p Pulled) Outlet(path string) (string, error) {
	data, err := os.ReadFile(p.file(path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(data)), err
}

// Remember notes that the file at path holds the menu of an outlet.
func (p Pulled) Remember(path, outletID string) error {
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(p.file(path), []byte(outletID+"\n"), 0o600)
}

func (p Pulled) file(path string) string {
	sum := sha256.Sum256([]byte(filepath.Clean(path)))
	return filepath.Join(p.Dir, hex.EncodeToString(sum[:16]))
}
