package cmd

import "github.com/spf13/cobra"

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
