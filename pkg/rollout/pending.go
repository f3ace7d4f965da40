package rollout

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
)

// pendingWrites keeps the line of each write from before it begins until
// it is in the log. A line that is left over is that of a process that was
// killed in between.
type pendingWrites struct {
	dir string
	log WriteLog
}

func (s State) pending() pendingWrites {
	return pendingWrites{dir: filepath.Join(s.Dir, "pending", s.Environment.folder()), log: s.Writes()}
}

func (p pendingWrites) folder(outletID string) string {
	return filepath.Join(p.dir, safeName(outletID))
}

const pendingSuffix = ".json"

func (p pendingWrites) path(record WriteRecord) string {
	return filepath.Join(p.folder(record.OutletID), safeName(record.RequestID)+pendingSuffix)
}

// begin writes down that a write begins.
func (p pendingWrites) begin(record WriteRecord) error {
	record.Result = WriteUnknown
	line, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return atomicfile.WriteMkdir(p.path(record), line)
}

// end says that the line of a write is in the log. When that is forgotten the
// log knows it.
func (p pendingWrites) end(record WriteRecord) { _ = os.Remove(p.path(record)) }

// note adds the lines of writes to an outlet whose processes were killed.
func (p pendingWrites) note(outletID string, now time.Time) error {
	files, err := os.ReadDir(p.folder(outletID))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, file := range files {
		if strings.HasPrefix(file.Name(), ".") || !strings.HasSuffix(file.Name(), pendingSuffix) {
			continue
		}
		if err := p.noteFile(filepath.Join(p.folder(outletID), file.Name()), now); err != nil {
			return err
		}
	}
	return nil
}

func (p pendingWrites) noteFile(path string, now time.Time) error {
	data, err := atomicfile.Read(path, maxRecord)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its process lives, and has just ended it
	}
	if err != nil {
		return err
	}
	var record WriteRecord
	if json.Unmarshal(data, &record) == nil {
		known, err := p.log.Has(record.RequestID)
		if err != nil {
			return err
		}
		if !known {
			record.Time = now
			if err := p.add(record); err != nil {
				return err
			}
		}
	}
	return os.Remove(path)
}

// add adds a line, behind what may be a piece of it.
func (p pendingWrites) add(record WriteRecord) error {
	file, err := p.log.open()
	if err != nil {
		return err
	}
	return errors.Join(p.log.closeLine(file), p.log.append(file, record), file.Close())
}
