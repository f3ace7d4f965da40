package rollout

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
)

// pullMemory remembers which outlet a file was pulled from, for formats that have
// no room to say so: one small file for each in a folder of the state directory.
type pullMemory struct{ dir string }

func (s State) pullMemory() pullMemory { return pullMemory{filepath.Join(s.Dir, "pulled")} }

// outlet returns the outlet that the file at path was last pulled from; empty when
// no pull has written it. path is absolute.
func (m pullMemory) outlet(path string) (string, error) {
	data, err := os.ReadFile(m.file(path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(data)), err
}

// remember notes that the file at path holds the menu of an outlet.
func (m pullMemory) remember(path, outletID string) error {
	return atomicfile.WriteMkdir(m.file(path), []byte(outletID+"\n"))
}

func (m pullMemory) file(path string) string {
	sum := sha256.Sum256([]byte(filepath.Clean(path)))
	return filepath.Join(m.dir, hex.EncodeToString(sum[:16]))
}
