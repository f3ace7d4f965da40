package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

type subscriptionsAddOptions struct {
	*console
	target  subscriptionTarget
	request gobiz.SubscriptionRequest
}

func newSubscriptionsAddCommand(f *Factory) *cobra.Command {
	o := subscriptionsAddOptions{console: f.console, target: f.subscriptionTarget()}
	inactive := false
	c := &cobra.Command{
		Use:   "add EVENT",
		Short: "Have an event sent to a URL",
		Long: `Have an event sent to a URL: for all outlets of the partner, or for one with --outlet.

GoBiz calls public https URLs with a valid certificate, on port 443 or 80; another URL is refused before it is sent. The
sandbox also calls this machine, on any port, without TLS. Which events are open depends on the scopes of your
credentials. The legacy API (api: enterprise) has gofood.order.driver_arrived only.

What is subscribed already is printed, and nothing is written.`,
		Example: example(
			"gobiz subscriptions add gofood.order.merchant_accepted --url https://pos.example.com/gofood",
			"gobiz subscriptions add gofood.order.webhook_error --url https://pos.example.com/gofood --outlet G100000001",
		),
		Args:              exactArgs("EVENT"),
		ValidArgsFunction: completeEvents,
		RunE: func(c *cobra.Command, args []string) error {
			if o.request.URL == "" {
				return usageError(seeHelp(c), "missing --url")
			}
			o.request.Event = args[0]
			if inactive {
				active := false
				o.request.Active = &active
			}
			return runSubscriptionsAdd(c.Context(), o)
		},
	}
	o.target.addFlags(c)
	c.Flags().StringVar(&o.request.URL, "url", "", "where to send it (required)")
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

func runSubscriptionsAdd(ctx context.Context, o subscriptionsAddOptions) error {
	request := o.request
	if !webhook.EventName(request.Event).Known() {
		return usageError("see the events with 'gobiz subscriptions add --help'", "unknown event %q", request.Event)
	}
	calls, err := o.target.calls()
	if err != nil {
		return err
	}
	if request.URL, err = o.target.checkedURL(request.URL); err != nil {
		return err
	}
	if request.Event == string(webhook.OrderCreated) {
		o.Note("do not wait for %s: %s", request.Event, withdrawn)
	}
	created, err := calls.Create(ctx, request)
	if errors.Is(err, gobiz.ErrConflict) {
		if created, err = existing(ctx, calls, request, err); err == nil {
			o.Note("it is subscribed already, nothing was written")
			o.compareActive(created)
		}
	}
	if err != nil {
		return err
	}
	return terminal.PrintOne(o.Printer, documented(*created), subscriptionColumns)
}

// compareActive warns of a subscription that is there, but sends or rests where
// the other was asked for.
func (o *subscriptionsAddOptions) compareActive(live *gobiz.Subscription) {
	is, change := "active", "--inactive"
	if !live.Active {
		is, change = "inactive", "--active"
	}
	if wanted := o.request.Active == nil || *o.request.Active; wanted == live.Active {
		return
	}
	if o.target.outlet != "" {
		change += " --outlet " + shellWord(o.target.outlet)
	}
	o.Warn("it is %s: gobiz subscriptions update %s %s", is, shellWord(live.ID), change)
}

// withdrawn is what is known of gofood.order.created (developer documentation,
// "Order state").
const withdrawn = "GoBiz's newer pages call it withdrawn; gofood.order.merchant_accepted tells of every order that goes ahead"

// existing finds what a refused request is a duplicate of. Without one, the
// refusal stands.
func existing(ctx context.Context, calls subscriptions.Calls, request gobiz.SubscriptionRequest, refusal error) (*gobiz.Subscription, error) {
	list, err := calls.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		if s.Event == request.Event && s.URL == request.URL {
			return &s, nil
		}
	}
	return nil, refusal
}
