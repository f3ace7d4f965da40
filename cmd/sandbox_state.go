package cmd

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

var outletStateColumns = []terminal.Column[sandbox.OutletState]{
	{Name: "outlet", Value: func(o sandbox.OutletState) string { return o.ID }},
	{Name: "name", Value: func(o sandbox.OutletState) string { return o.Name }},
	{Name: "linked", Value: func(o sandbox.OutletState) string { return strconv.FormatBool(o.Linked) }},
	{Name: "external_outlet_id", Value: func(o sandbox.OutletState) string { return text(o.ExternalOutletID) }},
	{Name: "acceptance", Value: func(o sandbox.OutletState) string { return o.Acceptance }},
	{Name: "items", Value: func(o sandbox.OutletState) string { return strconv.Itoa(o.Items) }, Align: terminal.AlignRight},
}

func newSandboxStateCommand(f *Factory) *cobra.Command {
	var target controlFlags
	c := &cobra.Command{
		Use:     "state",
		Short:   "Show what the running sandbox remembers",
		Long:    "Show what the running sandbox remembers. The table is its outlets; -o json has everything, live menus too.",
		Example: example("gobiz sandbox state", "gobiz sandbox state --jq '.deliveries[] | [.event, .status]'"),
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			control, err := target.control(f)
			if err != nil {
				return err
			}
			state, err := control.State(c.Context())
			if err != nil {
				return err
			}
			if err := terminal.PrintDocument(f.Printer, state, state.Outlets, outletStateColumns); err != nil {
				return err
			}
			if f.Format() == terminal.FormatTable {
				f.Note("%d subscriptions, %d orders, %d deliveries, %d promos, %d payments, %d valid access tokens",
					len(state.Subscriptions), len(state.Orders), len(state.Deliveries), state.Promos, state.Payments, state.AccessTokens)
			}
			return nil
		},
	}
	target.add(c)
	return c
}

func newSandboxResetCommand(f *Factory) *cobra.Command {
	var target controlFlags
	c := &cobra.Command{
		Use:     "reset",
		Short:   "Take the running sandbox back to its first state",
		Example: example("gobiz sandbox reset"),
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			control, err := target.control(f)
			if err != nil {
				return err
			}
			if err := control.Reset(c.Context()); err != nil {
				return err
			}
			f.Note("the sandbox is back to its first state; all its tokens are void")
			return nil
		},
	}
	target.add(c)
	return c
}
