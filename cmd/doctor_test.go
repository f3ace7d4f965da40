package cmd

import (
	"slices"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/auth"
)

// TestCommandsOf holds the doctor's table to the operations that there are, and
// to the commands that there are.
func TestCommandsOf(t *testing.T) {
	t.Parallel()
	var operations []string
	for _, r := range auth.Requirements() {
		operations = append(operations, r.Operation)
	}
	for operation, commands := range commandsOf {
		if !slices.Contains(operations, operation) {
			t.Errorf("no operation needs a token by the name %s", operation)
		}
		for _, name := range commands {
			found, rest, err := Tree().Find(strings.Fields(name))
			if err != nil || len(rest) > 0 || found.CommandPath() != "gobiz "+name {
				t.Errorf("%s: there is no command %q", operation, name)
			}
		}
	}
}

// TestDefaultScopesAreEnough: whoever chose no scopes is not told that some are
// missing.
func TestDefaultScopesAreEnough(t *testing.T) {
	t.Parallel()
	for _, api := range []config.API{config.Partner, config.Enterprise} {
		for _, r := range doctorRequirements(api) {
			if len(commandsOf[r.Operation]) == 0 || len(r.Scopes) == 0 {
				continue
			}
			scopes := authProfile(config.Settings{API: api}).ScopesFor(r.Grants[0])
			if !slices.ContainsFunc(r.Scopes, func(s string) bool { return slices.Contains(scopes, s) }) {
				t.Errorf("%s: the default scopes of the %s API have none of %v", r.Operation, api, r.Scopes)
			}
		}
	}
}
