package rollout

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
)

// WriteLog is the log of writes: a file with a line of JSON for each write. Lines are only ever
// added.
type WriteLog struct {
	Path string // made with mode 0600, its folder with 0700
}

// A WriteRecord is one write of a menu. It says which, and not what: no names,
// prices or texts, no secrets, nothing about a person.
type WriteRecord struct {
	Time          time.Time   `json:"time"` // of the write's end
	Profile       string      `json:"profile"`
	Environment   string      `json:"environment"`
	API           string      `json:"api"`   // its host
	OAuth         string      `json:"oauth"` // and that of its logins
	OutletID      string      `json:"outlet_id"`
	Reason        string      `json:"reason"` // push, rollback
	RequestID     string      `json:"request_id"`
	LiveDigest    *string     `json:"live_digest"` // of the menu that was replaced; null when the API cannot tell
	PayloadDigest string      `json:"payload_digest"`
	Snapshot      *string     `json:"snapshot"`
	Items         int         `json:"items"`      // of the payload
	LiveItems     *int        `json:"live_items"` // that were live before
	Added         int         `json:"added"`
	Removed       int         `json:"removed"`
	Changed       int         `json:"changed"`
	Attempts      int         `json:"attempts"`
	Result        WriteResult `json:"result"`
	HTTPStatus    int         `json:"http_status,omitempty"` // of a refusal
}

// maxRecord bounds the text of a record, in bytes.
const maxRecord = 1 << 20

// WriteResult is how a write ended.
type WriteResult string

// The results of a write.
const (
	WritePushed WriteResult = "pushed" // accepted
	WriteFailed WriteResult = "failed" // the API refused it
	// WriteUnknown is a write without an answer: the network failed, or the
	// process ended. The menu is the old or the new one.
	WriteUnknown WriteResult = "unknown"
)

// open makes sure, before a write, that its line can be written after it.
func (log WriteLog) open() (*os.File, error) {
	if err := atomicfile.MkdirAll(filepath.Dir(log.Path)); err != nil {
		return nil, err
	}
	return atomicfile.OpenAppend(log.Path)
}

// append adds a line with one call, so that lines of several processes do not
// mix.
func (WriteLog) append(file *os.File, record WriteRecord) error {
	record.Time = record.Time.UTC()
	line, err := json.Marshal(record)
	if err != nil {
		return err
	}
	if _, err := file.Write(append(line, '\n')); err != nil {
		return err
	}
	return file.Sync()
}

// closeLine ends a line that a kill or a full disk has cut off, so that the next
// one stands alone. Between the lines of other processes it may leave a blank.
func (WriteLog) closeLine(file *os.File) error {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	var last [1]byte
	if _, err := file.ReadAt(last[:], info.Size()-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = file.Write([]byte{'\n'})
	return err
}

// Append adds a record.
func (log WriteLog) Append(record WriteRecord) error { return log.add(record, false) }

// add adds a record, also behind a piece of one where there may be such.
func (log WriteLog) add(record WriteRecord, piece bool) error {
	file, err := log.open()
	if err != nil {
		return err
	}
	if piece {
		err = log.closeLine(file)
	}
	return errors.Join(err, log.append(file, record), file.Close())
}

// Result is how the log says that a write ended, in a whole line; known is false
// when there is none.
func (log WriteLog) Result(requestID string) (result WriteResult, known bool, err error) {
	file, err := atomicfile.Open(log.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	defer file.Close()
	wanted := []byte(`"request_id":"` + requestID + `"`)
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxRecord)
	for lines.Scan() {
		var record WriteRecord
		if bytes.Contains(lines.Bytes(), wanted) && json.Unmarshal(lines.Bytes(), &record) == nil {
			return record.Result, true, nil
		}
	}
	return "", false, lines.Err()
}
