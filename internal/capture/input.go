package capture

import (
	"bytes"
	"io/fs"
)

// Kind is what a person handed over.
type Kind int

// The kinds of input.
const (
	Body          Kind = iota // the bytes of one notification
	Capture                   // lines that a listener has recorded
	Notifications             // what GoBiz says it sent (developer documentation, "Troubleshooting")
)

func (k Kind) String() string {
	switch k {
	case Capture:
		return "capture"
	case Notifications:
		return "notifications"
	default:
		return "body"
	}
}

// Input is a file that holds notifications, in any of the forms that people
// have them in.
type Input struct {
	Kind    Kind
	Records []Record     // in the order of the file
	Places  []Place      // where each record stands
	Broken  []*LineError // lines that are no record; the others were read
}

// A Place says where a record comes from.
type Place struct {
	Line     int    // of a file of lines, from 1; 0 for others
	Entity   string // order number or transaction id that the notification is about; empty for captures
	Endpoint string // URL that GoBiz sent it to; empty for captures
}

// Load is [LoadFile] of text that is no file.
func Load(data []byte) (Input, error) { return LoadFile(data, nil) }

// LoadFile reads a file of notifications, which is in folder:
//
//   - a capture: lines of JSON with body_base64, or references to such lines of
//     a capture in the same folder;
//   - notifications: an object with payload and headers or entity_id, a list of
//     them, one on each line, or the API's answer {"data":{"notifications":[…]}}.
//     The text of the payload is the body, and its bytes are what was signed;
//   - anything else is a body: one record that has nothing but its bytes.
//
// No body that GoBiz sends has a body_base64 or a payload at its top, so none is
// taken for one of the others. A file of lines is a capture, or notifications,
// when at least one of its lines is; the other lines are in Broken. It is an error
// when every line of a capture is broken, and when the capture to which a
// reference leads cannot be opened.
func LoadFile(data []byte, folder fs.FS) (Input, error) {
	text := bytes.TrimPrefix(data, []byte("\uFEFF"))
	if in, ok := loadDocument(text); ok {
		return in, nil
	}
	references := bytes.HasPrefix(text, []byte(referenceStart))
	if references || bytes.Contains(text, []byte(`"body_base64"`)) || bytes.Contains(text, []byte(`"payload"`)) {
		in, err := loadLines(text, folder)
		if err != nil || len(in.Records) > 0 {
			return in, err
		}
		if references || bytes.HasPrefix(text, []byte(`{"received_at":`)) {
			return in, in.Broken[0]
		}
	}
	return Input{Kind: Body, Records: []Record{{Body: data}}, Places: []Place{{}}}, nil
}

// loadLines reads each line as a record of a capture or a notification.
func loadLines(data []byte, folder fs.FS) (Input, error) {
	in := Input{Kind: Capture}
	reader := Reader{Folder: folder}
	defer reader.Close()
	for line, err := range reader.Lines(bytes.NewReader(data)) {
		if err != nil {
			return in, err
		}
		if line.Err == nil {
			in.add(line.Record, Place{Line: line.Number})
		} else if n, ok := parseNotification(bytes.Clone(line.Text)); ok {
			in.Kind = Notifications
			in.add(n.record(), Place{Line: line.Number, Entity: n.EntityID, Endpoint: n.Endpoint})
		} else {
			in.Broken = append(in.Broken, &LineError{line.Number, line.Err})
		}
	}
	return in, nil
}

func (in *Input) add(r Record, p Place) {
	in.Records = append(in.Records, r)
	in.Places = append(in.Places, p)
}
