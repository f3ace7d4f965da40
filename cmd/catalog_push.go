package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

type catalogPushOptions struct {
	outlet, file, plan, stock string
	allow                     rollout.Allowance
	pushFlags
}

// pushFlags are those of every command that pushes.
type pushFlags struct {
	dryRun, yes, wait bool
	waitLimit         time.Duration
}

func (o *pushFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&o.dryRun, "dry-run", false, "write nothing; -o json shows the payload")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&o.wait, "wait", false, "wait until the menu is live")
	flags.DurationVar(&o.waitLimit, "wait-limit", 5*time.Minute, "give up waiting after this time")
}

// addAllow adds the flags that the guards' refusals name.
func addAllow(flags *pflag.FlagSet, allow *rollout.Allowance) {
	flags.IntVar(&allow.Deletes, "allow-deletes", 0, "remove this `number` of live items, although they are many; the refusal names the number")
	flags.IntVar(&allow.PriceChanges, "allow-price-changes", 0, "move this `number` of prices far; the refusal names the number")
	flags.BoolVar(&allow.Empty, "allow-empty", false, "leave no item on the menu")
}

func newCatalogPushCommand(f *Factory) *cobra.Command {
	var o catalogPushOptions
	c := &cobra.Command{
		Use:   "push OUTLET",
		Short: "Replace the live menu of an outlet with a file",
		Long: `Replace the live menu of an outlet with a file, YAML or JSON in the shape of the API's own body.

The write replaces everything: menus, items and variants that are not in the file are gone from the outlet. So the file
is checked and the live menu is read first, nothing is written when nothing would change, and the write needs consent:
a prompt, or --yes. Where the file does not say whether something is in stock, it stays as it is (--stock).

Three things are refused unless a flag allows them: more than 30 % of the live items would be gone (of menus with 10
items or more), a price moves by more than 50 %, or no item would be left. The refusal names the flag.

Before the write the live menu is saved on this machine: see 'gobiz catalog history' and 'gobiz catalog rollback'.

With --plan the menu is what 'gobiz catalog diff --save-plan' has written, and only as long as the live menu is the one
that the plan was made from.

On a profile of the legacy API (api: enterprise) the live menu cannot be read: there is no comparison, no snapshot, and
what the file does not say is in stock.`,
		Example: example(
			"gobiz catalog push G100000001 -f menu.yaml",
			"gobiz catalog push G100000001 -f menu.yaml --yes --wait",
			"gobiz catalog push G100000001 -f menu.yaml --dry-run -o json   # the payload that would be sent",
			"gobiz catalog push G100000001 -f menu.yaml --allow-deletes 4   # as the refusal says",
			"gobiz catalog push G100000001 --plan menu.plan --yes",
		),
		Args: optionalArg,
		RunE: func(c *cobra.Command, args []string) error {
			o.outlet = firstOr(args, "")
			if err := o.check(c); err != nil {
				return err
			}
			return runCatalogPush(c.Context(), f, o)
		},
	}
	c.Flags().StringVarP(&o.file, "file", "f", "", "catalog `file`, - is stdin")
	c.Flags().StringVar(&o.plan, "plan", "", "push what this plan `file` says, if the live menu is still the plan's")
	o.add(c.Flags())
	addAllow(c.Flags(), &o.allow)
	c.Flags().StringVar(&o.stock, "stock", string(catalog.StockKeep), "where the file does not say: keep what is live; or file: in stock; or live: live even where the file says")
	_ = c.RegisterFlagCompletionFunc("stock", cobra.FixedCompletions(stockPolicies, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// check judges the flags together.
func (o *catalogPushOptions) check(c *cobra.Command) error {
	switch {
	case o.plan != "" && (c.Flags().Changed("file") || c.Flags().Changed("stock")):
		return usageError("leave -f and --stock out: the plan has the menu", "--plan does not go with -f or --stock")
	case o.plan != "":
	case o.outlet == "":
		return usageError(seeHelp(c), "missing OUTLET")
	case o.file == "":
		return usageError(seeHelp(c), "missing -f FILE")
	}
	return checkAllow(o.allow)
}

func checkAllow(allow rollout.Allowance) error {
	if allow.Deletes < 0 || allow.PriceChanges < 0 {
		return usageError("use the number that the refusal names", "a number of allowed changes cannot be negative")
	}
	return nil
}

var stockPolicies = []string{string(catalog.StockKeep), string(catalog.StockFile), string(catalog.StockLive)}

func parseStock(name string) (catalog.StockPolicy, error) {
	for _, known := range stockPolicies {
		if known == name {
			return catalog.StockPolicy(name), nil
		}
	}
	return "", usageError("one of "+strings.Join(stockPolicies, ", "), "unknown --stock %q", name)
}

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
	if o.plan != "" {
		plan, err := f.readPlan(o.plan, o.outlet)
		if err != nil {
			return err
		}
		return f.push(ctx, p, pushing{flags: o.pushFlags, target: target, outlet: plan.OutletID, from: o.plan}, rollout.Options{Allow: o.allow},
			func(ctx context.Context, options rollout.Options) (rollout.Result, error) {
				return rollout.PushPlan(ctx, target, plan, options)
			})
	}
	source, err := f.readCatalog(o.file, target.API())
	if err != nil {
		return err
	}
	if silent := silentStock(source); silent > 0 && target.API() == catalog.Enterprise && policy == catalog.StockKeep {
		f.note("%d items do not say in_stock and go in stock: the legacy API cannot tell what is sold out", silent)
	}
	return f.push(ctx, p, pushing{flags: o.pushFlags, target: target, outlet: o.outlet, from: inputName(o.file)}, rollout.Options{Stock: policy, Allow: o.allow},
		func(ctx context.Context, options rollout.Options) (rollout.Result, error) {
			return rollout.Push(ctx, target, o.outlet, source, options)
		})
}

// readPlan reads a plan, for the outlet and the environment at hand.
func (f *Factory) readPlan(path, outlet string) (*rollout.Plan, error) {
	data, err := f.readInput(path, rollout.MaxPlanSize)
	if err != nil {
		return nil, err
	}
	plan, err := rollout.ParsePlan(inputName(path), data)
	if err != nil {
		return nil, err
	}
	if outlet != "" && outlet != plan.OutletID {
		return nil, usageError("leave the outlet out, or make a plan for it", "the plan is for outlet %s, not %s", plan.OutletID, outlet)
	}
	s, err := f.Settings()
	if err != nil {
		return nil, err
	}
	if plan.Environment != string(s.Environment) {
		return nil, &Error{
			Exit: exitGuard, Code: "other_environment", Hint: "choose the profile with -p, or make a new plan",
			Message: fmt.Sprintf("the plan was made for %s, and this profile is for %s", plan.Environment, s.Environment),
		}
	}
	return plan, nil
}

// pushing is what a push and a rollback have in common.
type pushing struct {
	flags  pushFlags
	target rollout.Target
	outlet string
	from   string // where the menu comes from: a file, a plan, a snapshot
}

// push runs a push and prints what became of it.
func (f *Factory) push(ctx context.Context, p *terminal.Printer, pushed pushing, options rollout.Options,
	run func(context.Context, rollout.Options) (rollout.Result, error),
) error {
	if err := f.canConsent(ctx, pushed); err != nil {
		return err
	}
	state, err := f.rolloutState()
	if err != nil {
		return err
	}
	progress := terminal.NewProgress(f.Streams, f.Flags.quiet || p.Machine())
	defer progress.Done()
	options.OnStep = func(step rollout.Step) { showStep(progress, pushed, step) }
	options.DryRun, options.Wait, options.WaitLimit = pushed.flags.dryRun, pushed.flags.wait, pushed.flags.waitLimit
	options.Now, options.State = f.Now, &state
	options.OnFindings = func(findings catalog.Findings) {
		progress.Done()
		f.noteFindings(pushed.from, findings)
	}
	options.Consent = func(ctx context.Context, proposal rollout.Proposal) error {
		progress.Done()
		if pushed.flags.yes {
			return nil
		}
		return f.consentPush(ctx, proposal)
	}
	result, err := run(ctx, options)
	progress.Done()
	if err != nil {
		return f.listFindings(pushError(pushed, result, err))
	}
	return printPush(p, result, pushed.flags.dryRun)
}

// showStep tells of the steps that take their time.
func showStep(progress *terminal.Progress, pushed pushing, step rollout.Step) {
	switch step {
	case rollout.StepLive:
		if pushed.target.API() == catalog.Partner {
			progress.Update("reading the live menu of %s", pushed.outlet)
		}
	case rollout.StepWrite:
		progress.Update("pushing the menu to %s", pushed.outlet)
	case rollout.StepWait:
		progress.Update("waiting until the menu of %s is live", pushed.outlet)
	}
}

// rolloutState is where snapshots and the audit log are.
func (f *Factory) rolloutState() (rollout.State, error) {
	s, err := f.Settings()
	if err != nil {
		return rollout.State{}, err
	}
	if err := s.RequireStateDir(); err != nil {
		return rollout.State{}, err
	}
	place := rollout.Place{Profile: s.Profile, Environment: string(s.Environment)}
	if base, err := url.Parse(s.APIURL); err == nil {
		place.Host = base.Host
	}
	return rollout.State{Dir: s.StateDir, Place: place}, nil
}

// silentStock counts items whose stock the file leaves open.
func silentStock(source *catalog.File) int {
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

// pushError adds what the user can do, and what has already happened.
func pushError(pushed pushing, result rollout.Result, err error) error {
	if errors.Is(err, rollout.ErrNotLive) {
		return &Error{
			Exit: exitFailed, Code: "not_live", Message: err.Error(), RequestID: result.RequestID, Err: err,
			Hint: "look again in some minutes: gobiz catalog pull " + pushed.outlet + " -f -",
		}
	}
	if e := apiError(err); e != nil {
		if e.Exit == exitInvalid {
			e.Hint = "correct " + pushed.from + "; nothing was written"
			return e
		}
		if pushed.target.API() == catalog.Enterprise {
			return e // it has no list of outlets to look into
		}
		return outletError(pushed.outlet, err)
	}
	return err
}

// classifyRollout tells of pushes that were stopped before anything was written.
func classifyRollout(err error, e *Error) bool {
	var (
		refused  *rollout.RefusedError
		stale    *rollout.StaleError
		snapshot *rollout.SnapshotError
	)
	switch {
	case errors.As(err, &refused):
		e.Exit, e.Code, e.Hint = exitGuard, "guard", "nothing was written; if that is meant, add "+refused.Allow()
	case errors.As(err, &stale):
		e.Exit, e.Code, e.Hint = exitGuard, "stale_plan", "nothing was written; make a new plan with 'gobiz catalog diff "+stale.OutletID+" -f FILE --save-plan PLAN'"
	case errors.As(err, &snapshot):
		e.Code, e.Hint = "no_snapshot", "make the folder writable, or choose another with GOBIZ_STATE_DIR"
	case errors.Is(err, rollout.ErrPlan):
		e.Exit, e.Code, e.Hint = exitInvalid, "invalid_plan", "make a new plan with 'gobiz catalog diff OUTLET -f FILE --save-plan PLAN'"
	case errors.Is(err, rollout.ErrNoSnapshot):
		e.Exit, e.Code, e.Hint = exitUsage, "unknown_snapshot", "see those of an outlet with 'gobiz catalog history OUTLET'"
	case errors.Is(err, rollout.ErrSnapshotDamaged):
		e.Code, e.Hint = "damaged_snapshot", "choose an older one with --to: gobiz catalog history OUTLET"
	default:
		return false
	}
	return true
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
