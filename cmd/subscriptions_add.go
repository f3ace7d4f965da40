package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func newSubscriptionsAddCommand(f *Factory) *cobra.Command {
	var (
		target   subscriptionTarget
		url      string
		inactive bool
	)
	c := &cobra.Command{
		Use:   "add EVENT",
		Short: "Have an event sent to a URL",
		Long: `Have an event sent to a URL: for all outlets of the partner, or for one with --outlet.

GoBiz calls public https URLs with a valid certificate, on port 443 or 80; another URL is refused before it is sent. The
sandbox also calls this machine, on any port, without TLS. Which events are open depends on the scopes of your
credentials. The legacy API (api: enterprise) has gofood.order.driver_arrived only.`,
		Example: example(
			"gobiz subscriptions add gofood.order.merchant_accepted --url https://pos.example.com/gofood",
			"gobiz subscriptions add gofood.order.webhook_error --url https://pos.example.com/gofood --outlet G100000001",
		),
		Args:              exactArgs("EVENT"),
		ValidArgsFunction: completeEvents,
		RunE: func(c *cobra.Command, args []string) error {
			if url == "" {
				return usageError(seeHelp(c), "missing --url")
			}
			request := gobiz.SubscriptionRequest{Event: args[0], URL: url}
			if inactive {
				active := false
				request.Active = &active
			}
			return runSubscriptionsAdd(c.Context(), f, target, request)
		},
	}
	target.addFlags(c)
	c.Flags().StringVar(&url, "url", "", "where to send it (required)")
	c.Flags().BoolVar(&inactive, "inactive", false, "register it without sending yet")
	return c
}

func completeEvents(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, e := range webhook.Events() {
		names = append(names, string(e.Name)+"\t"+e.When)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func runSubscriptionsAdd(ctx context.Context, f *Factory, target subscriptionTarget, request gobiz.SubscriptionRequest) error {
	if !webhook.EventName(request.Event).Known() {
		return usageError("see the events with 'gobiz subscriptions add --help'", "unknown event %q", request.Event)
	}
	calls, err := target.calls(f)
	if err != nil {
		return err
	}
	if request.URL, err = f.checkedURL(request.URL); err != nil {
		return err
	}
	created, err := calls.Create(ctx, request)
	if err != nil {
		if e := apiError(err); e != nil && e.Status == 409 {
			e.Hint = "it is subscribed already: gobiz subscriptions list"
			return e
		}
		return err
	}
	return printOne(f, newSubscription(*created), subscriptionColumns)
}
