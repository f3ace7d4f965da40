package cmd

import (
	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

var snapshotColumns = []terminal.Column[rollout.Snapshot]{
	{Name: "id"}, {Name: "taken_at"}, {Name: "reason"}, {Name: "items"},
	{Name: "digest", Value: func(s rollout.Snapshot) string { return s.Digest[:min(len(s.Digest), 19)] }},
	{Name: "path"},
}

type catalogHistoryOptions struct {
	*console
	state  func() (rollout.State, error)
	outlet string
}

func newCatalogHistoryCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "history OUTLET",
		Short: "List the menus that pushes from this machine have replaced",
		Long: `List the menus that pushes from this machine have replaced, newest first. Each is a snapshot of the live menu right
before a write. 'gobiz catalog rollback' brings one back.

The snapshots are files below the state folder (GOBIZ_STATE_DIR), by environment and outlet. Nothing removes them.`,
		Example: example(
			"gobiz catalog history G100000001",
			"gobiz catalog history G100000001 --jq '.[0].id'",
		),
		Args: exactArgs("OUTLET"),
		RunE: func(_ *cobra.Command, args []string) error {
			return runCatalogHistory(catalogHistoryOptions{f.console, f.rolloutState, args[0]})
		},
	}
}

func runCatalogHistory(o catalogHistoryOptions) error {
	state, err := o.state()
	if err != nil {
		return err
	}
	snapshots, err := state.Snapshots().List(o.outlet)
	if err != nil {
		return err
	}
	for _, s := range snapshots {
		if s.Digest == "" {
			o.Note("warning: %s cannot be read", s.Path)
		}
	}
	foreign, err := state.Snapshots().Foreign(o.outlet)
	for _, path := range foreign {
		o.Note("warning: %s is ignored: its name is not that of a snapshot", path)
	}
	if err != nil {
		return err
	}
	return printList(o.Printer, snapshots, snapshotColumns, "no push from this machine has replaced a menu of "+o.outlet)
}
