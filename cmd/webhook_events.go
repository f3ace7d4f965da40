package cmd

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/terminal"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// eventRow is an event as the command prints it.
type eventRow struct {
	Event  string  `json:"event"`
	Status *string `json:"status"` // of the order; null for other events
	When   string  `json:"when"`
	Body   string  `json:"body"`
	Scope  string  `json:"scope"`
	Legacy bool    `json:"enterprise"` // the legacy API has it too
}

var eventColumns = []terminal.Column[eventRow]{
	{Name: "event", Value: func(r eventRow) string { return r.Event }},
	{Name: "when", Value: func(r eventRow) string { return r.When }},
	{Name: "body", Value: func(r eventRow) string { return r.Body }},
	{Name: "scope", Value: func(r eventRow) string { return r.Scope }},
	{Name: "enterprise", Value: func(r eventRow) string { return strconv.FormatBool(r.Legacy) }},
}

func newWebhookEventsCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "events",
		Short: "List the events that GoBiz sends, and what they carry",
		Long: `List the events that GoBiz sends, in the order of an order's life: when each is sent, what its body carries, the scope
that a credential needs to subscribe to it (inferred from the resource), and whether the legacy API (EIM) has it too.`,
		Example: example(
			"gobiz webhook events",
			"gobiz webhook events --jq '.[] | select(.scope == \"gofood:order:read\") | .event'",
		),
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			var rows []eventRow
			for _, e := range webhook.Events() {
				rows = append(rows, eventRow{string(e.Name), nonEmpty(string(e.Name.Status())), e.When, e.Body, e.Scope, e.Name.Legacy()})
			}
			return printList(f, rows, eventColumns, "no events")
		},
	}
}
