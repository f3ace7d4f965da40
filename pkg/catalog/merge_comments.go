package catalog

import (
	"bytes"
	"strings"
)

// A Comment is a comment of a YAML file.
type Comment struct {
	Line int    // from 1
	Text string // without the # and the blanks around it
}

// DroppedComments gives the comments of a file that its next version does not
// have any more: those of entries that are gone, and all when [Merge] had to
// write the file anew. Comments that a pull has written itself do not count. name
// decides between YAML and JSON as for [Parse]; JSON has no comments.
func DroppedComments(name string, before, after []byte) []Comment {
	left := map[string]int{}
	for _, c := range comments(name, after) {
		left[withoutNotes(c.Text)]++
	}
	var dropped []Comment
	for _, c := range comments(name, before) {
		switch text := withoutNotes(c.Text); {
		case left[text] > 0:
			left[text]--
		case text != "":
			dropped = append(dropped, c)
		}
	}
	return dropped
}

// comments lists the comments of a file from the top.
func comments(name string, data []byte) []Comment {
	text := bytes.TrimPrefix(data, []byte("\ufeff"))
	if len(bytes.TrimSpace(text)) == 0 || isJSON(name, text) {
		return nil
	}
	var found []remark
	if root, err := layoutYAML(data); err == nil {
		found = remarks(data, root)
	} else {
		found = guessedRemarks(data)
	}
	out := make([]Comment, 0, len(found))
	line, at := 1, 0
	for _, r := range found {
		line += bytes.Count(data[at:r.start], []byte("\n"))
		at = r.start
		out = append(out, Comment{Line: line, Text: r.text(data)})
	}
	return out
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
