package document

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/spelling"
)

// A Reader walks over the values of a file and collects what is wrong with them.
type Reader struct {
	problems []Problem
}

// maxProblems is how many problems are kept: a file of another kind has one on
// every line.
const maxProblems = 1000

// Report adds a problem.
func (r *Reader) Report(at Position, path, message, hint string) {
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, Problem{Position: at, Path: path, Message: message, Hint: hint})
	}
}

// Problems are what was found, in the order of the file.
func (r *Reader) Problems() []Problem {
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.problems
}

// A Field of an object. Read is called when the key is there and not null.
type Field struct {
	Name     string
	Required bool
	Read     func(n *Node, path string)
}

// Object reads the fields of n, which is what ("a subscription, an object").
// Anything else in it is a problem.
func (r *Reader) Object(n *Node, path, what string, fields ...Field) {
	if n.Kind != Object {
		r.wrongType(n, path, what, "")
		return
	}
	first := make([]*Key, len(fields))
	for i := range n.Keys {
		k := &n.Keys[i]
		f := slices.IndexFunc(fields, func(f Field) bool { return f.Name == k.Name })
		switch {
		case f < 0:
			r.Report(k.At, path, "unknown key "+Quote(k.Name), suggest(k.Name, fields))
		case first[f] != nil:
			r.Report(k.At, child(path, k.Name), fmt.Sprintf("the key %s is here twice, first on line %d", k.Name, first[f].At.Line), "keep one of them")
		default:
			first[f] = k
		}
	}
	for i, f := range fields {
		switch {
		case first[i] != nil && first[i].Value.Kind != Null:
			f.Read(first[i].Value, child(path, f.Name))
		case f.Required:
			r.Report(n.At, path, f.Name+" is missing", "")
		}
	}
}

// List reads each element of a list.
func (r *Reader) List(read func(n *Node, path string)) func(*Node, string) {
	return func(n *Node, path string) {
		if n.Kind != List {
			r.wrongType(n, path, "a list", "")
			return
		}
		for i, element := range n.Items {
			read(element, path+"["+strconv.Itoa(i)+"]")
		}
	}
}

// Text reads a text that may not be blank; blanks around it are cut.
func (r *Reader) Text(to *string) func(*Node, string) {
	return func(n *Node, path string) {
		switch *to = strings.TrimSpace(n.Text); {
		case n.Kind == List, n.Kind == Object:
			r.wrongType(n, path, "text", "")
		case n.Kind != Text:
			r.wrongType(n, path, "text", "put it in quotes: "+Quote(n.Text))
		case *to == "":
			r.Report(n.At, path, "the text is empty", "")
		}
	}
}

// Flag reads true or false.
func (r *Reader) Flag(to *bool) func(*Node, string) {
	return func(n *Node, path string) {
		if n.Kind != Bool {
			r.wrongType(n, path, "true or false", "write true or false, without quotes")
			return
		}
		*to = strings.EqualFold(n.Text, "true")
	}
}

func (r *Reader) wrongType(n *Node, path, want, hint string) {
	r.Report(n.At, path, "this is "+n.Kind.String()+", and not "+want, hint)
}

func child(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// suggest names the known key that an unknown one may be a slip of, or all.
func suggest(unknown string, fields []Field) string {
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.Name
	}
	if best := spelling.Nearest(strings.ToLower(unknown), known); best != "" {
		return "did you mean " + best
	}
	return "known here: " + strings.Join(known, ", ")
}

// Quote shows text of a file inside a message: short, and with nothing in it
// that a terminal acts on.
func Quote(s string) string { return strconv.QuoteToGraphic(shorten(s)) }
