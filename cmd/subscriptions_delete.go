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

var deletedSubscriptionColumns = terminal.Fields[deletedSubscription]("id", "status", "error")

type subscriptionsDeleteOptions struct {
	*console
	target subscriptionTarget
	ids    []string
	yes    bool
}

func newSubscriptionsDeleteCommand(f *Factory) *cobra.Command {
	o := subscriptionsDeleteOptions{console: f.console, target: f.subscriptionTarget()}
	c := &cobra.Command{
		Use:     "delete ID...",
		Short:   "Delete subscriptions: their events are no longer sent",
		Example: example("gobiz subscriptions delete 3f0c7a52-90fe-4c1d-8e5c-0a2b7c1d9e10 --yes"),
		Args:    someArgs("ID"),
		RunE: func(c *cobra.Command, args []string) error {
			o.ids = args
			return runSubscriptionsDelete(c.Context(), o)
		},
	}
	o.target.addFlags(c)
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask on production")
	return c
}

func runSubscriptionsDelete(ctx context.Context, o subscriptionsDeleteOptions) error {
	calls, err := o.target.calls()
	if err != nil {
		return err
	}
	what := "delete subscription " + o.ids[0]
	if len(o.ids) > 1 {
		what = fmt.Sprintf("delete %d subscriptions", len(o.ids))
	}
	if err := o.productionConsent(ctx, o.target.settings, what, o.yes); err != nil {
		return err
	}
	return forEach(ctx, o.Printer, o.ids, "subscriptions", deletedSubscriptionColumns, func(id string) (deletedSubscription, error) {
		return deletedSubscription{ID: id, Status: "deleted"}, calls.Delete(ctx, id)
	}, func(d *deletedSubscription, message string) { d.Status, d.Error = "failed", &message })
}
