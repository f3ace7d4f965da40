package cmd

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

type catalogDiffOptions struct {
	*console
	client func() (*gobiz.Client, error)
	state  func() (rollout.State, error)
	now    func() time.Time

	outlet, file, plan, stock string
	exitCode                  bool
}

// formatMarkdown is a format that only diff has.
const formatMarkdown terminal.Format = "markdown"

// diffReport is the document of `catalog diff`.
type diffReport struct {
	OutletID   string              `json:"outlet_id"`
	LiveDigest string              `json:"live_digest"`
	Summary    catalog.DiffSummary `json:"summary"`
	Changes    []catalog.Change    `json:"changes"`
	Guard      diffGuard           `json:"guard"`
}

// diffGuard reports whether a push would be refused, and why.
type diffGuard struct {
	OK      bool     `json:"ok"`
	Reasons []string `json:"reasons"`
}

var diffColumns = []terminal.Column[catalog.Change]{
	{Name: "kind", Value: func(c catalog.Change) string { return c.Kind }},
	{Name: "entity", Value: func(c catalog.Change) string { return c.Entity }},
	{Name: "external_id", Value: func(c catalog.Change) string { return c.ExternalID }},
	{Name: "name", Value: func(c catalog.Change) string { return c.Name }},
	{Name: "path", Value: func(c catalog.Change) string { return c.Path }},
	{Name: "field", Value: func(c catalog.Change) string { return c.Field }},
	{Name: "from", Value: func(c catalog.Change) string { return diffCell(c, c.From) }},
	{Name: "to", Value: func(c catalog.Change) string { return diffCell(c, c.To) }},
	{Name: "line", Value: func(c catalog.Change) string {
		if c.Line == 0 {
			return ""
		}
		return strconv.Itoa(c.Line)
	}},
}

// diffCell is a value in a spreadsheet: what comes or goes as a whole has none.
func diffCell(c catalog.Change, v any) string {
	if v == nil || c.Field == "" {
		return ""
	}
	return fmt.Sprint(v)
}

func newCatalogDiffCommand(f *Factory) *cobra.Command {
	o := catalogDiffOptions{console: f.console, client: f.Client, state: f.rolloutState, now: f.Now}
	c := &cobra.Command{
		Use:   "diff OUTLET",
		Short: "Show what a push would change in the live menu of an outlet",
		Long: `Show what a push would change in the live menu of an outlet: what is added, removed, changed field by field, and moved
to another place or menu. Nothing is written.

Menus are known by name, everything else by external id; the order of lines in the file does not matter where the order
of the menu does not. What is sold out and not named in the file is counted, and not a change.

Besides the usual formats, -o knows markdown, for a comment on a pull request. --save-plan writes down the push for
later: 'gobiz catalog push --plan' does exactly that, unless the live menu has changed meanwhile.`,
		Example: example(
			"gobiz catalog diff G100000001 -f menu.yaml",
			"gobiz catalog diff G100000001 -f menu.yaml --exit-code    # 8 when there are changes",
			"gobiz catalog diff G100000001 -f menu.yaml -o markdown > comment.md",
			"gobiz catalog diff G100000001 -f menu.yaml --save-plan menu.plan",
			"gobiz catalog diff G100000001 -f menu.yaml --jq '.changes[] | select(.field == \"price\")'",
		),
		Args:        exactArgs("OUTLET"),
		Annotations: map[string]string{moreFormats: string(formatMarkdown)},
		RunE: func(c *cobra.Command, args []string) error {
			o.outlet = args[0]
			if o.file == "" {
				return usageError(seeHelp(c), "missing -f FILE")
			}
			if c.Flags().Changed("save-plan") && o.plan == "" {
				return usageError("", "--save-plan is empty")
			}
			return runCatalogDiff(c.Context(), o)
		},
	}
	c.Flags().StringVarP(&o.file, "file", "f", "", "catalog `file`, - is stdin (required)")
	c.Flags().BoolVar(&o.exitCode, "exit-code", false, "exit with 8 when there are changes")
	c.Flags().StringVar(&o.plan, "save-plan", "", "write a plan to this `file`, for 'catalog push --plan'")
	c.Flags().StringVar(&o.stock, "stock", string(catalog.StockKeep), "as for catalog push: keep, file or live")
	_ = c.RegisterFlagCompletionFunc("stock", cobra.FixedCompletions(stockPolicies, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func runCatalogDiff(ctx context.Context, o catalogDiffOptions) error {
	policy, err := parseStock(o.stock)
	if err != nil {
		return err
	}
	client, err := o.client()
	if err != nil {
		return err
	}
	file, err := o.readCatalog(ctx, o.file, catalog.Partner, o.state)
	if err != nil {
		return err
	}
	state, stateErr := o.state() // needed for a plan only
	var known *rollout.State
	if stateErr == nil {
		known = &state
	}
	standing, err := rollout.ReadStanding(ctx, rollout.Partner(client), o.outlet, known, o.now)
	if err != nil {
		return outletError(o.outlet, err)
	}
	o.noteStanding(standing)
	live := standing.Menu
	payload, err := file.Build(catalog.BuildOptions{RequestID: uuid.NewString(), Live: live, Stock: policy})
	if err != nil {
		return err
	}
	o.noteFindings(file.Name, payload.CheckStock(file))
	diff := catalog.Compare(payload, live, file)
	invalid := forPush(catalog.Check(file, catalog.Gofood)).Err(file.Name)
	if o.plan != "" {
		if invalid != nil {
			return o.listFindings(invalid) // a push checks a plan no more
		}
		if stateErr != nil {
			return stateErr
		}
		if err := o.savePlan(state.Environment, file, live, payload, diff); err != nil {
			return err
		}
	}
	if err := printDiff(o, file, live, diff, invalid); err != nil {
		return err
	}
	if o.plan != "" {
		o.Note("plan saved; push it with 'gobiz catalog push --plan %s'", o.plan)
	}
	if o.exitCode && !diff.Empty() {
		return &Error{Exit: exitChanges, Code: "changes", Message: fmt.Sprintf("a push of %s would change the menu of %s: %s", inputName(o.file), o.outlet, counted(diff.Summary.Total(), "change"))}
	}
	return nil
}

func (o *catalogDiffOptions) savePlan(place rollout.Environment, file *catalog.File, live *catalog.Live, payload *catalog.Payload, diff *catalog.Diff) error {
	plan := rollout.NewPlan(place, o.outlet, live, payload, diff, o.now())
	plan.PulledFrom = file.PulledFrom
	if err := plan.Save(o.path(o.plan)); err != nil {
		return fmt.Errorf("write %s: %w", o.plan, cause(err))
	}
	return nil
}

func printDiff(o catalogDiffOptions, file *catalog.File, live *catalog.Live, diff *catalog.Diff, invalid error) error {
	reasons := []string{}
	if invalid != nil {
		reasons = append(reasons, invalid.Error())
	}
	if !diff.Empty() {
		for _, refusal := range rollout.Guarded(o.outlet, file.PulledFrom, diff, nil) {
			reasons = append(reasons, refusal.Message+"; "+overrideFlag(refusal)+" allows it")
		}
	}
	switch o.Format() {
	case formatMarkdown:
		return diff.WriteMarkdown(o.Streams().Out, o.outlet, reasons)
	case terminal.FormatTable:
		if err := diff.WriteText(o.Streams().Out, o.Streams().OutStyle()); err != nil {
			return err
		}
		for _, reason := range reasons {
			o.Warn("a push refuses this: %s", reason)
		}
		return nil
	}
	report := diffReport{
		OutletID: o.outlet, LiveDigest: live.Digest(), Summary: diff.Summary, Changes: diff.Changes,
		Guard: diffGuard{OK: len(reasons) == 0, Reasons: reasons},
	}
	return terminal.PrintDocument(o.Printer, report, report.Changes, diffColumns)
}
