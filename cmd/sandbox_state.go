package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

var outletStateColumns = []terminal.Column[sandbox.OutletState]{
	{Name: "outlet", Value: func(o sandbox.OutletState) string { return o.ID }},
	{Name: "name"}, {Name: "linked"}, {Name: "external_outlet_id"}, {Name: "acceptance"}, {Name: "items"},
}

func newSandboxStateCommand(f *Factory) *cobra.Command {
	o := newControlOptions(f)
	c := &cobra.Command{
		Use:     "state",
		Short:   "Show what the running sandbox remembers",
		Long:    "Show what the running sandbox remembers. The table is its outlets; -o json has everything, live menus too.",
		Example: example("gobiz sandbox state", "gobiz sandbox state --jq '.deliveries[] | [.event, .status]'"),
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runSandboxState(c.Context(), o) },
	}
	o.add(c)
	return c
}

func runSandboxState(ctx context.Context, o controlOptions) error {
	control, err := o.control()
	if err != nil {
		return err
	}
	state, err := control.State(ctx)
	if err != nil {
		return err
	}
	if err := terminal.PrintDocument(o.Printer, state, state.Outlets, outletStateColumns); err != nil {
		return err
	}
	if o.Format() == terminal.FormatTable {
		o.Note("%s, %s, %s, %s, %s, %s",
			counted(len(state.Subscriptions), "subscription"), counted(len(state.Orders), "order"), counted(len(state.Deliveries), "delivery"),
			counted(state.Promos, "promo"), counted(state.Payments, "payment"), counted(state.AccessTokens, "valid access token"))
	}
	return nil
}

func newSandboxResetCommand(f *Factory) *cobra.Command {
	o := newControlOptions(f)
	c := &cobra.Command{
		Use:     "reset",
		Short:   "Take the running sandbox back to its first state",
		Example: example("gobiz sandbox reset"),
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runSandboxReset(c.Context(), o) },
	}
	o.add(c)
	return c
}

func runSandboxReset(ctx context.Context, o controlOptions) error {
	control, err := o.control()
	if err != nil {
		return err
	}
	if err := control.Reset(ctx); err != nil {
		return err
	}
	o.Note("the sandbox is back to its first state; all its tokens are void")
	return nil
}
