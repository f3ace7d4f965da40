package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func newWebhookCommand(f *Factory) *cobra.Command {
	return newGroup("webhook", "Verify and sign notifications",
		newWebhookVerifyCommand(f), newWebhookSignCommand(f), newWebhookEventsCommand(f), newWebhookListenCommand(f),
		newWebhookTriggerCommand(f), newWebhookReplayCommand(f), newWebhookExplainCommand(f))
}

type webhookSignOptions struct {
	*console
	secret relaySecret
	file   string
}

func newWebhookSignCommand(f *Factory) *cobra.Command {
	o := webhookSignOptions{console: f.console, secret: f.relaySecret()}
	c := &cobra.Command{
		Use:   "sign [FILE|-]",
		Short: "Print the signature GoBiz would send for a body",
		Long: `Print the value of X-Go-Signature for a body, as hex and a newline. The body is signed byte for byte.

The secret is the first in GOBIZ_NOTIFICATION_SECRET, else the profile's.`,
		Example: example(
			"gobiz webhook sign body.json",
			"curl -H \"X-Go-Signature: $(gobiz webhook sign body.json)\" --data-binary @body.json http://127.0.0.1:3000/gofood",
		),
		Args: optionalArg,
		RunE: func(c *cobra.Command, args []string) error {
			o.file = firstOr(args, "-")
			return runWebhookSign(c.Context(), o)
		},
	}
	o.secret.addFlag(c.Flags())
	return c
}

func runWebhookSign(ctx context.Context, o webhookSignOptions) error {
	secrets, err := o.secret.load(ctx, o.file)
	if err != nil {
		return err
	}
	body, err := o.readInput(ctx, o.file, maxBody)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.Streams().Out, webhook.Sign(secrets[0], body))
	return err
}
