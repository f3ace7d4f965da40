package cmd

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

var linkableOutletColumns = terminal.Fields[gobiz.LinkableOutlet]("id", "name", "address")

func newTokenInfoCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "token-info",
		Short: "List the outlets that the logged-in merchant may link",
		Long: `List the outlets that the logged-in merchant may link, the merchant's primary outlet first.

It needs a merchant login: gobiz login --grant authorization-code`,
		Example: example("gobiz token-info", "gobiz token-info --jq '.outlets[].id'"),
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runTokenInfo(c.Context(), f) },
	}
}

func runTokenInfo(ctx context.Context, f *Factory) error {
	client, err := f.Client()
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
	f.Empty = "this merchant has no outlet to link"
	if f.Format() == terminal.FormatTable {
		f.Note("roles: %s", strings.Join(info.User.Roles, ", "))
	}
	return terminal.PrintDocument(f.Printer, info, info.Outlets, linkableOutletColumns)
}
