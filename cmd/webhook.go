package cmd

import "github.com/spf13/cobra"

func newWebhookCommand(f *Factory) *cobra.Command {
	return newGroup("webhook", "Verify and sign notifications",
		newWebhookVerifyCommand(f), newWebhookSignCommand(f), newWebhookEventsCommand(f), newWebhookListenCommand(f),
		newWebhookTriggerCommand(f), newWebhookReplayCommand(f), newWebhookExplainCommand(f))
}
