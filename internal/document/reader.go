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
// It knows its place: a method that takes a node is called for the value that is
// being read.
type Reader struct {
	limits   Limits
	problems []Problem
	path     []step
	depth    int     // greater than 0 inside of what an alias stands for
	aliased  int     // values read there
	merging  []*Node // the objects whose merge keys are being followed
}

// NewReader reads what [Parse] has found within the same limits.
func NewReader(limits Limits) *Reader { return &Reader{limits: limits} }

// MaxProblems is how many problems are kept: a file of another kind has one on
// every line.
const MaxProblems = 20_000

// Report adds a problem of the value that is being read.
func (r *Reader) Report(rule string, at Position, message, hint string) {
	if !r.full() {
		r.Add(Problem{Position: at, Rule: rule, Path: pathOf(r.path...), Message: message, Hint: hint})
	}
}

// reportKey adds a problem of a key of the object that is being read.
func (r *Reader) reportKey(rule string, at Position, key, message, hint string) {
	r.path = append(r.path, step{key: key})
	r.Report(rule, at, message, hint)
	r.path = r.path[:len(r.path)-1]
}

// Add adds a problem with a path of its own.
func (r *Reader) Add(p Problem) {
	if !r.full() {
		r.problems = append(r.problems, p)
	}
}

func (r *Reader) full() bool { return len(r.problems) >= MaxProblems }

// Problems are what was found, in the order of the file.
func (r *Reader) Problems() []Problem {
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return r.problems
}

// WrongType reports a value that is not what it is to be ("a list").
func (r *Reader) WrongType(n *Node, want, hint string) {
	r.Report(RuleType, n.At, "this is "+n.Kind.String()+", and not "+want, hint)
}

// Missing reports a key that an object at this place is to have.
func (r *Reader) Missing(at Position, key, hint string) {
	r.reportKey(RuleRequired, at, key, key+" is missing", hint)
}

// Key is the key of the value that is being read; empty in a list.
func (r *Reader) Key() string { return r.path[len(r.path)-1].key }

// A Field of an object. Read is called when the key is there and not null.
type Field struct {
	Name     string
	Required bool
	Read     func(*Node)
}

// A Place is where the value of a field stands, also when it is null.
type Place struct {
	Field string
	At    Position
}

// Object reads the fields of n, which is what ("a menu, an object"), and returns
// the places of those that are there. Anything else in it is a problem.
func (r *Reader) Object(n *Node, what string, fields ...Field) []Place {
	if n.Kind != Object {
		r.WrongType(n, what, "")
		return nil
	}
	keys := r.merged(n)
	var few [16]*Key
	first := append(few[:0], make([]*Key, len(fields))...)
	places := make([]Place, 0, min(len(keys), len(fields)))
	for i := range keys {
		k := &keys[i]
		f := slices.IndexFunc(fields, func(f Field) bool { return f.Name == k.Name && !k.NotText })
		switch {
		case r.full():
			// a file of another kind: nobody reads the rest
		case f < 0:
			r.reportKey(RuleUnknownKey, k.At, k.Name, "unknown key "+Quote(k.Name), suggest(k.Name, fields))
		case first[f] != nil:
			r.reportKey(RuleDuplicateKey, k.At, k.Name, fmt.Sprintf("the key %s is here twice, first on line %d", Quote(k.Name), first[f].At.Line), "keep one of them")
		default:
			first[f] = k
			places = append(places, Place{k.Name, k.Value.Target().At})
		}
	}
	for i := range fields {
		f := &fields[i]
		switch {
		case first[i] != nil:
			r.field(f, first[i].Value)
		case f.Required:
			r.Missing(n.At, f.Name, "")
		}
	}
	return places
}

func (r *Reader) field(f *Field, n *Node) {
	value := r.enter(n)
	switch {
	case value == nil:
	case value.Kind != Null:
		r.path = append(r.path, step{key: f.Name})
		f.Read(value)
		r.path = r.path[:len(r.path)-1]
	case f.Required:
		r.Missing(value.At, f.Name, "")
	}
	r.leave(n)
}

// enter returns what a node stands for, or nil when the aliases of the file stand
// for more than a machine can hold. leave is to follow.
func (r *Reader) enter(n *Node) *Node {
	if n.Alias != nil {
		r.depth++
	}
	if r.depth > 0 {
		if r.aliased++; r.aliased == r.limits.Aliased {
			r.Add(Problem{
				Position: n.At, Rule: RuleSyntax,
				Message: fmt.Sprintf("the aliases of the file stand for more than %d values", r.limits.Aliased), Hint: "write out what they stand for",
			})
		}
		if r.aliased >= r.limits.Aliased {
			return nil
		}
	}
	return n.Target()
}

func (r *Reader) leave(n *Node) {
	if n.Alias != nil {
		r.depth--
	}
}

// merged returns the keys of an object together with those of its YAML merge keys
// (<<), which give way to keys of its own.
func (r *Reader) merged(n *Node) []Key {
	if !slices.ContainsFunc(n.Keys, func(k Key) bool { return k.Merge }) {
		return n.Keys
	}
	r.merging = append(r.merging, n)
	defer func() { r.merging = r.merging[:len(r.merging)-1] }()
	var own, inherited []Key
	known := map[string]bool{}
	for _, k := range n.Keys {
		if !k.Merge {
			own = append(own, k)
			known[k.Name] = true
			continue
		}
		sources := []*Node{k.Value}
		if list := k.Value.Target(); list.Kind == List {
			sources = list.Items
		}
		for _, source := range sources {
			switch target := r.enter(source); {
			case target == nil:
			case target.Kind == Object && !slices.Contains(r.merging, target):
				inherited = append(inherited, r.merged(target)...)
			default:
				r.reportKey(RuleType, target.At, k.Name, "this is "+target.Kind.String()+", and not another object to merge", "")
			}
			r.leave(source)
		}
	}
	for _, k := range inherited {
		if !known[k.Name] {
			own = append(own, k)
			known[k.Name] = true
		}
	}
	return own
}

// List reads each element of a list.
func (r *Reader) List(read func(*Node)) func(*Node) {
	return func(n *Node) {
		if n.Kind != List {
			r.WrongType(n, "a list", "")
			return
		}
		for i, element := range n.Items {
			r.path = append(r.path, step{index: i})
			if value := r.enter(element); value != nil {
				read(value)
			}
			r.leave(element)
			r.path = r.path[:len(r.path)-1]
		}
	}
}

// Text reads a text.
func (r *Reader) Text(to *string) func(*Node) {
	return func(n *Node) {
		switch n.Kind {
		case Text:
			*to = n.Text
		case List, Object:
			r.WrongType(n, "text", "")
		default:
			hint := "put it in quotes"
			if quoted := strconv.QuoteToGraphic(n.Text); quoted == Quote(n.Text) { // all of it
				hint += ": " + quoted
			}
			r.WrongType(n, "text", hint)
		}
	}
}

// Name reads a text that may not be blank.
func (r *Reader) Name(to *string) func(*Node) {
	return func(n *Node) {
		r.Text(to)(n)
		if n.Kind == Text && strings.TrimSpace(n.Text) == "" {
			r.Report(RuleRequired, n.At, r.Key()+" is empty", "")
		}
	}
}

// Flag reads true or false.
func (r *Reader) Flag(to *bool) func(*Node) {
	return func(n *Node) {
		if n.Kind != Bool {
			r.WrongType(n, "true or false", "write true or false, without quotes")
			return
		}
		*to = strings.EqualFold(n.Text, "true")
	}
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
