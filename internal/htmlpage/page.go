// Package htmlpage writes small HTML pages. Markup and text have different
// types, so that no text can become markup: markup must be a constant of the
// program, and everything else is escaped. Unlike html/template it finds no
// method by its name at run time, so the linker can drop those that nobody calls.
package htmlpage

import (
	"bytes"
	"embed"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
)

// markup is HTML that the program consists of. The type is not exported, so
// other packages can only give constants.
type markup string

// A Page is HTML being written; the zero value is empty.
type Page struct{ b bytes.Buffer }

// Add writes markup in which each {} stands for the next of args, escaped. A {}
// stands between tags, or in a quoted attribute that is plain text. Add panics
// when one stands elsewhere, when their number is not that of args, and for markup
// that ends within a tag or has a comment, a style or a script in it.
func (p *Page) Add(m markup, args ...string) {
	parts := strings.Split(string(m), "{}")
	if len(parts) != len(args)+1 {
		panic(fmt.Sprintf("htmlpage: %d arguments for %q", len(args), m))
	}
	for _, unfit := range []string{"<!--", "<style", "<script"} {
		if strings.Contains(strings.ToLower(string(m)), unfit) {
			panic(fmt.Sprintf("htmlpage: %s in %q", unfit, m))
		}
	}
	before := ""
	for i, part := range parts {
		p.b.WriteString(part)
		before += part
		if tag := openTag(before); tag != "" && (i == len(args) || !inTextAttribute(tag)) {
			panic(fmt.Sprintf("htmlpage: no place for a text, or for an end, in %q", m))
		}
		if i < len(args) {
			p.b.WriteString(html.EscapeString(args[i]))
		}
	}
}

// openTag returns the tag that markup ends within, empty when it ends in none.
func openTag(m string) string {
	i := strings.LastIndexByte(m, '<')
	if i < strings.LastIndexByte(m, '>') || i < 0 {
		return ""
	}
	return m[i:]
}

// inTextAttribute reports whether an open tag ends within the quotes of an attribute
// that a browser takes for plain text: no URL, no style, no code.
func inTextAttribute(tag string) bool {
	i := strings.LastIndex(tag, `="`)
	if i < 0 || strings.Contains(tag[i+2:], `"`) {
		return false
	}
	name := tag[strings.LastIndexByte(tag[:i], ' ')+1 : i]
	return slices.Contains([]string{"autocomplete", "for", "id", "inputmode", "lang", "name", "placeholder", "title", "type", "value"}, name)
}

// Style writes a style sheet that is a file of the program.
func (p *Page) Style(files embed.FS, name markup) {
	sheet, err := files.ReadFile(string(name))
	if err != nil {
		panic(err) // it is embedded
	}
	fmt.Fprintf(&p.b, "<style>%s</style>\n", sheet)
}

// WriteTo writes the page, which is empty then.
func (p *Page) WriteTo(w io.Writer) (int64, error) { return p.b.WriteTo(w) }
