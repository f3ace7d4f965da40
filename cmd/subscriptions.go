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

var subscriptionColumns = terminal.Fields[subscription]("id", "event", "url", "active", "outlet_id", "enterprise_id", "created_at")
