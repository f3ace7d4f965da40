package edit

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"go.yaml.in/yaml/v4"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
)

// appendYAMLText writes a text as a YAML scalar on one line: plain where every
// reader of YAML takes it for this text, else in quotes. inside tells that it
// stands in brackets, where a comma ends a plain text.
func appendYAMLText(out []byte, s string, inside bool) ([]byte, error) {
	switch {
	case quotedAlways(s) && printableASCII(s):
		return append(append(append(out, '"'), s...), '"'), nil
	case !quotedAlways(s) && plainYAML(s, inside):
		return append(out, s...), nil
	}
	scalar := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if quotedAlways(s) {
		scalar.Style = yaml.DoubleQuotedStyle
	}
	root := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{scalar}}
	open, closing := "- ", "\n"
	if inside {
		root.Style = yaml.FlowStyle
		open, closing = "[", "]\n"
	}
	data, err := yaml.Dump(root, yaml.WithV4Defaults(), yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1))
	if err != nil {
		return out, fmt.Errorf("cannot write YAML: %w", err)
	}
	data = bytes.TrimSuffix(bytes.TrimPrefix(data, []byte(open)), []byte(closing))
	return append(out, escapeHidden(string(data), true)...), nil
}

// quotedAlways finds what readers of YAML 1.1, and there are many, take for a
// boolean ("no") or for a number of base sixty ("10:30"), and what is easy to
// overlook.
func quotedAlways(s string) bool {
	switch len(s) {
	case 1, 2, 3:
		switch strings.ToLower(s) {
		case "y", "n", "yes", "no", "on", "off":
			return true
		}
	}
	return strings.Trim(s, "0123456789:-+._") == "" || strings.ContainsFunc(s, oneLine)
}

// oneLine finds what would make a text spread over lines, or what is easy to
// overlook: such a text is in double quotes.
func oneLine(r rune) bool {
	return cleantext.Unsafe(r) || r == 0xa0 || r == 0x200c || r == 0x200d
}

// escapeHidden writes hidden characters as YAML and JSON do in double quotes. long
// tells that there is an escape for those beyond U+FFFF; JSON has pairs.
func escapeHidden(s string, long bool) string {
	if !strings.ContainsFunc(s, cleantext.Unsafe) {
		return s
	}
	var out strings.Builder
	for _, r := range s {
		switch high, low := utf16.EncodeRune(r); {
		case !cleantext.Unsafe(r):
			out.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&out, `\u%04x`, r)
		case long:
			fmt.Fprintf(&out, `\U%08x`, r)
		default:
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		}
	}
	return out.String()
}

func printableASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// plainYAML knows the plain texts of an ordinary menu. It says no to what it is
// not sure of.
func plainYAML(s string, inside bool) bool {
	if s == "" || !letter(rune(s[0])) || s[len(s)-1] == ' ' || s[len(s)-1] == ':' {
		return false
	}
	switch len(s) {
	case 3, 4, 5:
		switch strings.ToLower(s) {
		case "nan", "inf", "null", "true", "false":
			return false
		}
	}
	for i, r := range s {
		switch {
		case letter(r), r >= '0' && r <= '9', r == '_', r == '-', r == '.', r == '/', r == '(', r == ')', r == '+', r == '=':
		case r == ' ':
		case r == ':' && !inside && s[i+1] != ' ':
		case (r == ',' || r == '&') && !inside:
		case r >= 0xc0 && r < 0x2000 && unicode.IsLetter(r):
		default:
			return false
		}
	}
	return true
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
