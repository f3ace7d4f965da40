package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

var linkableOutletColumns = terminal.Fields[gobiz.LinkableOutlet]("id", "name", "address")

type tokenInfoOptions struct {
	*console
	client func() (*gobiz.Client, error)
}

func newTokenInfoCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "token-info",
		Short: "List the outlets that the logged-in merchant may link",
		Long: `List the outlets that the logged-in merchant may link, the merchant's primary outlet first.

It needs a merchant login: gobiz login --grant authorization-code`,
		Example: example("gobiz token-info", "gobiz token-info --jq '.outlets[].id'"),
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runTokenInfo(c.Context(), tokenInfoOptions{f.console, f.Client})
		},
	}
}

func runTokenInfo(ctx context.Context, o tokenInfoOptions) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	info, err := client.TokenInfo(ctx)
	if err != nil {
		return err
	}
	if info.Outlets == nil {
		info.Outlets = []gobiz.LinkableOutlet{}
	}
	if info.User.Roles == nil {
		info.User.Roles = []string{}
	}
	o.Empty = "this merchant has no outlet to link"
	if o.Format() == terminal.FormatTable {
		o.Note("roles: %s", strings.Join(info.User.Roles, ", "))
	}
	return terminal.PrintDocument(o.Printer, info, info.Outlets, linkableOutletColumns)
}
