package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

type catalogRollbackOptions struct {
	pushOptions
	to string
}

func newCatalogRollbackCommand(f *Factory) *cobra.Command {
	o := catalogRollbackOptions{pushOptions: newPushOptions(f, "catalog rollback")}
	c := &cobra.Command{
		Use:   "rollback OUTLET",
		Short: "Bring back a menu that a push has replaced",
		Long: `Bring back a menu that a push has replaced: the one before the last push, or with --to any of 'gobiz catalog history'.

It is a push like any other: it shows what would change, has the same guards, asks, and takes a snapshot itself, so that
a second rollback undoes the first. What was in stock or sold out then is so again; --stock live leaves stock as it is
now, except for what is not on the menu now.`,
		Example: example(
			"gobiz catalog rollback G100000001",
			"gobiz catalog rollback G100000001 --dry-run",
			"gobiz catalog rollback G100000001 --to 20260105T120000.000Z-4f1d90ab --yes --wait",
		),
		Args: exactArgs("OUTLET"),
		RunE: func(c *cobra.Command, args []string) error {
			o.outlet = args[0]
			if c.Flags().Changed("to") && o.to == "" {
				return usageError("see the ids with 'gobiz catalog history "+o.outlet+"'", "--to is empty")
			}
			return runCatalogRollback(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.to, "to", "", "`id` of the snapshot (default the newest)")
	o.addFlags(c, catalog.StockFile, "file: as in the snapshot; or live: as it is now")
	return c
}

func runCatalogRollback(ctx context.Context, o catalogRollbackOptions) error {
	policy, err := parseStock(o.stock)
	if err != nil {
		return err
	}
	client, err := o.client()
	if err != nil {
		return err
	}
	state, err := o.state()
	if err != nil {
		return err
	}
	snapshot, menu, err := state.Snapshots().Load(o.outlet, o.to)
	if err != nil {
		return err
	}
	o.Note("snapshot %s of %s: %s", snapshot.ID, snapshot.TakenAt.Format(time.RFC3339), counted(snapshot.Items, "item"))
	target := rollout.Partner(client)
	return o.push(ctx, target, "snapshot "+snapshot.ID, rollout.Options{Stock: policy},
		func(ctx context.Context, options rollout.Options) (rollout.Result, error) {
			return rollout.Rollback(ctx, target, o.outlet, menu, options)
		})
}
