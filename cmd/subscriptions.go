package cmd

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/config"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
	"github.com/gobiz-cli/gobiz/pkg/terminal"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func newSubscriptionsCommand(f *Factory) *cobra.Command {
	return newGroup("subscriptions", "Choose which events GoBiz sends, and where to",
		newSubscriptionsAddCommand(f), newSubscriptionsListCommand(f), newSubscriptionsDeleteCommand(f))
}

// subscription is a notification subscription as the commands print it.
type subscription struct {
	ID           string     `json:"id"`
	Event        string     `json:"event"`
	URL          string     `json:"url"`
	Active       bool       `json:"active"`
	OutletID     *string    `json:"outlet_id"`
	EnterpriseID *string    `json:"enterprise_id"`
	CreatedAt    gobiz.Time `json:"created_at"`
	UpdatedAt    gobiz.Time `json:"updated_at"`
}

func newSubscription(s gobiz.Subscription) subscription {
	return subscription{s.ID, s.Event, s.URL, s.Active, s.OutletID, s.EnterpriseID, s.CreatedAt, s.UpdatedAt}
}

var subscriptionColumns = []terminal.Column[subscription]{
	{Name: "id", Value: func(s subscription) string { return s.ID }},
	{Name: "event", Value: func(s subscription) string { return s.Event }},
	{Name: "url", Value: func(s subscription) string { return s.URL }},
	{Name: "active", Value: func(s subscription) string { return strconv.FormatBool(s.Active) }},
	{Name: "outlet_id", Value: func(s subscription) string { return text(s.OutletID) }},
	{Name: "enterprise_id", Value: func(s subscription) string { return text(s.EnterpriseID) }},
	{Name: "created_at", Value: func(s subscription) string { return s.CreatedAt.String() }},
}

// subscriptionTarget says whose subscriptions a command works on: the
// partner's, one outlet's, or a legacy enterprise's.
type subscriptionTarget struct {
	outlet, enterprise string
}

func (t *subscriptionTarget) addFlags(c *cobra.Command) {
	c.Flags().StringVar(&t.outlet, "outlet", "", "`id` of one outlet, instead of all of the partner's")
	c.Flags().StringVar(&t.enterprise, "enterprise", "", "enterprise `id` on the legacy API (default: the profile's)")
}

// subscriptionCalls are the calls that both APIs have.
type subscriptionCalls interface {
	Create(context.Context, gobiz.SubscriptionRequest) (*gobiz.Subscription, error)
	List(context.Context) ([]gobiz.Subscription, error)
	Delete(ctx context.Context, id string) error
}

// calls picks the API: the legacy one for a profile of it.
func (t subscriptionTarget) calls(f *Factory) (subscriptionCalls, error) {
	if t.outlet != "" && t.enterprise != "" {
		return nil, usageError("", "--outlet and --enterprise cannot be combined")
	}
	s, err := f.Settings()
	if err != nil {
		return nil, err
	}
	if s.API != config.Enterprise {
		if t.enterprise != "" {
			return nil, usageError("use a profile with 'api: enterprise', or GOBIZ_API=enterprise", "--enterprise is for the legacy API")
		}
		client, err := f.Client()
		if err != nil {
			return nil, err
		}
		if t.outlet != "" {
			return client.Subscriptions(gobiz.ForOutlet(t.outlet)), nil
		}
		return client.Subscriptions(gobiz.AllOutlets), nil
	}
	if t.outlet != "" {
		return nil, usageError("", "the legacy API (api: enterprise) has no subscriptions of one outlet")
	}
	if t.enterprise == "" {
		t.enterprise = s.EnterpriseID
	}
	if t.enterprise == "" {
		return nil, usageError("pass --enterprise ID, or set enterprise_id in the profile", "missing enterprise id")
	}
	client, err := f.Enterprise()
	if err != nil {
		return nil, err
	}
	return enterpriseSubscriptions{client, t.enterprise}, nil
}

// enterpriseSubscriptions are the subscriptions of one enterprise on the
// legacy API.
type enterpriseSubscriptions struct {
	client     *enterprise.Client
	enterprise string
}

func (s enterpriseSubscriptions) Create(ctx context.Context, r gobiz.SubscriptionRequest) (*gobiz.Subscription, error) {
	if r.Active != nil && !*r.Active {
		return nil, usageError("", "the legacy API (api: enterprise) has no inactive subscriptions")
	}
	return s.client.CreateSubscription(ctx, s.enterprise, r.Event, r.URL)
}

func (s enterpriseSubscriptions) List(ctx context.Context) ([]gobiz.Subscription, error) {
	return s.client.Subscriptions(ctx, s.enterprise)
}

func (s enterpriseSubscriptions) Delete(ctx context.Context, id string) error {
	return s.client.DeleteSubscription(ctx, s.enterprise, id)
}

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

GoBiz calls https URLs with a valid certificate, on port 443 or 80. Which events are open depends on the scopes of
your credentials. The legacy API (api: enterprise) has gofood.order.driver_arrived only.`,
		Example: example(
			"gobiz subscriptions add gofood.order.merchant_accepted --url https://pos.example.com/gofood",
			"gobiz subscriptions add gofood.order.webhook_error --url https://pos.example.com/gofood --outlet G100000001",
		),
		Args: exactArgs("EVENT"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, e := range webhook.Events() {
				names = append(names, string(e.Name)+"\t"+e.When)
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
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

func runSubscriptionsAdd(ctx context.Context, f *Factory, target subscriptionTarget, request gobiz.SubscriptionRequest) error {
	if !webhook.EventName(request.Event).Known() {
		return usageError("see the events with 'gobiz subscriptions add --help'", "unknown event %q", request.Event)
	}
	calls, err := target.calls(f)
	if err != nil {
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

func newSubscriptionsListCommand(f *Factory) *cobra.Command {
	var target subscriptionTarget
	c := &cobra.Command{
		Use:     "list",
		Short:   "List subscriptions",
		Example: example("gobiz subscriptions list", "gobiz subscriptions list --outlet G100000001 -o json"),
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			calls, err := target.calls(f)
			if err != nil {
				return err
			}
			found, err := calls.List(c.Context())
			if err != nil {
				return err
			}
			rows := make([]subscription, 0, len(found))
			for _, s := range found {
				rows = append(rows, newSubscription(s))
			}
			return printList(f, rows, subscriptionColumns, "no subscriptions; add one with 'gobiz subscriptions add'")
		},
	}
	target.addFlags(c)
	return c
}

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
