package cmd

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/internal/triage"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

type webhookExplainOptions struct {
	*console
	client func() (*gobiz.Client, error)
	now    func() time.Time

	file, catalog, outlet, id string
}

func newWebhookExplainCommand(f *Factory) *cobra.Command {
	o := webhookExplainOptions{console: f.console, client: f.Client, now: f.Now}
	c := &cobra.Command{
		Use:   "explain [FILE|-]",
		Short: "Say in words what a notification means and what to do",
		Long: `Say in words what a notification means: what has happened, what state the order is in, what comes next, what to do, and
what the values that are null stand for.

FILE is the body of a notification, a capture of 'gobiz webhook listen', or what 'gobiz notifications list -o json'
prints. Of several the last is explained, or the one that --id names.

An order with something in it that has no external id is not relayed: gofood.order.webhook_error comes in its place. With
-f the names are looked up in a catalog file, and with --outlet on the live menu of an outlet: where they stand, whether
they have an external id there, which names are near, and the commands that repair it. Without --outlet no server is
asked.`,
		Example: example(
			"gobiz webhook explain body.json",
			"gobiz webhook explain capture.jsonl --id c1d2e3f4-0000-4000-8000-000000000000 -f menu.yaml",
			"gobiz webhook explain body.json --outlet G100000001",
			"gobiz notifications list --entity F-100200300 -o json | gobiz webhook explain",
		),
		Args: optionalArg,
		RunE: func(c *cobra.Command, args []string) error {
			o.file = firstOr(args, "-")
			given := c.Flags().Changed
			switch {
			case given("file") && given("outlet"):
				return usageError(seeHelp(c), "-f and --outlet cannot be combined")
			case given("file") && o.catalog == "", given("outlet") && o.outlet == "", given("id") && o.id == "":
				return usageError(seeHelp(c), "a flag is empty")
			case o.file == "-" && o.catalog == "-":
				return usageError("name one of the files", "stdin cannot hold both the notification and the catalog")
			}
			return runWebhookExplain(c.Context(), o)
		},
	}
	c.Flags().StringVarP(&o.catalog, "file", "f", "", "look names up in this catalog `file`")
	c.Flags().StringVar(&o.outlet, "outlet", "", "look names up on the live menu of this outlet `id`")
	c.Flags().StringVar(&o.id, "id", "", "event `id` or idempotency key of a record (default the last record)")
	return c
}

func runWebhookExplain(ctx context.Context, o webhookExplainOptions) error {
	record, err := o.record(ctx)
	if err != nil {
		return err
	}
	notification, err := webhook.Parse(record.Body)
	if err != nil {
		return invalidInput("is it the body as GoBiz sent it? see 'gobiz webhook events' for what there is", "%s: %v", inputName(o.file), err)
	}
	with := triage.Explaining{Zone: o.now().Location(), Money: terminal.Rupiah}
	switch {
	case o.catalog != "":
		with.FileName = o.catalog
		if with.File, err = o.readCatalogLoosely(ctx, notification); err != nil {
			return err
		}
	case o.outlet != "":
		with.LiveOutlet = o.outlet
		if with.Live, err = o.liveMenu(ctx); err != nil {
			return err
		}
		if id := notification.Outlet.ID; id != "" && id != o.outlet {
			o.Warn("the notification is about outlet %s, and not %s", id, o.outlet)
		}
	}
	return printExplanation(o.Printer, triage.Explain(notification, with))
}

// record returns the last record, or the one with an id.
func (o *webhookExplainOptions) record(ctx context.Context) (*capture.Record, error) {
	var choice recordChoice
	if o.id != "" {
		choice.ids = []string{o.id}
	}
	in, err := o.readRecords(ctx, o.file, choice)
	if err != nil {
		return nil, err
	}
	last := &in.Records[len(in.Records)-1]
	if n := len(in.Records); n > 1 {
		o.Note("the last of %d notifications; --id chooses another", n)
	}
	if in.Kind == capture.Capture && !last.Valid {
		o.Warn("its signature did not verify when it was received: it may not be from GoBiz")
	}
	return last, nil
}

// readCatalogLoosely reads a catalog file as far as it can be read: one with a
// missing external id is just what is looked for.
func (o *webhookExplainOptions) readCatalogLoosely(ctx context.Context, n *webhook.Notification) (*catalog.File, error) {
	path := o.catalog
	data, err := o.readInput(ctx, path, catalog.MaxFileSize)
	if err != nil {
		return nil, err
	}
	api := catalog.Partner
	if n.Legacy {
		api = catalog.Enterprise
	}
	source, findings := catalog.Parse(inputName(path), data, api)
	if source == nil {
		return nil, findings.Err(inputName(path))
	}
	if mistakes, _ := findings.Count(); mistakes > 0 {
		o.Note("%s has %s: see 'gobiz catalog validate'", inputName(path), counted(mistakes, "mistake"))
	}
	return source, nil
}

func (o *webhookExplainOptions) liveMenu(ctx context.Context) (*catalog.Live, error) {
	client, err := o.client()
	if err != nil {
		return nil, err
	}
	live, err := rollout.Partner(client).Live(ctx, o.outlet)
	if err != nil {
		return nil, outletError(o.outlet, err)
	}
	return live, nil
}

// explanation is the document of `webhook explain`.
type explanation struct {
	Event       string             `json:"event"`
	Meaning     string             `json:"meaning"`
	OrderNumber *string            `json:"order_number"`
	Status      *string            `json:"status"`
	Next        string             `json:"next"`
	Findings    []explainedFinding `json:"findings"`
}

type explainedFinding struct {
	Severity triage.Severity `json:"severity"`
	Message  string          `json:"message"`
	Name     *string         `json:"name"`
	File     *string         `json:"file"`
	Line     *int            `json:"line"`
	Nearest  []string        `json:"nearest"`
	Command  *string         `json:"command"`
}

var explanationColumns = terminal.Fields[explanation]("event", "order_number", "status", "meaning", "next")

func newExplanation(e *triage.Explanation) explanation {
	out := explanation{
		Event: e.Event, Meaning: strings.Join(e.Meaning, " "), OrderNumber: nonEmpty(e.OrderNumber), Status: nonEmpty(e.Status),
		Next: strings.Join(e.Next, " "), Findings: []explainedFinding{},
	}
	for _, f := range e.Findings {
		row := explainedFinding{Severity: f.Severity, Message: f.Message, Name: nonEmpty(f.Name), File: nonEmpty(f.File), Nearest: f.Nearest, Command: nonEmpty(f.Command)}
		if f.Line > 0 {
			row.Line = &f.Line
		}
		out.Findings = append(out.Findings, row)
	}
	return out
}
