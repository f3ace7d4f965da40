package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/internal/replay"
)

// openRecording looks through a recorded file, or stdin for "-". Its end closes
// it.
func (c *console) openRecording(ctx context.Context, name string, want replay.Selection) (recorded *replay.Recording, end func(), err error) {
	if name == "-" {
		data, err := c.readInput(ctx, name, replay.MaxDocument)
		if err != nil {
			return nil, nil, err
		}
		recorded, err = replay.Open(bytes.NewReader(data), int64(len(data)), nil, want)
		return recorded, func() {}, recordingError(name, err)
	}
	file, info, err := c.openRegular(name)
	if err != nil {
		return nil, nil, err
	}
	if recorded, err = replay.Open(file, info.Size(), c.folderOf(name), want); err != nil {
		file.Close()
		return nil, nil, recordingError(name, err)
	}
	return recorded, func() {
		recorded.Close()
		file.Close()
	}, nil
}

func recordingError(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, replay.ErrNothing):
		return invalidInput("a body of your own is sent by 'gobiz webhook trigger --data FILE'", "%s holds no recorded notification", inputName(name))
	}
	return fmt.Errorf("read %s: %w", inputName(name), cause(err))
}

// folderOf is the folder of a file that a user named, nil for stdin.
func (c *console) folderOf(name string) fs.FS {
	if name == "-" {
		return nil
	}
	return os.DirFS(filepath.Dir(c.path(name)))
}

func (c *console) openRegular(name string) (*os.File, os.FileInfo, error) {
	file, err := atomicfile.Open(c.path(name))
	switch {
	case errors.Is(err, atomicfile.ErrNotRegular):
		return nil, nil, fmt.Errorf("read %s: it is no regular file; pass - for stdin", name)
	case err != nil:
		return nil, nil, fmt.Errorf("read %s: %w", name, cause(err))
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

// shownLines bounds how many lines are told of one by one.
const shownLines = 10

// noteRecording notes what of the file is not sent. Nothing to send is an error.
func (o *webhookReplayOptions) noteRecording(r *replay.Recording) error {
	if len(r.Absent) > 0 {
		return invalidInput("an id is header.event_id of a body, or the value of X-Go-Idempotency-Key", "%s has no record of event %s", inputName(o.file), strings.Join(r.Absent, ", "))
	}
	for _, broken := range r.Broken[:min(len(r.Broken), shownLines)] {
		o.Note("warning: %s:%d is no record: %v", inputName(o.file), broken.Line, broken.Err)
	}
	if more := len(r.Broken) - shownLines; more > 0 {
		o.Note("warning: %d more lines are no record", more)
	}
	if r.Cut != nil {
		o.Note("note: %s:%d was not written to its end; it is left out", inputName(o.file), r.Cut.Line)
	}
	const why = "--include-invalid sends what did not verify as well"
	if n := len(r.Refused); n > 0 && len(r.Entries) > 0 {
		o.Note("note: left out, since their signature did not verify: %s; %s", lineList(r.Refused), why)
	} else if n > 0 {
		return invalidInput(why, "nothing of %s is sent, since no signature verified when it was received: %s", inputName(o.file), lineList(r.Refused))
	}
	if len(r.Entries) == 0 {
		return invalidInput("", "no record of %s is chosen", inputName(o.file))
	}
	return nil
}

// lineList names lines, the first few of them.
func lineList(lines []int) string {
	var numbers []string
	for _, line := range lines[:min(len(lines), shownLines)] {
		numbers = append(numbers, strconv.Itoa(line))
	}
	list := "line " + strings.Join(numbers, ", ")
	if len(lines) > 1 {
		list = "lines " + strings.Join(numbers, ", ")
	}
	if more := len(lines) - shownLines; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// brokenLines is the error of a replay that was complete but for lines that are
// no record.
func brokenLines(file string, r *replay.Recording) error {
	if len(r.Broken) == 0 {
		return nil
	}
	var lines []int
	for _, broken := range r.Broken {
		lines = append(lines, broken.Line)
	}
	return &Error{
		Exit: exitPartial, Code: "partial",
		Message: fmt.Sprintf("the rest was delivered, but there is no record in %s of %s", lineList(lines), inputName(file)),
	}
}
