package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gobiz-cli/gobiz/internal/terminal"
)

var completionShells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletionCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a completion script for a shell",
		Long: `Print a script that completes gobiz commands, flags and arguments in a shell.

  bash        gobiz completion bash > ~/.local/share/bash-completion/completions/gobiz
  zsh         gobiz completion zsh > "${fpath[1]}/_gobiz"
  fish        gobiz completion fish > ~/.config/fish/completions/gobiz.fish
  powershell  gobiz completion powershell >> $PROFILE`,
		Example:   example("source <(gobiz completion bash)"),
		ValidArgs: completionShells,
		Args:      exactArgs("SHELL"),
		RunE: func(c *cobra.Command, args []string) error {
			root, out := c.Root(), f.Streams.Out
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usageError(seeHelp(c), "unknown shell %q: one of %s", args[0], fmt.Sprint(completionShells))
		},
	}
}

// registerCompletions completes the flags of every command, and offers files only
// for what takes one: a flag whose value is called so, an argument in capitals.
func registerCompletions(f *Factory, root *cobra.Command) {
	_ = root.RegisterFlagCompletionFunc("output", func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		var formats []string
		for _, format := range terminal.Formats() {
			formats = append(formats, string(format))
		}
		return append(formats, strings.Fields(c.Annotations[moreFormats])...), cobra.ShellCompDirectiveNoFileComp
	})
	_ = root.RegisterFlagCompletionFunc("profile", func(c *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return f.completeProfiles(c, nil, typed)
	})
	offerNoFiles(root)
}

func offerNoFiles(c *cobra.Command) {
	if c.ValidArgsFunction == nil && len(c.ValidArgs) == 0 && !strings.Contains(c.Use, "FILE") {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
	c.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if _, has := c.GetFlagCompletionFunc(flag.Name); has {
			return
		}
		if value, _ := pflag.UnquoteUsage(flag); value != "file" {
			_ = c.RegisterFlagCompletionFunc(flag.Name, cobra.NoFileCompletions)
		}
	})
	for _, sub := range c.Commands() {
		offerNoFiles(sub)
	}
}
