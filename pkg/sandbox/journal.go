package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/internal/filelock"
)

// A state file is a journal of JSON lines. Each is a pair of what it says and a
// checksum of that and of all lines before it:
//
//	[{"gobiz_sandbox_state":1},"5b2c9d10"]
//	[{"put":{"orders":{"F-100200301":{…}}},"delete":{"codes":["…"]}},"0c77e1f4"]
//
// One update of the store is one line, which is appended with one write. What a
// kill leaves of the last line has no newline at its end, so that it is known
// and dropped. A start writes the file anew with the rows as they are, and so
// does an update that finds it grown far beyond that.
const (
	journalMark    = `[{"gobiz_sandbox_state":` // how every version begins
	journalVersion = 1
	sumSize        = len(`,"00000000"]`)
)

var (
	errStateDamaged = errors.New("is damaged; remove it or name another")
	errStateForeign = errors.New("is not a sandbox's state file; name another")
	errStateInUse   = errors.New("is in use by another sandbox; end that one or name another file")
	errStateVersion = errors.New("is of another version of the sandbox; remove it or name another")
)

// stateError reports what is wrong with the state file at path.
func stateError(path string, err error) error {
	var onFile *fs.PathError
	if errors.As(err, &onFile) {
		err = fmt.Errorf("cannot be opened: %w", onFile.Err)
	}
	return fmt.Errorf("state file %s %w", path, err)
}

// change is what one update did: rows that it wrote and ids of rows that it
// deleted, by table.
type change[Rows any] struct {
	Put    map[string]Rows     `json:"put,omitempty"`
	Delete map[string][]string `json:"delete,omitempty"`
}

// journal is an open state file. The lock file beside it is held until close.
type journal struct {
	path string
	free func() // frees the lock
	file *os.File
	size int64  // of the whole lines; what is behind them is the rest of a failed write
	sum  uint32 // of all lines

	limit int64 // the size at which it is full
}

// lockWait is how long a start waits for a sandbox that is closing.
const lockWait = time.Second / 2

// openJournal locks the state file at path, which may be missing or empty, and
// returns its rows by table and id. The caller writes them back with rewrite.
func openJournal(path string) (*journal, map[string]map[string]json.RawMessage, error) {
	if err := checkStateFile(path); err != nil {
		return nil, nil, err
	}
	// One file is locked once, whatever links lead to it.
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, nil, err
	}
	free, err := filelock.Take(context.Background(), path+".lock", lockWait)
	if errors.Is(err, filelock.ErrHeld) {
		return nil, nil, errStateInUse
	}
	if err != nil {
		return nil, nil, err
	}
	j := &journal{path: path, free: free}
	content, err := os.ReadFile(path)
	if err == nil {
		var rows map[string]map[string]json.RawMessage
		if rows, err = replay(content); err == nil {
			return j, rows, nil
		}
	}
	return nil, nil, errors.Join(err, j.close())
}

// checkStateFile refuses, before anything is written, what is no state file. It
// makes one that is missing.
func checkStateFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("is a directory; name a file")
	case !info.Mode().IsRegular():
		return errors.New("is not a regular file; name another") // to open a fifo would wait
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	start := make([]byte, len(journalMark))
	if n, _ := file.Read(start); n > 0 && string(start) != journalMark {
		return errStateForeign
	}
	return nil
}

// replay returns the rows that a journal leads to.
func replay(content []byte) (map[string]map[string]json.RawMessage, error) {
	rows := map[string]map[string]json.RawMessage{}
	if len(content) == 0 {
		return rows, nil
	}
	var sum uint32
	for first := true; ; first = false {
		line, rest, whole := bytes.Cut(content, []byte("\n"))
		if !whole {
			if first {
				return nil, errStateDamaged
			}
			return rows, nil
		}
		said, end := line[:max(0, len(line)-sumSize)], line[max(0, len(line)-sumSize):]
		sum = checksum(sum, said)
		if !bytes.HasPrefix(said, []byte("[")) || string(end) != sumText(sum) {
			return nil, errStateDamaged
		}
		said = said[1:]
		if first {
			var header struct {
				Version int `json:"gobiz_sandbox_state"`
			}
			if err := json.Unmarshal(said, &header); err != nil || header.Version != journalVersion {
				return nil, errStateVersion
			}
		} else if err := replayChange(rows, said); err != nil {
			return nil, errStateVersion // its checksum is right
		}
		content = rest
	}
}

func replayChange(rows map[string]map[string]json.RawMessage, said []byte) error {
	var c change[map[string]json.RawMessage]
	if err := json.Unmarshal(said, &c); err != nil {
		return err
	}
	for table, put := range c.Put {
		if rows[table] == nil {
			rows[table] = map[string]json.RawMessage{}
		}
		for id, row := range put {
			rows[table][id] = row
		}
	}
	for table, ids := range c.Delete {
		for _, id := range ids {
			delete(rows[table], id)
		}
	}
	return nil
}

// castagnoli is made at the first use: that takes as long as a whole start of gobiz.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

func checksum(before uint32, said []byte) uint32 { return crc32.Update(before, castagnoli(), said) }

func sumText(sum uint32) string { return fmt.Sprintf(`,"%08x"]`, sum) }

// encodeLine returns a line that says v, and the sum of all lines with it.
func encodeLine(before uint32, v any) (line []byte, sum uint32, err error) {
	said, err := json.Marshal(v)
	if err != nil {
		return nil, 0, err
	}
	line = append(append(make([]byte, 0, len(said)+sumSize+2), '['), said...)
	sum = checksum(before, line)
	return append(append(line, sumText(sum)...), '\n'), sum, nil
}

// add appends an update. There is no fsync: a killed process loses nothing
// without, since the page cache outlives it, and a power cut may lose the last
// seconds of a test server.
func (j *journal) add(c change[any]) error {
	line, sum, err := encodeLine(j.sum, c)
	if err != nil {
		return err
	}
	// A write that fails half-way, as on a full disk, leaves no newline. The next
	// one goes over it.
	if _, err := j.file.WriteAt(line, j.size); err != nil {
		return err
	}
	j.size += int64(len(line))
	j.sum = sum
	return nil
}

// rewrite replaces the journal by a short one with these rows.
func (j *journal) rewrite(rows change[any]) error {
	header, sum, err := encodeLine(0, map[string]int{"gobiz_sandbox_state": journalVersion})
	if err != nil {
		return err
	}
	all, sum, err := encodeLine(sum, rows)
	if err != nil {
		return err
	}
	content := slices.Concat(header, all)
	if j.file != nil {
		err = j.file.Close() // Windows replaces no open file
		j.file = nil
	}
	if err = errors.Join(err, atomicfile.Write(j.path, content)); err != nil {
		return err
	}
	for _, leftover := range atomicfile.Leftovers(j.path) { // of a process that was killed
		_ = os.Remove(leftover)
	}
	if j.file, err = os.OpenFile(j.path, os.O_RDWR, 0); err != nil {
		return err
	}
	j.size, j.sum = int64(len(content)), sum
	j.limit = max(minJournalLimit, 4*j.size)
	return nil
}

// full reports that it is time to rewrite the journal.
func (j *journal) full() bool { return j.size > j.limit }

// minJournalLimit keeps a small state from being written anew all the time.
const minJournalLimit = 16 << 20

func (j *journal) close() error {
	var err error
	if j.file != nil {
		err = errors.Join(j.file.Sync(), j.file.Close())
	}
	j.free()
	return err
}
