package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// newGroup makes a command that only holds others. Called alone it shows its
// help; cobra would do the same, with exit code 0, for a misspelt subcommand.
func newGroup(use, short string, subcommands ...*cobra.Command) *cobra.Command {
	group := &cobra.Command{
		Use:   use + " <command>",
		Short: short,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(c, args[0])
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	group.AddCommand(subcommands...)
	return group
}

func unknownCommand(parent *cobra.Command, name string) error {
	hint := fmt.Sprintf("see the commands with '%s --help'", parent.CommandPath())
	parent.SuggestionsMinimumDistance = 2 // cobra does not inherit it
	if near := parent.SuggestionsFor(name); len(near) > 0 {
		hint = fmt.Sprintf("did you mean '%s %s'?", parent.CommandPath(), near[0])
	}
	return usageError(hint, "unknown command %q for %q", name, parent.CommandPath())
}

// exactArgs names the arguments in the error, which cobra's validators do not.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usageError(seeHelp(c), "missing %s", strings.Join(names[len(args):], " and "))
		case len(args) > len(names):
			return usageError(seeHelp(c), "unexpected argument %q", args[len(names)])
		}
		return nil
	}
}

// someArgs wants one argument or more.
func someArgs(name string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usageError(seeHelp(c), "missing %s", name)
		}
		return nil
	}
}

// optionalArg takes at most one argument.
func optionalArg(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError(seeHelp(c), "unexpected argument %q", args[1])
	}
	return nil
}

func noArgs(c *cobra.Command, args []string) error {
	return exactArgs()(c, args)
}

func seeHelp(c *cobra.Command) string {
	return fmt.Sprintf("see '%s --help'", c.CommandPath())
}

// example joins lines of examples, indented as help shows them.
func example(lines ...string) string {
	return "  " + strings.Join(lines, "\n  ")
}
