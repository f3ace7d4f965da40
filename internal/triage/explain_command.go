package triage

import (
	"strconv"
	"strings"
	"unicode"
)

// command writes a call of gobiz that can be pasted into a POSIX shell.
func (*explainer) command(args ...string) string {
	line := "gobiz"
	for _, arg := range args {
		line += " " + shellWord(arg)
	}
	return line
}

func (x *explainer) push(outlet, file string) string {
	return x.command("catalog", "push", outlet, "-f", file)
}

func (x *explainer) editPush(outlet, file string) string {
	return "${EDITOR:-vi} " + shellWord(file) + " && " + x.push(outlet, file)
}

func (x *explainer) pullEditPush(outlet, file string) string {
	return x.command("catalog", "pull", outlet, "-f", file) + " && " + x.editPush(outlet, file)
}

// outletID is the outlet to name in a command. An id that no outlet has, since it
// came with a notification, is not passed on to a shell.
func (x *explainer) outletID() string {
	if plainID(x.n.Outlet.ID) {
		return x.n.Outlet.ID
	}
	return "OUTLET"
}

// plainID reports whether a text can be an id: of an outlet or an order.
func plainID(s string) bool {
	return s != "" && len(s) <= 64 && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

// shellWord quotes a word for a POSIX shell. What cannot be typed, such as a
// control character, makes it FILE: the words that are not ids are file names.
func shellWord(s string) string {
	if s == "" || s == "-" || strings.ContainsFunc(s, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) }) {
		return "FILE"
	}
	return quote(s)
}

// foreign shows text of others inside a message: short, and with nothing in it
// that a terminal acts on.
func foreign(s string) string {
	if runes := []rune(s); len(runes) > 80 {
		s = string(runes[:80]) + "…"
	}
	return strconv.QuoteToGraphic(s)
}
