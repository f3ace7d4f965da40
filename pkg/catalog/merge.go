package catalog

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
	"github.com/gobiz-cli/gobiz/internal/document/edit"
)

// Merge writes a live menu over an existing file, of which it keeps the bytes:
// comments, the order of keys, short forms, defaults and anchors stay, values
// that differ are replaced, entities that are gone are cut out with their
// comments, new ones are put in their place in the style of their neighbours.
// An item that is in another menu now, or a variant in another category, takes
// its lines and comments along. [DroppedComments] tells what is lost.
//
// Menus are matched by name or by their items, the rest by external id, and
// where that has changed by GoBiz's own id or by a name that no other has. The
// order of menus, items and variants is the live one.
//
// The comment of an entry is what stands right above it without an empty line,
// in it, and below it when it is indented deeper. Others stay where they are.
//
// A file that does not read is an [*InvalidError]: what it says beside the live
// menu would be lost. The result reads and builds to the live menu; that is
// checked. Where it cannot be had, because the file is laid out in a way that
// Merge does not follow, a file that is the live menu already stays as it is, and
// another one is written anew like [EncodeYAML] and [EncodeJSON] do, and a note
// says so. The file's in_stock and images stay where they are not against
// the live menu: in_stock that is not stated is not added, and an image keeps its
// URL unless the live one is on the same host.
//
// name decides between YAML and JSON as for [Parse]. The notes are those of
// [Live.File], and of the merge.
func Merge(name string, existing []byte, live *Live) ([]byte, []Note, error) {
	old, findings := Parse(name, existing, Partner)
	if err := findings.Err(name); err != nil {
		return nil, nil, err
	}
	want, notes := live.File(old)
	m := &merger{name: name, old: old, want: want, live: live, stock: live.Stock(old), comments: commentsByEntity(notes)}
	merged, rewritten, err := m.edit(existing)
	switch {
	case err == nil:
	case m.check(existing) == nil:
		merged = existing
	default:
		return anew(name, existing, want, notes, err.Error())
	}
	for _, of := range rewritten {
		n := of.(Note)
		n.Message = "it shares values through an anchor in a way that does not hold any more; the entry is written anew"
		notes = append(notes, n)
	}
	return merged, notes, nil
}

// String is the note in one line, "item Bakmi (MI-001): …".
func (n Note) String() string {
	of := n.Entity + " " + n.Name
	if n.ExternalID != "" {
		of += " (" + n.ExternalID + ")"
	}
	return of + ": " + n.Message
}

// anew gives up the file's own layout.
func anew(name string, existing []byte, want *File, notes []Note, why string) ([]byte, []Note, error) {
	var data []byte
	var err error
	if document.IsJSON(name, bytes.TrimPrefix(existing, []byte("\ufeff"))) {
		data, err = EncodeJSON(want)
	} else {
		data, err = EncodeYAML(want, notes)
	}
	return data, append(notes, Note{Entity: "file", Name: name, Message: "written anew, without its comments: " + why}), err
}

// merger decides what is to change in a file.
type merger struct {
	name      string
	file      *edit.File
	old, want *File
	live      *Live
	stock     Stock
	comments  map[entityKey]string
	longHours bool // windows are written {start, end}

	fromMenu     []int // for each wanted menu the old one, or -1
	fromItem     map[*Item]match
	fromCategory []int
	fromVariant  map[*Variant]match
	newID        map[string]string // of variant categories, by the id in the file
}

// edit makes the changes in the file.
func (m *merger) edit(existing []byte) (merged []byte, rewritten []any, err error) {
	if m.file, err = edit.Open(m.name, existing); err != nil {
		return nil, nil, err
	}
	m.longHours = longHours(m.file.Root)
	m.pairEntities()
	if merged, rewritten, err = m.file.Apply(m.catalog); err != nil {
		return nil, nil, err
	}
	return merged, rewritten, m.check(merged)
}

// check holds a merged file against the live menu.
func (m *merger) check(merged []byte) error {
	s, findings := Parse(m.name, merged, Partner)
	if len(findings) > 0 {
		return fmt.Errorf("the result would not read: %s", findings[0].at(m.name))
	}
	got, err := s.Build(BuildOptions{Live: m.live})
	if err != nil {
		return err
	}
	want, err := m.want.Build(BuildOptions{Live: m.live})
	if err != nil {
		return err
	}
	// Two menus that differ from the live one in the same way are the same, but
	// for URLs of images.
	if !reflect.DeepEqual(Compare(got, m.live, nil).Changes, Compare(want, m.live, nil).Changes) {
		return fmt.Errorf("the result would not be the live menu")
	}
	if !slices.EqualFunc(got.images(), want.images(), keepImage) {
		return fmt.Errorf("the result would have another image")
	}
	return nil
}

func (p *Payload) images() (urls []string) {
	for _, m := range p.Menus {
		for _, item := range m.MenuItems {
			urls = append(urls, item.Image)
		}
	}
	return urls
}

// A Comment is a comment of a YAML file.
type Comment struct {
	Line int    // from 1
	Text string // without the # and the blanks around it
}

// DroppedComments returns the comments of a file that its next version does not
// have any more: those of entries that are gone, and all when [Merge] had to
// write the file anew. Comments that a pull has written itself do not count. name
// decides between YAML and JSON as for [Parse]; JSON has no comments.
func DroppedComments(name string, before, after []byte) []Comment {
	left := map[string]int{}
	for _, c := range edit.Comments(name, after) {
		left[withoutNotes(c.Text)]++
	}
	var dropped []Comment
	for _, c := range edit.Comments(name, before) {
		switch text := withoutNotes(c.Text); {
		case left[text] > 0:
			left[text]--
		case text != "":
			dropped = append(dropped, Comment(c))
		}
	}
	return dropped
}

// withoutNotes leaves of a comment what a pull has not written.
func withoutNotes(comment string) string {
	for _, message := range []string{madeIDMessage, danglingMessage} {
		comment = strings.ReplaceAll(comment, message, "")
	}
	for {
		before, rest, found := strings.Cut(comment, roundedPrefix)
		_, after, whole := strings.Cut(rest, roundedSuffix)
		if !found || !whole {
			return strings.Trim(comment, "; ")
		}
		comment = before + after
	}
}
