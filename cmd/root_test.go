package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// A start makes the command that the arguments begin with and no other, and all of
// them for anything else.
func TestOnlyTheCommandThatRunsIsMade(t *testing.T) {
	t.Parallel()
	streams, _, _, _ := terminal.Test()
	made := func(args ...string) (names []string) {
		f := newFactory(&System{Streams: streams, Getenv: func(string) string { return "" }})
		for _, c := range newRoot(f, onlyCommand(args)...).Commands() {
			names = append(names, c.Name())
		}
		slices.Sort(names)
		return names
	}
	var all []string
	for _, c := range commands() {
		all = append(all, c.name)
		if got := made(c.name, "list", "--help"); !slices.Equal(got, []string{c.name}) {
			t.Errorf("%s makes %v", c.name, got)
		}
	}
	slices.Sort(all)
	for _, args := range []string{"", "help", "help catalog", "--help", "-o json catalog", "catalgo", "__complete cat", "--version catalog"} {
		if got := made(strings.Fields(args)...); !slices.Equal(got, all) {
			t.Errorf("%q makes %v, want all", args, got)
		}
	}
	if got := made("--version"); len(got) > 0 {
		t.Errorf("--version makes %v", got)
	}
}
