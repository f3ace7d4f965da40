package capture_test

import (
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/internal/capture"
)

// Text that is not UTF-8 comes back byte for byte, and stands in the line in a way
// that others can read.
func TestTextThatIsNotUTF8(t *testing.T) {
	t.Parallel()
	want := capture.Record{
		ReceivedAt: time.Date(2026, 1, 5, 5, 30, 0, 0, time.UTC), Method: "POST", Path: "/a\xff\xe9", Query: "x=\xfe",
		Header: http.Header{"X-Odd": {"\xff", "é", "\"\\\x01"}}, Body: []byte("{}"), Signature: "\xff",
	}
	line := want.Append(nil)
	if !strings.Contains(string(line), `"path":"/aÿé"`) || !strings.HasSuffix(string(line), `,"charset":"iso-8859-1"}`+"\n") {
		t.Errorf("%s", line)
	}
	got, err := capture.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A list of places reads as if it held the lines themselves, and says what is
// wrong with its capture.
func TestReferences(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{"orders.jsonl": {Data: []byte(line1 + "\n" + line2 + "\n")}}
	to := func(name string, offset, length int) string {
		return string(capture.Reference{Capture: name, Ref: capture.Ref{Offset: int64(offset), Length: length}}.Append(nil))
	}
	second := to("orders.jsonl", len(line1)+1, len(line2)+1)
	first := to("orders.jsonl", 0, len(line1)+1)
	whole, err := capture.Load([]byte(line2 + "\n" + line1 + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := capture.LoadFile([]byte(second+first), folder)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, got); diff != "" {
		t.Errorf("(-lines +references):\n%s", diff)
	}

	for _, tt := range []struct {
		list   string
		folder fs.FS
		broken string // a line; else the whole is refused
		err    string
	}{
		{first + to("orders.jsonl", 5, 10), folder, "line 2: orders.jsonl: the file was changed since", ""},
		{first + to("orders.jsonl", len(line1)+1, 5000), folder, "line 2: orders.jsonl: the file was changed since", ""},
		{first + to("orders.jsonl", -1, 10), folder, "line 2: orders.jsonl: the file was changed since", ""},
		{first + to("others.jsonl", 0, 10), folder, "line 2: it refers to others.jsonl, the lines before it to orders.jsonl", ""},
		{first + first[:20], folder, "line 2: the line is cut off", ""},
		{to("gone.jsonl", 0, 10), folder, "", "it lists places in the capture gone.jsonl, which must be beside it: file does not exist"},
		{to("../gone.jsonl", 0, 10), folder, "", "it lists places in the capture ../gone.jsonl, which must be beside it: file does not exist"},
		{first, nil, "", "it lists places in the capture orders.jsonl, which must be beside it: stdin has nothing beside it"},
	} {
		in, err := capture.LoadFile([]byte(tt.list), tt.folder)
		var missing *capture.MissingError
		switch {
		case tt.broken == "" && (!errors.As(err, &missing) || err.Error() != tt.err):
			t.Errorf("%s: error %v, want %s", tt.list, err, tt.err)
		case tt.broken != "" && (err != nil || len(in.Records) != 1 || len(in.Broken) != 1 || in.Broken[0].Error() != tt.broken):
			t.Errorf("%s: %v, %v, want %s", tt.list, in.Broken, err, tt.broken)
		}
	}
}
