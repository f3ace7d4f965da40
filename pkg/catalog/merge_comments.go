package catalog

import (
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document/edit"
)

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
