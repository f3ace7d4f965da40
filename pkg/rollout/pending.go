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

// pendingWrites keeps the audit line of each write from before it begins until
// it is in the log. A line that is left over is that of a process that was
// killed in between.
type pendingWrites struct {
	dir   string
	audit AuditLog
}

func (s State) pending() pendingWrites {
	return pendingWrites{dir: filepath.Join(s.Dir, "pending", s.Place.folder()), audit: s.Audit()}
}

func (p pendingWrites) folder(outletID string) string {
	return filepath.Join(p.dir, safeName(outletID))
}

const pendingSuffix = ".json"

func (p pendingWrites) path(entry AuditEntry) string {
	return filepath.Join(p.folder(entry.OutletID), safeName(entry.RequestID)+pendingSuffix)
}

// begin writes down that a write begins.
func (p pendingWrites) begin(entry AuditEntry) error {
	entry.Result = AuditUnknown
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	return atomicfile.WriteMkdir(p.path(entry), line)
}

// end says that the line of a write is in the log. When that is forgotten the
// log knows it.
func (p pendingWrites) end(entry AuditEntry) { _ = os.Remove(p.path(entry)) }

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
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its process lives, and has just ended it
	}
	if err != nil {
		return err
	}
	var entry AuditEntry
	if json.Unmarshal(data, &entry) == nil {
		known, err := p.audit.Has(entry.RequestID)
		if err != nil {
			return err
		}
		if !known {
			entry.Time = now
			if err := p.add(entry); err != nil {
				return err
			}
		}
	}
	return os.Remove(path)
}

// add adds a line, behind what may be a piece of it.
func (p pendingWrites) add(entry AuditEntry) error {
	file, err := p.audit.open()
	if err != nil {
		return err
	}
	return errors.Join(p.audit.closeLine(file), p.audit.append(file, entry), file.Close())
}
