package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// auditProblem is a line of `catalog audit`.
type auditProblem struct {
	OutletID string  `json:"outlet_id"`
	Kind     string  `json:"kind"` // item, variant, variant_category
	Name     string  `json:"name"`
	Menu     *string `json:"menu"` // of an item; the category of a variant
	Problem  string  `json:"problem"`
	Hint     string  `json:"hint"`
}

var auditColumns = terminal.Fields[auditProblem]("outlet_id", "kind", "menu", "name", "problem", "hint")

type catalogAuditOptions struct {
	*console
	client  func() (*gobiz.Client, error)
	outlets []string
}

func newCatalogAuditCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "audit OUTLET...",
		Short: "Find live items and variants whose orders would fail",
		Long: `Find live items and variants whose orders would fail: without an external id, because they were made in the merchant
app, or with one that stands for several things. It changes nothing, and finding something is no error.`,
		Example: example(
			"gobiz catalog audit G100000001 G100000002",
			"gobiz catalog audit G100000001 --jq length",
		),
		Args: someArgs("OUTLET"),
		RunE: func(c *cobra.Command, args []string) error {
			return runCatalogAudit(c.Context(), catalogAuditOptions{f.console, f.Client, args})
		},
	}
}

func runCatalogAudit(ctx context.Context, o catalogAuditOptions) error {
	client, err := o.client()
	if err != nil {
		return err
	}
	problems := []auditProblem{}
	var failures []error
	for _, outlet := range o.outlets {
		found, err := auditOutlet(ctx, client, outlet)
		if err != nil {
			if len(o.outlets) == 1 || interrupted(ctx) {
				return err
			}
			o.Note("%s", cleantext.OneLine(classify(ctx, err).Message, 0))
			failures = append(failures, err)
		}
		problems = append(problems, found...)
	}
	if len(failures) == len(o.outlets) {
		return someFailed(ctx, failures, len(o.outlets), "outlets")
	}
	if err := printList(o.Printer, problems, auditColumns, "nothing found: every live item and variant has an external id of its own"); err != nil {
		return err
	}
	return someFailed(ctx, failures, len(o.outlets), "outlets")
}

func auditOutlet(ctx context.Context, client *gobiz.Client, outlet string) ([]auditProblem, error) {
	live, err := rollout.Partner(client).Live(ctx, outlet)
	if err != nil {
		return nil, outletError(outlet, fmt.Errorf("read the live menu of %s: %w", outlet, err))
	}
	var problems []auditProblem
	for _, p := range live.Audit() {
		problems = append(problems, auditProblem{OutletID: outlet, Kind: p.Entity, Name: p.Name, Menu: nonEmpty(p.Menu), Problem: p.Problem, Hint: p.Hint})
	}
	return problems, nil
}
