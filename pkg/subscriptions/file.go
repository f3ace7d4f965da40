// Package subscriptions holds notification subscriptions to a file: it reads
// the file, judges the URLs, compares with what is live, and makes the calls
// that bring the two together.
package subscriptions

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// MaxFileSize is the largest file of subscriptions that is read, in bytes.
const MaxFileSize = 1 << 20

// A File says which subscriptions there are to be:
//
//	subscriptions:
//	  - event: gofood.order.placed
//	    url: https://pos.example.com/gofood
//	    active: true              # default
//	    outlet_id: G100000001     # default: all outlets
//
// The legacy API has enterprise_id in place of outlet_id.
type File struct {
	Name          string // for messages
	Subscriptions []Wanted
}

// Wanted is a subscription as a file has it.
type Wanted struct {
	Event  string
	URL    string
	Active bool
	Scope
	at    map[string]document.Position // of the fields; "" is the subscription itself
	place int                          // in the file, while a plan is made
}

// An InvalidError is a file with something wrong in it. Nothing of it is used.
type InvalidError struct {
	File     string
	Problems []Problem // in the order of the file
}

// A Problem is something wrong in a file.
type Problem struct {
	Line, Column int    // from 1; 0 when unknown
	Path         string // "subscriptions[0].url"
	Kind         Kind
	Message      string
	Hint         string // what to do
}

// Kind is the rule that a problem breaks, such as "unknown-key" or "syntax"; empty for most.
type Kind string

// The kinds for which a program may have more help than Hint.
const (
	UnknownEvent      Kind = "unknown-event"
	MissingEnterprise Kind = "missing-enterprise"
	UserInURL         Kind = "user-in-url"
	Unreachable       Kind = "unreachable" // GoBiz cannot reach the host of the URL
)

// invalid is the error of a file with problems, or nil.
func invalid(file string, found []document.Problem) error {
	if len(found) == 0 {
		return nil
	}
	e := &InvalidError{File: file}
	for _, p := range found {
		e.Problems = append(e.Problems, Problem{p.Line, p.Column, p.Path, Kind(p.Rule), p.Message, p.Hint})
	}
	return e
}

// Error tells the first problem as compilers do, file:line:column: path: message.
func (e *InvalidError) Error() string {
	lines := e.Lines()
	text := lines[0]
	if n := len(lines); n > 1 {
		text += fmt.Sprintf(", and %d more", n-1)
	}
	return text
}

// Lines tells every problem.
func (e *InvalidError) Lines() []string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts := []string{e.File}
		if p.Line > 0 {
			parts[0] += ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
		}
		if p.Path != "" {
			parts = append(parts, p.Path)
		}
		lines[i] = strings.Join(append(parts, p.Message), ": ")
		if p.Hint != "" {
			lines[i] += " (" + p.Hint + ")"
		}
	}
	return lines
}

// Parse reads a file, YAML or JSON by the extension of name, else by what the
// data looks like. Unknown and duplicate keys and values of another type are
// errors, all in one [*InvalidError].
func Parse(name string, data []byte) (*File, error) {
	root, problem := document.Parse(name, data, document.UsualLimits)
	if problem != nil {
		return nil, invalid(name, []document.Problem{*problem})
	}
	var (
		r = document.NewReader(document.UsualLimits)
		f = &File{Name: name}
	)
	r.Object(root, "an object with the key subscriptions", document.Field{
		Name: "subscriptions", Required: true,
		Read: r.List(func(n *document.Node) { f.Subscriptions = append(f.Subscriptions, read(r, n)) }),
	})
	if err := invalid(name, r.Problems()); err != nil {
		return nil, err
	}
	return f, nil
}

func read(r *document.Reader, n *document.Node) Wanted {
	w := Wanted{Active: true, at: map[string]document.Position{"": n.At}}
	text := func(to *string) func(*document.Node) {
		return func(n *document.Node) {
			r.Name(to)(n)
			*to = strings.TrimSpace(*to)
		}
	}
	places := r.Object(n, "a subscription, an object",
		document.Field{Name: "event", Required: true, Read: text(&w.Event)},
		document.Field{Name: "url", Required: true, Read: text(&w.URL)},
		document.Field{Name: "active", Read: r.Flag(&w.Active)},
		document.Field{Name: "outlet_id", Read: text(&w.OutletID)},
		document.Field{Name: "enterprise_id", Read: text(&w.EnterpriseID)},
	)
	for _, p := range places {
		w.at[p.Field] = p.At
	}
	return w
}
