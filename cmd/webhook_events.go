package cmd

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
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

var eventColumns = terminal.Fields[eventRow]("event", "status", "when", "body", "scope", "enterprise")

// eventTableColumns are those that a terminal has room for.
var eventTableColumns = terminal.Fields[eventRow]("event", "when")

func newWebhookEventsCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "events [EVENT]",
		Short: "List the events that GoBiz sends, and what they carry",
		Long: `List the events that GoBiz sends, in the order of an order's life: when each is sent, what its body carries, the scope
that a credential needs to subscribe to it (inferred from the resource), and whether the legacy API (EIM) has it too.

The table has the names and when each is sent. All is in the other formats, and is told of the one EVENT that is named.`,
		Example: example(
			"gobiz webhook events",
			"gobiz webhook events gofood.order.webhook_error",
			"gobiz webhook events --jq '.[] | select(.scope == \"gofood:order:read\") | .event'",
		),
		Args: optionalArg,
		ValidArgsFunction: func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completeEvents(c, args, typed)
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return printEvent(f.Printer, args[0])
			}
			return printEvents(f.Printer)
		},
	}
}

func printEvents(p *terminal.Printer) error {
	rows := eventRows()
	if p.Format() != terminal.FormatTable {
		return terminal.Print(p, rows, eventColumns)
	}
	width := proseWidth(p.Streams())
	if width > 0 {
		widest := 0
		for _, row := range rows {
			widest = max(widest, len(row.Event))
		}
		width = max(width-widest-columnGap, 1)
	}
	var lines []eventRow
	for _, row := range rows {
		for _, when := range wrap(row.When, width) {
			lines = append(lines, eventRow{Event: row.Event, When: when})
			row.Event = "" // the next line goes on with this one
		}
	}
	return terminal.Print(p, lines, eventTableColumns)
}

func printEvent(p *terminal.Printer, name string) error {
	rows := eventRows()
	i := slices.IndexFunc(rows, func(r eventRow) bool { return r.Event == name })
	if i < 0 {
		return usageError("see the events with 'gobiz webhook events'", "unknown event %q", name)
	}
	width := proseWidth(p.Streams())
	if p.Format() != terminal.FormatTable || width == 0 {
		return terminal.PrintOne(p, rows[i], eventColumns)
	}
	var columns []terminal.Column[eventRow]
	for _, column := range terminal.Resolve(eventColumns) {
		for _, line := range wrap(column.Value(rows[i]), width-len("enterprise")-columnGap) {
			columns = append(columns, terminal.Column[eventRow]{Name: column.Name, Value: func(eventRow) string { return line }})
			column.Name = ""
		}
	}
	return terminal.PrintOne(p, rows[i], columns)
}

// columnGap is what a table has between two columns.
const columnGap = 2

func eventRows() []eventRow {
	var rows []eventRow
	for _, e := range webhook.Events() {
		rows = append(rows, eventRow{string(e.Name), nonEmpty(string(e.Name.Status())), e.When, e.Body, e.Scope, e.Name.Legacy()})
	}
	return rows
}
