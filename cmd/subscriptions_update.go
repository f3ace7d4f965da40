package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

type subscriptionsUpdateOptions struct {
	*console
	id, url string
	active  *bool // nil: as it is
	yes     bool
	target  subscriptionTarget
}

func newSubscriptionsUpdateCommand(f *Factory) *cobra.Command {
	var (
		o                = subscriptionsUpdateOptions{console: f.console, target: f.subscriptionTarget()}
		active, inactive bool
	)
	c := &cobra.Command{
		Use:   "update ID",
		Short: "Change where an event is sent, or switch it on or off",
		Long: `Change where an event is sent, or switch it on or off. What is not named stays as it is: the subscription is read first,
and nothing is written when it is so already.

A subscription of one outlet is found with --outlet only. The legacy API (api: enterprise) cannot change a
subscription: delete it and add another.`,
		Example: example(
			"gobiz subscriptions update 3f0c7a52-90fe-4c1d-8e5c-0a2b7c1d9e10 --url https://pos.example.com/gofood",
			"gobiz subscriptions update 3f0c7a52-90fe-4c1d-8e5c-0a2b7c1d9e10 --inactive --outlet G100000001",
		),
		Args: exactArgs("ID"),
		RunE: func(c *cobra.Command, args []string) error {
			o.id = args[0]
			given := c.Flags().Changed
			switch {
			case given("active") && given("inactive"):
				return usageError(seeHelp(c), "--active and --inactive cannot be combined")
			case given("url") && o.url == "":
				return usageError("", "--url is empty")
			case given("active"):
				o.active = &active
			case given("inactive"):
				active = !inactive
				o.active = &active
			case !given("url"):
				return usageError(seeHelp(c), "nothing to change: pass --url, --active or --inactive")
			}
			return runSubscriptionsUpdate(c.Context(), o)
		},
	}
	o.target.addFlags(c)
	c.Flags().StringVar(&o.url, "url", "", "where to send it")
	c.Flags().BoolVar(&active, "active", false, "send it")
	c.Flags().BoolVar(&inactive, "inactive", false, "keep it without sending")
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask on production")
	return c
}

func runSubscriptionsUpdate(ctx context.Context, o subscriptionsUpdateOptions) error {
	s, err := o.target.settings()
	if err != nil {
		return err
	}
	if s.API == config.Enterprise {
		return usageError("delete it and add another: gobiz subscriptions delete, gobiz subscriptions add", "the legacy API (api: enterprise) cannot change a subscription")
	}
	if o.url != "" {
		if o.url, err = checkedURL(s, o.url); err != nil {
			return err
		}
	}
	calls, err := o.target.calls()
	if err != nil {
		return err
	}
	if err := o.productionConsent(ctx, o.target.settings, "change subscription "+o.id, o.yes); err != nil {
		return err
	}
	live, err := calls.Get(ctx, o.id)
	if err != nil {
		return subscriptionError(o.target, err)
	}
	// The call replaces the whole subscription.
	wanted := gobiz.SubscriptionRequest{Event: live.Event, URL: live.URL, Active: &live.Active}
	if o.url != "" {
		wanted.URL = o.url
	}
	if o.active != nil {
		wanted.Active = o.active
	}
	if wanted.URL == live.URL && *wanted.Active == live.Active {
		o.Note("it is so already, nothing was written")
		return terminal.PrintOne(o.Printer, documented(*live), subscriptionColumns)
	}
	updated, err := calls.Update(ctx, o.id, wanted)
	if err != nil {
		return subscriptionError(o.target, err)
	}
	return terminal.PrintOne(o.Printer, documented(*updated), subscriptionColumns)
}

// subscriptionError explains the refusals that an id causes.
func subscriptionError(target subscriptionTarget, err error) error {
	e := apiError(err)
	if e == nil {
		return err
	}
	switch {
	case e.Hint != "": // the outlet is not linked
	case e.Status == 404 && target.outlet == "":
		e.Hint = "see the ids with 'gobiz subscriptions list'; is it one outlet's? then pass --outlet ID"
	case e.Status == 404:
		e.Hint = "see the ids with 'gobiz subscriptions list --outlet ID'; is it for all outlets? then leave --outlet out"
	case errors.Is(err, gobiz.ErrConflict):
		e.Hint = "the event goes to this url already: gobiz subscriptions list"
	}
	return e
}
