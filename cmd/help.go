package cmd

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
)

// topic is a page of help that belongs to no command.
type topic struct {
	name, short string
	write       func(io.Writer)
}

func helpTopics() []topic {
	return []topic{
		{"environment", "Environment variables", writeEnvironmentHelp},
		{"exit-codes", "Exit codes", writeExitCodesHelp},
		{"formatting", "Output formats and filters", writeFormattingHelp},
	}
}

// newHelpCommand replaces cobra's own, which prints the root's help and exits 0
// for a command that does not exist.
func newHelpCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND|TOPIC]",
		Short:   "Help about a command or a topic",
		Example: example("gobiz help catalog push", "gobiz help exit-codes"),
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			target, _, err := c.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, sub := range target.Commands() {
				if sub.IsAvailableCommand() {
					names = append(names, sub.Name()+"\t"+sub.Short)
				}
			}
			if len(args) == 0 {
				for _, t := range helpTopics() {
					names = append(names, t.name+"\t"+t.short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			if len(args) == 1 {
				topics := helpTopics()
				if i := slices.IndexFunc(topics, func(t topic) bool { return t.name == args[0] }); i >= 0 {
					topics[i].write(f.Streams.Out)
					return nil
				}
			}
			target, rest, err := root.Find(args)
			if err != nil || target == nil {
				return unknownCommand(root, args[0])
			}
			if len(rest) > 0 {
				return unknownCommand(target, rest[0])
			}
			target.InitDefaultHelpFlag()
			return target.Help()
		},
	}
}

func writeEnvironmentHelp(w io.Writer) {
	fmt.Fprintln(w, "A flag beats the environment, the environment beats the profile, the profile beats the default.")
	fmt.Fprintln(w, "An empty variable counts as unset.")
	fmt.Fprintln(w)
	for _, setting := range config.Declared() {
		if setting.Env != "" {
			fmt.Fprintf(w, "  %-29s %s\n", setting.Env, setting.Usage)
		}
	}
	fmt.Fprintf(w, "  %-29s %s\n", "PAGER", "shows what a push would change when the terminal is too small (default less)")
}

func writeExitCodesHelp(w io.Writer) {
	for _, e := range exitCodes {
		fmt.Fprintf(w, "  %3d  %s\n", e.code, e.meaning)
	}
}

func writeFormattingHelp(w io.Writer) {
	io.WriteString(w, strings.TrimLeft(`
-o, --output FORMAT sets how results are printed on stdout. Everything else goes to stderr.

  table    aligned columns with a header, on a terminal and in a pipe; ids are never cut (default)
  json     one JSON document; lists are arrays, keys are snake_case, money is whole rupiah, times RFC 3339
  yaml     the same as YAML
  ndjson   one JSON object per line, as results arrive
  csv      comma separated, with a header
  tsv      tab separated, with a header

Some commands know more:

  gobiz catalog validate -o sarif      for code scanning
  gobiz catalog validate -o junit      for test reports
  gobiz catalog validate -o github     annotations in a workflow's log
  gobiz catalog diff -o markdown       for a comment on a pull request

--jq EXPR filters the JSON with a jq expression and implies -o json:

  gobiz outlets list --jq '.[].id'
  gobiz catalog push G100000001 -f menu.yaml --yes --jq '.summary'

With -o json an error is one JSON object, the last line of stderr:

  {"error":{"code":"not_found","message":"…","status":404,"request_id":"…","hint":"…"}}
`, "\n"))
}
