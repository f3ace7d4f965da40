package rollout

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// PullFormat is what a pulled menu is written as.
type PullFormat string

// The formats of a pull.
const (
	PullYAML PullFormat = "yaml"
	PullJSON PullFormat = "json"
	PullRaw  PullFormat = "raw" // the API's own answer, untouched
)

// A PullFile is the file that a pull brings up to date.
type PullFile struct {
	Name    string // as the user calls it, for messages; .json is a JSON file
	Path    string // where it is, absolute; empty writes none
	Content []byte // what it holds, nil when there is none
}

// PullOptions are how to pull.
type PullOptions struct {
	Format PullFormat // empty is PullYAML
	Force  bool       // write the file anew, whatever it holds
	// State remembers which outlet a file is of that has no room for a comment.
	// It is needed for [PullJSON] and [PullRaw] unless no file is written.
	State *State
}

// PullResult is what became of a pull.
type PullResult struct {
	Live    *catalog.Live
	Content []byte            // what the file holds now
	Written bool              // false when the file held it already, or there is none
	Notes   []catalog.Note    // what the file has and the live menu has not, or the other way round
	Dropped []catalog.Comment // of the file as it was: gone with what they were about
}

// OtherFileError says that a file was not written by a pull of this outlet, and is
// untouched.
type OtherFileError struct {
	Name     string
	OutletID string // that it was pulled from; empty when no pull has written it
}

func (e *OtherFileError) Error() string {
	if e.OutletID == "" {
		return e.Name + " exists and was not written by a pull"
	}
	return e.Name + " holds the menu of outlet " + cleantext.Text(e.OutletID)
}

// FileError says that a file could not be written.
type FileError struct {
	Name string
	Err  error
}

// ErrFileChanged says that a file was changed while it was pulled, and is as it was
// changed.
var ErrFileChanged = errors.New("it was changed while the live menu was read")

func (e *FileError) Error() string { return "write " + e.Name + ": " + e.Err.Error() }
func (e *FileError) Unwrap() error { return e.Err }

// EmptiedError says that the live menu has no items, and that the file, which is
// untouched, has some.
type EmptiedError struct {
	Name     string
	OutletID string
	Items    int // of the file
}

func (e *EmptiedError) Error() string {
	return fmt.Sprintf("the live menu of %s has no items, and %s has %d", cleantext.Text(e.OutletID), e.Name, e.Items)
}

// Pull brings the live menu of an outlet into a file. A file that is there keeps
// its comments, its order and its short forms ([catalog.Merge]). Before anything is
// asked, one that another outlet was pulled to, or that no pull has written, is an
// [*OtherFileError], and one that does not read a [*catalog.InvalidError]. The
// result is filled in as far as the pull came.
func Pull(ctx context.Context, client *gobiz.Client, outletID string, file PullFile, o PullOptions) (PullResult, error) {
	p := pull{PullOptions: o, outletID: outletID, file: file}
	if err := p.checkOwner(); err != nil {
		return PullResult{}, err
	}
	if err := p.read(); err != nil {
		return PullResult{}, err
	}
	result := PullResult{Live: &catalog.Live{}}
	reply, err := client.Catalog(ctx, outletID, result.Live)
	if err != nil {
		return PullResult{}, fmt.Errorf("pull the menu of %s: %w", outletID, err)
	}
	if !o.Force && p.items > 0 && result.Live.Items() == 0 {
		return result, &EmptiedError{Name: file.Name, OutletID: outletID, Items: p.items}
	}
	result.Content = reply.Body
	if o.Format != PullRaw {
		if result.Content, result.Notes, err = p.encode(result.Live); err != nil {
			return result, err
		}
		if !o.Force {
			result.Dropped = catalog.DroppedComments(file.Name, file.Content, result.Content)
		}
	}
	result.Written, err = p.write(result.Content)
	return result, err
}

// A pull has what does not change from step to step.
type pull struct {
	PullOptions
	outletID string
	file     PullFile
	known    *catalog.File // what the file says; nil when it does not read, or is raw
	items    int           // that the file has
}

// marked reports whether a comment in the file says which outlet it is of.
func (p *pull) marked() bool { return p.Format == PullYAML || p.Format == "" }

// checkOwner keeps a pull from replacing what it did not write.
func (p *pull) checkOwner() error {
	if p.Force || len(p.file.Content) == 0 {
		return nil
	}
	owner := markedOutlet(p.file.Content)
	if !p.marked() {
		owner = ""
		if p.State != nil {
			var err error
			if owner, err = p.State.pulledFrom(p.file.Path); err != nil {
				return err
			}
		}
	}
	if owner != p.outletID {
		return &OtherFileError{Name: p.file.Name, OutletID: owner}
	}
	return nil
}

// read finds out what the file says, and keeps a pull from replacing what it does
// not understand: an item that is not pushed yet is nowhere else.
func (p *pull) read() error {
	switch {
	case len(p.file.Content) == 0:
	case p.Format == PullRaw:
		if live, err := catalog.FromLive(p.file.Content); err == nil {
			p.items = live.Items()
		}
	default:
		file, findings := catalog.Parse(p.file.Name, p.file.Content, catalog.Partner)
		if err := findings.Err(p.file.Name); err == nil {
			p.known, p.items = file, file.Items()
		} else if !p.Force {
			return err
		}
	}
	return nil
}

// encode makes the file of a live menu: the one that is there brought up to date,
// or a new one. Of a file that is to be replaced the ids of variant categories
// are known.
func (p *pull) encode(live *catalog.Live) (content []byte, notes []catalog.Note, err error) {
	if len(p.file.Content) > 0 && !p.Force {
		content, notes, err = catalog.Merge(p.file.Name, p.file.Content, live)
		if err == nil && p.marked() && markedOutlet(content) != p.outletID {
			content = markOutlet(content, p.outletID)
		}
		return content, notes, err
	}
	file, notes := live.File(p.known)
	if p.Format == PullJSON {
		content, err = catalog.EncodeJSON(file)
		return content, notes, err
	}
	if content, err = catalog.EncodeYAML(file, notes); err != nil {
		return nil, nil, err
	}
	return markOutlet(content, p.outletID), notes, nil
}

// write replaces the file unless it holds the content already, and remembers
// whose menu it is.
func (p *pull) write(content []byte) (written bool, err error) {
	if p.file.Path == "" {
		return false, nil
	}
	if !bytes.Equal(p.file.Content, content) {
		// Somebody may have saved the file while the menu was read.
		now, err := atomicfile.Read(p.file.Path, catalog.MaxFileSize)
		if err == nil && !p.Force && !bytes.Equal(now, p.file.Content) && !bytes.Equal(now, content) {
			return false, &FileError{Name: p.file.Name, Err: ErrFileChanged}
		}
		if err := atomicfile.Write(p.file.Path, content); err != nil {
			return false, &FileError{Name: p.file.Name, Err: err}
		}
		written = true
	}
	if p.marked() || p.State == nil {
		return written, nil
	}
	return written, atomicfile.WriteMkdir(p.State.pullRecord(p.file.Path), []byte(p.outletID+"\n"))
}

// outletMark is a comment that says which outlet a file was pulled from.
const outletMark = "# outlet: "

// markOutlet puts the mark below the line that names the schema.
func markOutlet(content []byte, outletID string) []byte {
	mark := outletMark + outletID + "\n"
	first, rest, found := bytes.Cut(content, []byte("\n"))
	if !found || !bytes.HasPrefix(first, []byte("#")) {
		return append([]byte(mark), content...)
	}
	return bytes.Join([][]byte{first, []byte(mark + string(rest))}, []byte("\n"))
}

// markedOutlet reads the mark among the comments at the top of a file. An editor
// may have put a byte order mark, empty lines or --- there.
func markedOutlet(content []byte) string {
	for line := range bytes.Lines(bytes.TrimPrefix(content, []byte("\ufeff"))) {
		line := strings.TrimSpace(string(line))
		if outletID, ok := strings.CutPrefix(line, outletMark); ok {
			return strings.TrimSpace(outletID)
		}
		if line != "" && line != "---" && line[0] != '#' {
			return ""
		}
	}
	return ""
}

// PulledFrom returns the outlet that a file was pulled from, empty when nobody knows.
// A comment says it, or what was remembered of the file at an absolute path.
func (s State) PulledFrom(path string, content []byte) (string, error) {
	if owner := markedOutlet(content); owner != "" || path == "" {
		return owner, nil
	}
	return s.pulledFrom(path)
}

// pulledFrom returns the outlet that the file at an absolute path was last pulled
// from; empty when no pull has written it.
func (s State) pulledFrom(path string) (string, error) {
	data, err := atomicfile.Read(s.pullRecord(path), maxRecord)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return "", nil
	}
	return strings.TrimSpace(string(data)), err
}

// pullRecord is the small file that remembers which outlet the file at path was
// pulled from, for formats that have no room to say so.
func (s State) pullRecord(path string) string {
	sum := sha256.Sum256([]byte(filepath.Clean(path)))
	return filepath.Join(s.Dir, "pulled", hex.EncodeToString(sum[:16]))
}
