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
