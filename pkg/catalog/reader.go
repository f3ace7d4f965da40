package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/spelling"
)

// reader walks over the nodes of a file into a Source and collects what is
// wrong with it.
type reader struct {
	api      API
	limits   limits
	findings Findings

	aliasDepth int // greater than 0 inside of what an alias stands for
	aliasNodes int // values read there

	weeks    []*Hours
	entities int // items, variant categories and variants so far

	merging []*node // the objects whose merge keys are being followed
}

func (r *reader) full() bool { return len(r.findings) >= MaxFindings }

func (r *reader) report(f Finding) {
	f.Severity = SeverityError
	if !r.full() {
		r.findings = append(r.findings, f)
	}
}

func (r *reader) syntax(at Position, message, hint string) {
	r.report(Finding{Rule: RuleSyntax, Position: at, Message: message, Hint: hint})
}

func (r *reader) wrongType(n *node, p *path, want, hint string) {
	r.report(Finding{Rule: RuleType, Position: n.at, Path: p.String(), Message: "this is " + n.kind.String() + ", and not " + want, Hint: hint})
}

// sorted gives the findings in the order of the file.
func (r *reader) sorted() Findings {
	r.findings.sort()
	return r.findings
}

// A field of an object: read is called when the key is there and not null.
type field struct {
	name     string
	required bool
	read     func(n *node, p *path)
}

func ignore(*node, *path) {}

// object reads the fields of n. Anything else in it is a finding.
func (r *reader) object(n *node, p *path, what string, fields []field) Origin {
	origin := Origin{Position: n.at}
	if n.kind != kindObject {
		r.wrongType(n, p, what, "")
		return origin
	}
	keys := r.merged(n, p)
	first := make([]*key, len(fields))
	origin.fields = make([]fieldPosition, 0, min(len(keys), len(fields)))
	for i := range keys {
		k := &keys[i]
		f := slices.IndexFunc(fields, func(f field) bool { return f.name == k.name && !k.bad })
		switch {
		case r.full():
			// a file of another kind: nobody reads the rest
		case f < 0:
			r.report(Finding{
				Rule: RuleUnknownKey, Position: k.at, Path: p.child(k.name).String(),
				Message: "unknown key " + quoted(k.name), Hint: suggest(k.name, fields),
			})
		case first[f] != nil:
			r.report(Finding{
				Rule: RuleDuplicateKey, Position: k.at, Path: p.child(k.name).String(),
				Message: fmt.Sprintf("the key %s is here twice, first on line %d", quoted(k.name), first[f].at.Line),
				Hint:    "keep one of them",
			})
		default:
			first[f] = k
			origin.fields = append(origin.fields, fieldPosition{fields[f].name, k.value.target().at.spot()})
		}
	}
	for i, f := range fields {
		if first[i] == nil {
			if f.required {
				r.missing(n.at, p, f.name, "")
			}
			continue
		}
		r.value(first[i].value, func(n *node) {
			switch {
			case n.kind != kindNull:
				f.read(n, p.child(f.name))
			case f.required:
				r.missing(n.at, p, f.name, "")
			}
		})
	}
	return origin
}

func (r *reader) missing(at Position, p *path, name, hint string) {
	r.report(Finding{Rule: RuleRequired, Position: at, Path: p.child(name).String(), Message: name + " is missing", Hint: hint})
}

func (n *node) target() *node {
	if n.alias != nil {
		return n.alias
	}
	return n
}

// value follows an alias, as long as the aliases of the file do not stand for
// more than a machine can hold.
func (r *reader) value(n *node, read func(*node)) {
	if n.alias != nil {
		r.aliasDepth++
		defer func() { r.aliasDepth-- }()
	}
	if r.aliasDepth > 0 {
		r.aliasNodes++
		if r.aliasNodes == r.limits.aliasNodes {
			r.syntax(n.at, fmt.Sprintf("the aliases of the file stand for more than %d values", r.limits.aliasNodes), "write out what they stand for")
		}
		if r.aliasNodes >= r.limits.aliasNodes {
			return
		}
	}
	read(n.target())
}

// merged gives the keys of an object together with those of its YAML merge keys
// (<<), which give way to keys of its own.
func (r *reader) merged(n *node, p *path) []key {
	if !slices.ContainsFunc(n.keys, func(k key) bool { return k.merge }) {
		return n.keys
	}
	r.merging = append(r.merging, n)
	defer func() { r.merging = r.merging[:len(r.merging)-1] }()
	var own, inherited []key
	known := map[string]bool{}
	for _, k := range n.keys {
		if !k.merge {
			own = append(own, k)
			known[k.name] = true
			continue
		}
		sources := &node{items: []*node{k.value}}
		if list := k.value.target(); list.kind == kindList {
			sources = list
		}
		for _, source := range sources.elements() {
			r.value(source, func(source *node) {
				if source.kind != kindObject || slices.Contains(r.merging, source) {
					r.wrongType(source, p.child("<<"), "another object to merge", "")
					return
				}
				inherited = append(inherited, r.merged(source, p)...)
			})
		}
	}
	for _, k := range inherited {
		if !known[k.name] {
			own = append(own, k)
			known[k.name] = true
		}
	}
	return own
}

// list reads each element of a list that is not null.
func (r *reader) list(read func(n *node, p *path)) func(*node, *path) {
	return func(n *node, p *path) {
		if n.kind != kindList {
			r.wrongType(n, p, "a list", "")
			return
		}
		for i, element := range n.elements() {
			r.value(element, func(n *node) { read(n, p.at(i)) })
		}
	}
}

// entities reads a list of items, variant categories or variants.
func entities[T any](r *reader, to *[]T, read func(*node, *path) T) func(*node, *path) {
	list := r.list(func(n *node, p *path) {
		if r.entities++; r.entities <= r.limits.entities {
			*to = append(*to, read(n, p))
		}
	})
	return func(n *node, p *path) {
		*to = slices.Grow(*to, min(n.length(), r.limits.entities/10))
		list(n, p)
	}
}

func (r *reader) text(to *string) func(*node, *path) {
	return func(n *node, p *path) {
		switch n.kind {
		case kindText:
			*to = n.text
		case kindList, kindObject:
			r.wrongType(n, p, "text", "")
		default:
			r.wrongType(n, p, "text", "put it in quotes: "+quoted(n.text))
		}
	}
}

// name reads a text that may not be blank.
func (r *reader) name(to *string) func(*node, *path) {
	return func(n *node, p *path) {
		r.text(to)(n, p)
		if n.kind == kindText && strings.TrimSpace(n.text) == "" {
			r.report(Finding{Rule: RuleRequired, Position: n.at, Path: p.String(), Message: p.key + " is empty"})
		}
	}
}

func (r *reader) flag(to **bool) func(*node, *path) {
	return func(n *node, p *path) {
		if n.kind != kindBool {
			r.wrongType(n, p, "true or false", "write true or false, without quotes")
			return
		}
		value := strings.EqualFold(n.text, "true")
		*to = &value
	}
}

func (r *reader) quantity(to *int) func(*node, *path) {
	return func(n *node, p *path) {
		price, problem, _ := parsePrice(n.text, false)
		if n.kind != kindInt || problem != "" || price.Rupiah > 1_000_000 || price.Rupiah < -1_000_000 {
			r.wrongType(n, p, "a whole number", "write a number such as 1")
			return
		}
		*to = int(price.Rupiah)
	}
}

func (r *reader) price(to *Price) func(*node, *path) {
	return func(n *node, p *path) {
		var problem, hint string
		switch n.kind {
		case kindInt, kindFloat:
			*to, problem, hint = parsePrice(n.text, r.api == Enterprise)
		case kindText:
			problem, hint = "the price is text, and not a number", "write the number of rupiah in digits, without quotes"
			if digits := onlyDigits(n.text); digits != "" {
				hint = "write " + digits + ", without quotes"
			}
		default:
			r.wrongType(n, p, "a price", "write the number of rupiah in digits, such as 25000")
		}
		if problem != "" {
			r.report(Finding{Rule: RuleType, Position: n.at, Path: p.String(), Message: problem + ": " + quoted(n.text), Hint: hint})
		}
	}
}

// suggest names the known key that an unknown one may be a slip of, or all.
func suggest(unknown string, fields []field) string {
	var known []string
	for _, f := range fields {
		known = append(known, f.name)
	}
	if best := spelling.Nearest(strings.ToLower(unknown), known); best != "" {
		return "did you mean " + best
	}
	return "known here: " + strings.Join(known, ", ")
}
