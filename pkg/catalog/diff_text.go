package catalog

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Style colours text for the one who reads it. It may leave text as it is.
type Style interface {
	Bold(string) string
	Faint(string) string
	Red(string) string
	Green(string) string
	Yellow(string) string
}

// WriteText writes a diff for people: a line for each entity below its menu or
// variant category, a line for each field, and the summary. Nothing in it acts
// on a terminal but the style.
func (d *Diff) WriteText(w io.Writer, style Style) error {
	t := &diffText{Writer: bufio.NewWriter(w), style: style}
	for i := 0; i < len(d.Changes); {
		n := 1
		for i+n < len(d.Changes) && sameEntity(&d.Changes[i], &d.Changes[i+n]) {
			n++
		}
		t.entity(d.Changes[i : i+n])
		i += n
	}
	if len(d.Changes) > 0 {
		t.WriteByte('\n')
	}
	t.WriteString(style.Bold(d.SummaryLine()) + "\n")
	return t.Flush()
}

// SummaryLine says the result of a diff in one line.
func (d *Diff) SummaryLine() string {
	line := "no changes"
	if !d.Empty() {
		s := d.Summary
		line = fmt.Sprintf("%d added, %d removed, %d changed, %d unchanged; items: %d live, %d in the file", s.Added, s.Removed, s.Changed, s.Unchanged, d.LiveItems, d.Items)
	}
	if d.Kept > 0 {
		line += fmt.Sprintf("; %d sold out, which the file leaves as it is", d.Kept)
	}
	return line
}

// sameEntity reports whether two changes that follow each other are of one entity.
func sameEntity(a, b *Change) bool {
	stays := func(c *Change) bool { return c.Kind == Changed || c.Kind == Moved }
	return stays(a) && stays(b) && a.Entity == b.Entity && a.ExternalID == b.ExternalID && a.Name == b.Name && a.Parent == b.Parent
}

type diffText struct {
	*bufio.Writer
	style Style
	below string // the menu or variant category whose line was written last
}

// entity writes the changes of one entity.
func (t *diffText) entity(changes []Change) {
	first := &changes[0]
	indent := ""
	switch first.Entity {
	case EntityItem, EntityVariant:
		indent = "  "
		if container := containerOf(first); t.below != container {
			t.WriteString("  " + t.style.Bold(container) + "\n")
			t.below = container
		}
	case EntityMenu:
		t.below = "menu " + printable(first.Name)
	default:
		t.below = "variant category " + printable(first.ExternalID)
	}
	label := first.label()
	if first.Entity == EntityMenu || first.Entity == EntityVariantCategory {
		label = words(first.Entity) + " " + label
	}
	line := indent + t.mark(first) + " " + label
	if len(changes) == 1 && first.Kind != Changed {
		if detail := inline(first); detail != "" {
			line += "  " + detail
		}
		t.line(line, first)
		return
	}
	t.WriteString(line + "\n")
	for i := range changes {
		t.line(indent+"    "+inline(&changes[i]), &changes[i])
	}
}

// line ends with where the change stands in the file.
func (t *diffText) line(text string, c *Change) {
	if c.Line > 0 {
		text += t.style.Faint("  line " + strconv.Itoa(c.Line))
	}
	t.WriteString(text + "\n")
}

func containerOf(c *Change) string {
	if c.Entity == EntityVariant {
		return "variant category " + printable(c.Parent)
	}
	return "menu " + printable(c.Parent)
}

func (t *diffText) mark(c *Change) string {
	switch c.Kind {
	case Added:
		return t.style.Green("+")
	case Removed:
		return t.style.Red("-")
	}
	return t.style.Yellow("~")
}

// label names an entity: its external id, if it has one, and its name.
func (c *Change) label() string {
	if c.Entity == EntityMenu {
		return printable(c.Name)
	}
	return printable(c.ExternalID) + "  " + printable(c.Name)
}

// inline tells what a change is, without the entity.
func inline(c *Change) string {
	switch {
	case c.Kind == Added:
		return entityPrice(c.To)
	case c.Kind == Removed:
		return entityPrice(c.From)
	case c.Kind == Moved && c.Field == "position":
		return fmt.Sprintf("moved from place %v to %v", c.From, c.To)
	}
	from, to := c.values(printableValue)
	switch {
	case c.Kind == Moved:
		return "moved here from " + words(c.Field) + " " + from
	case c.Entity == EntityMenu:
		return "renamed, was " + from
	}
	return c.fieldChange(from, " -> ", to)
}

// fieldChange says from what to what a field changes, and of an external id in
// what only.
func (c *Change) fieldChange(from, arrow, to string) string {
	if c.Field != "external_id" {
		return c.Field + ": " + from + arrow + to
	}
	return "id changes from " + from + " to " + to + onlyIn(fmt.Sprint(c.From), fmt.Sprint(c.To))
}

func onlyIn(from, to string) string {
	withoutBlanks := func(s string) string { return strings.Join(strings.Fields(s), "") }
	switch {
	case folded(from) != folded(to):
		return ""
	case strings.EqualFold(from, to):
		return ", only in case"
	case withoutBlanks(from) == withoutBlanks(to):
		return ", only in blanks"
	case norm.NFKC.String(from) == norm.NFKC.String(to):
		return ", only in Unicode form"
	}
	return ", only in case, blanks, Unicode form or what does not show"
}

// entityPrice is what a reader wants to know of what comes or goes.
func entityPrice(v any) string {
	switch v := v.(type) {
	case *PayloadItem:
		return v.Price.money()
	case *PayloadVariant:
		return v.Price.money()
	}
	return ""
}

// printableValue writes a value of a change for people.
func printableValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "not stated"
	case Price:
		return v.money()
	case string:
		return `"` + printable(v) + `"`
	case []string:
		return "[" + strings.Join(convert(v, printable), ", ") + "]"
	case *Hours:
		return printable(v.String())
	}
	return printable(fmt.Sprint(v))
}

// printable makes text of a file or a server safe for one line of a terminal:
// what does not show, and a blank that is no plain one or stands at an end, is
// written as in Go. What emoji and scripts join with stays.
func printable(s string) string {
	if plainText(s) {
		return s
	}
	var out strings.Builder
	var before rune
	for i, r := range s {
		switch {
		case r == unicode.ReplacementChar && !strings.HasPrefix(s[i:], string(unicode.ReplacementChar)):
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case r == ' ' && i > 0 && i < len(s)-1, joins(before, r),
			r != ' ' && unicode.IsGraphic(r) && !ignorable(r) && !oddBlank(r):
			out.WriteRune(r)
		default:
			out.WriteString(escape(r))
		}
		before = r
	}
	return out.String()
}

func escape(r rune) string {
	if r == ' ' {
		return `\u0020`
	}
	quoted := strconv.QuoteRuneToASCII(r)
	return quoted[1 : len(quoted)-1]
}

// values writes both sides of a change. Texts that look the same are written with
// an escape for each character that is not ASCII, so that a reader sees what
// differs.
func (c *Change) values(write func(any) string) (from, to string) {
	before, wasText := c.From.(string)
	after, isText := c.To.(string)
	if wasText && isText && looks(before) == looks(after) {
		return escaped(before), escaped(after)
	}
	return write(c.From), write(c.To)
}

func escaped(s string) string {
	var out strings.Builder
	for _, r := range printable(s) {
		if r > unicode.MaxASCII {
			out.WriteString(escape(r))
		} else {
			out.WriteRune(r)
		}
	}
	return `"` + out.String() + `"`
}

// money writes a price the Indonesian way: Rp 25.000, -Rp 2.000, Rp 13.200,50.
func (p Price) money() string {
	sign, whole, sen := "", p.Rupiah, p.Sen
	if whole < 0 || sen < 0 {
		sign, whole, sen = "-", -whole, -sen
	}
	digits := strconv.FormatInt(whole, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "." + digits[i:]
	}
	if sen != 0 {
		digits += "," + strconv.Itoa(100 + sen)[1:]
	}
	return sign + "Rp " + digits
}
