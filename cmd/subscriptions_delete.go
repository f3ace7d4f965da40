package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// deletedSubscription is what became of one id.
type deletedSubscription struct {
	ID     string  `json:"id"`
	Status string  `json:"status"` // deleted, failed
	Error  *string `json:"error"`
}

var deletedSubscriptionColumns = []terminal.Column[deletedSubscription]{
	{Name: "id", Value: func(d deletedSubscription) string { return d.ID }},
	{Name: "status", Value: func(d deletedSubscription) string { return d.Status }},
	{Name: "error", Value: func(d deletedSubscription) string { return text(d.Error) }},
}

func newSubscriptionsDeleteCommand(f *Factory) *cobra.Command {
	var (
		target subscriptionTarget
		yes    bool
	)
	c := &cobra.Command{
		Use:     "delete ID...",
		Short:   "Delete subscriptions: their events are no longer sent",
		Example: example("gobiz subscriptions delete 3f0c7a52-90fe-4c1d-8e5c-0a2b7c1d9e10 --yes"),
		Args:    someArgs("ID"),
		RunE: func(c *cobra.Command, args []string) error {
			return runSubscriptionsDelete(c.Context(), f, target, args, yes)
		},
	}
	target.addFlags(c)
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask on production")
	return c
}

func runSubscriptionsDelete(ctx context.Context, f *Factory, target subscriptionTarget, ids []string, yes bool) error {
	calls, err := target.calls(f)
	if err != nil {
		return err
	}
	what := "delete subscription " + ids[0]
	if len(ids) > 1 {
		what = fmt.Sprintf("delete %d subscriptions", len(ids))
	}
	if err := f.productionConsent(ctx, what, yes); err != nil {
		return err
	}
	return forEach(ctx, f, ids, "subscriptions", deletedSubscriptionColumns, func(id string) (deletedSubscription, error) {
		return deletedSubscription{ID: id, Status: "deleted"}, calls.Delete(ctx, id)
	}, func(d *deletedSubscription, message string) { d.Status, d.Error = "failed", &message })
}
