package cmd

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/terminal"
)

type catalogPushOptions struct {
	outlet, file, stock string
	dryRun, yes, wait   bool
	waitLimit           time.Duration
}

// pushReport is the document of `catalog push`.
type pushReport struct {
	Results []pushResult `json:"results"`
	Summary pushSummary  `json:"summary"`
}

type pushResult struct {
	OutletID   string           `json:"outlet_id"`
	Status     string           `json:"status"` // pushed, unchanged, skipped, refused, failed
	RequestID  *string          `json:"request_id"`
	Snapshot   *string          `json:"snapshot"`
	Changes    *int             `json:"changes"` // null when the API cannot tell
	Attempts   int              `json:"attempts"`
	DurationMS int64            `json:"duration_ms"`
	Error      *string          `json:"error"`
	Payload    *catalog.Payload `json:"payload,omitempty"` // of a dry run
}

type pushSummary struct {
	Pushed    int `json:"pushed"`
	Unchanged int `json:"unchanged"`
	Skipped   int `json:"skipped"`
	Refused   int `json:"refused"`
	Failed    int `json:"failed"`
}

// pushSummaryLine is the last line of ndjson, which has the results one a line.
type pushSummaryLine struct {
	Summary pushSummary `json:"summary"`
}

var pushColumns = []terminal.Column[pushResult]{
	{Name: "outlet_id", Value: func(r pushResult) string { return r.OutletID }},
	{Name: "status", Value: func(r pushResult) string { return r.Status }},
	{Name: "changes", Value: func(r pushResult) string { return number(r.Changes) }, Align: terminal.AlignRight},
	{Name: "attempts", Value: func(r pushResult) string { return strconv.Itoa(r.Attempts) }, Align: terminal.AlignRight},
	{Name: "duration", Value: func(r pushResult) string {
		return terminal.Duration(time.Duration(r.DurationMS) * time.Millisecond)
	}},
	{Name: "request_id", Value: func(r pushResult) string { return text(r.RequestID) }},
}

func newCatalogPushCommand(f *Factory) *cobra.Command {
	var o catalogPushOptions
	c := &cobra.Command{
		Use:   "push OUTLET",
		Short: "Replace the live menu of an outlet with a file",
		Long: `Replace the live menu of an outlet with a file, YAML or JSON in the shape of the API's own body.

The write replaces everything: menus, items and variants that are not in the file are gone from the outlet. So the
live menu is read first, nothing is written when nothing would change, and the write needs consent: a prompt, or
--yes. Where the file does not say whether something is in stock, it stays as it is (--stock).

On a profile of the legacy API (api: enterprise) the live menu cannot be read: there is no comparison, and what the
file does not say is in stock.`,
		Example: example(
			"gobiz catalog push G100000001 -f menu.yaml",
			"gobiz catalog push G100000001 -f menu.yaml --yes --wait",
			"gobiz catalog push G100000001 -f menu.yaml --dry-run -o json   # the payload that would be sent",
		),
		Args: exactArgs("OUTLET"),
		RunE: func(c *cobra.Command, args []string) error {
			o.outlet = args[0]
			if o.file == "" {
				return usageError(seeHelp(c), "missing -f FILE")
			}
			return runCatalogPush(c.Context(), f, o)
		},
	}
	c.Flags().StringVarP(&o.file, "file", "f", "", "catalog `file`, - is stdin (required)")
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "write nothing; -o json shows the payload")
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVar(&o.wait, "wait", false, "wait until the menu is live")
	c.Flags().DurationVar(&o.waitLimit, "wait-limit", 5*time.Minute, "give up waiting after this time")
	c.Flags().StringVar(&o.stock, "stock", string(catalog.StockKeep), "where the file does not say: keep what is live; or file: in stock; or live: live even where the file says")
	_ = c.RegisterFlagCompletionFunc("stock", cobra.FixedCompletions(stockPolicies, cobra.ShellCompDirectiveNoFileComp))
	return c
}

var stockPolicies = []string{string(catalog.StockKeep), string(catalog.StockFile), string(catalog.StockLive)}

func runCatalogPush(ctx context.Context, f *Factory, o catalogPushOptions) error {
	policy, err := parseStock(o.stock)
	if err != nil {
		return err
	}
	p, err := f.Printer()
	if err != nil {
		return err
	}
	target, err := f.target()
	if err != nil {
		return err
	}
	source, err := f.readCatalog(o.file, target.API())
	if err != nil {
		return err
	}
	if silent := silentStock(source); silent > 0 && target.API() == catalog.Enterprise && policy == catalog.StockKeep {
		f.note("%d items do not say in_stock and go in stock: the legacy API cannot tell what is sold out", silent)
	}
	progress := terminal.NewProgress(f.Streams, f.Flags.quiet || p.Machine())
	defer progress.Done()
	progress.Update("pushing the menu to %s", o.outlet)
	result, err := rollout.Push(ctx, target, o.outlet, source, rollout.Options{
		Stock: policy, DryRun: o.dryRun, Wait: o.wait, WaitLimit: o.waitLimit, Now: f.Now,
		Consent: func(ctx context.Context, change rollout.Change) error {
			progress.Done()
			if o.yes {
				return nil
			}
			explainPush(f, change)
			return f.consent(ctx, "replace the menu of "+o.outlet, false)
		},
	})
	progress.Done()
	if err != nil {
		return pushError(o, target.API(), result, err)
	}
	return printPush(p, result)
}

// silentStock counts items whose stock the file leaves open.
func silentStock(source *catalog.Source) int {
	if source.Defaults.InStock != nil {
		return 0
	}
	silent := 0
	for _, menu := range source.Menus {
		for _, item := range menu.Items {
			if item.InStock == nil {
				silent++
			}
		}
	}
	return silent
}

func parseStock(name string) (catalog.StockPolicy, error) {
	for _, known := range stockPolicies {
		if known == name {
			return catalog.StockPolicy(name), nil
		}
	}
	return "", usageError("one of "+strings.Join(stockPolicies, ", "), "unknown --stock %q", name)
}

// shownDifferences bounds what a prompt lists: the rest is a number.
const shownDifferences = 10

// explainPush says before the prompt what the push would change.
func explainPush(f *Factory, change rollout.Change) {
	if change.LiveItems < 0 {
		f.note("the file has %d items; the legacy API cannot tell what is live", change.Items)
		return
	}
	f.note("live: %d items, file: %d items", change.LiveItems, change.Items)
	for i, difference := range change.Differences {
		if i == shownDifferences {
			f.note("  … and %d more", len(change.Differences)-i)
			break
		}
		f.note("  %s", difference)
	}
}

// pushError adds what the user can do, and what has already happened.
func pushError(o catalogPushOptions, api catalog.API, result rollout.Result, err error) error {
	if errors.Is(err, rollout.ErrNotLive) {
		return &Error{
			Exit: exitFailed, Code: "not_live", Message: err.Error(), RequestID: result.RequestID, Err: err,
			Hint: "look again in some minutes: gobiz catalog pull " + o.outlet + " -f -",
		}
	}
	if e := apiError(err); e != nil {
		if e.Exit == exitInvalid {
			e.Hint = "correct " + inputName(o.file) + "; nothing was written"
			return e
		}
		if api == catalog.Enterprise {
			return e // it has no list of outlets to look into
		}
		return outletError(o.outlet, err)
	}
	return err
}

func printPush(p *terminal.Printer, result rollout.Result) error {
	row := pushResult{
		OutletID: result.OutletID, Status: string(result.Status), RequestID: nonEmpty(result.RequestID),
		Attempts: result.Attempts, DurationMS: result.Duration.Milliseconds(),
	}
	if result.Changes >= 0 {
		row.Changes = &result.Changes
	}
	report := pushReport{}
	switch result.Status {
	case rollout.Pushed:
		report.Summary.Pushed = 1
	case rollout.Unchanged:
		report.Summary.Unchanged = 1
	case rollout.Skipped:
		report.Summary.Skipped = 1
		row.Payload = result.Payload
	}
	report.Results = []pushResult{row}
	if err := terminal.PrintDocument(p, report, report.Results, pushColumns); err != nil {
		return err
	}
	switch p.Format() {
	case terminal.FormatNDJSON:
		return terminal.PrintOne(p, pushSummaryLine{report.Summary}, nil)
	case terminal.FormatTable:
		switch result.Status {
		case rollout.Unchanged:
			p.Note("nothing to change, nothing was written")
		case rollout.Skipped:
			p.Note("dry run, nothing was written; -o json shows the payload")
		}
	}
	return nil
}

// classifyCatalog shows a catalog file's first error with its place.
func classifyCatalog(err error, e *Error) bool {
	var invalid *catalog.InvalidError
	if !errors.As(err, &invalid) {
		return false
	}
	e.Exit, e.Code = exitInvalid, "invalid_catalog"
	return true
}
