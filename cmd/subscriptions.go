package cmd

import (
	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func newSubscriptionsCommand(f *Factory) *cobra.Command {
	return newGroup("subscriptions", "Choose which events GoBiz sends, and where to",
		newSubscriptionsAddCommand(f), newSubscriptionsListCommand(f), newSubscriptionsUpdateCommand(f), newSubscriptionsDeleteCommand(f),
		newSubscriptionsSyncCommand(f))
}

var subscriptionColumns = terminal.Fields[gobiz.Subscription]("id", "event", "url", "active", "outlet_id", "enterprise_id", "created_at")

// documented leaves out what the API does not document, so that the keys of the
// output are always the same.
func documented(s gobiz.Subscription) gobiz.Subscription {
	s.Unknown = nil
	return s
}

func newSubscriptionsListCommand(f *Factory) *cobra.Command {
	target := f.subscriptionTarget()
	c := &cobra.Command{
		Use:     "list",
		Short:   "List subscriptions",
		Example: example("gobiz subscriptions list", "gobiz subscriptions list --outlet G100000001 -o json"),
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			calls, err := target.calls()
			if err != nil {
				return err
			}
			found, err := calls.List(c.Context())
			if err != nil {
				return err
			}
			for i := range found {
				found[i] = documented(found[i])
			}
			return printList(f.Printer, found, subscriptionColumns, "no subscriptions; add one with 'gobiz subscriptions add'")
		},
	}
	target.addFlags(c)
	return c
}
