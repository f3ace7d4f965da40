package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
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
