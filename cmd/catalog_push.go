package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

type catalogPushOptions struct {
	pushOptions
	target     func() (rollout.Target, error)
	file, plan string
}

// pushOptions are those of every command that pushes.
type pushOptions struct {
	*console
	client   func() (*gobiz.Client, error)
	settings func() (config.Settings, error)
	state    func() (rollout.State, error)
	now      func() time.Time
	command  string // that pushes, for those who wait for it
	look     string // the command that says what became of a push

	outlet, stock     string
	overrides         rollout.Overrides
	dryRun, yes, wait bool
	waitLimit         time.Duration
	lockWait          time.Duration
}

func newPushOptions(f *Factory, command string) pushOptions {
	return pushOptions{command: command, console: f.console, client: f.Client, settings: f.Settings, state: f.rolloutState, now: f.Now}
}

// addFlags adds the common flags. What --stock means differs.
func (o *pushOptions) addFlags(c *cobra.Command, stock catalog.StockPolicy, usage string) {
	flags := c.Flags()
	flags.BoolVar(&o.dryRun, "dry-run", false, "write nothing; -o json shows the payload")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	flags.BoolVar(&o.wait, "wait", false, "wait until the menu is live")
	flags.DurationVar(&o.waitLimit, "wait-limit", 5*time.Minute, "give up waiting after this time")
	flags.DurationVar(&o.lockWait, "lock-wait", 30*time.Second, "wait this time for another push to the outlet; 0 does not wait")
	o.overrides = addGuardFlags(flags)
	flags.StringVar(&o.stock, "stock", string(stock), usage)
	_ = c.RegisterFlagCompletionFunc("stock", cobra.FixedCompletions(stockPolicies, cobra.ShellCompDirectiveNoFileComp))
}

func newCatalogPushCommand(f *Factory) *cobra.Command {
	o := catalogPushOptions{pushOptions: newPushOptions(f, "catalog push"), target: f.rolloutTarget}
	c := &cobra.Command{
		Use:   "push OUTLET",
		Short: "Replace the live menu of an outlet with a file",
		Long: `Replace the live menu of an outlet with a file, YAML or JSON in the shape of the API's own body.

The write replaces everything: menus, items and variants that are not in the file are gone from the outlet. So the file
is checked and the live menu is read first, nothing is written when nothing would change, and the write needs consent:
a prompt, or --yes. Where the file does not say whether something is in stock, it stays as it is (--stock).

What looks like an accident is refused, and the refusal names the flag that allows exactly that:
` + guardHelp() + `

Before the write the live menu is saved on this machine: see 'gobiz catalog history' and 'gobiz catalog rollback'.

GoBiz shows a menu some minutes after it has accepted it. Until then a push, or a rollback, is compared with the menu that
is on its way. One push at a time changes an outlet from this machine; others wait for it (--lock-wait). The live menu is
read again after the question and before a write is repeated: what has changed meanwhile is shown, and asked again; with
--yes nothing is written then.

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
			return runCatalogPush(c.Context(), o)
		},
	}
	c.Flags().StringVarP(&o.file, "file", "f", "", "catalog `file`, - is stdin")
	c.Flags().StringVar(&o.plan, "plan", "", "push what this plan `file` says, if the live menu is still the plan's")
	o.addFlags(c, catalog.StockKeep, "where the file does not say: keep what is live; or file: in stock; or live: live even where the file says")
	return c
}

// check checks the flags together.
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
	return nil
}

var stockPolicies = []string{string(catalog.StockKeep), string(catalog.StockFile), string(catalog.StockLive)}

func parseStock(name string) (catalog.StockPolicy, error) {
	if slices.Contains(stockPolicies, name) {
		return catalog.StockPolicy(name), nil
	}
	return "", usageError("one of "+strings.Join(stockPolicies, ", "), "unknown --stock %q", name)
}

func runCatalogPush(ctx context.Context, o catalogPushOptions) error {
	policy, err := parseStock(o.stock)
	if err != nil {
		return err
	}
	target, err := o.target()
	if err != nil {
		return err
	}
	if o.plan != "" {
		plan, err := o.readPlan(ctx)
		if err != nil {
			return err
		}
		o.outlet = plan.OutletID
		return o.push(ctx, target, o.plan, rollout.Options{},
			func(ctx context.Context, options rollout.Options) (rollout.Result, error) {
				return rollout.PushPlan(ctx, target, plan, options)
			})
	}
	file, err := o.readCatalog(ctx, o.file, target.API(), o.state)
	if err != nil {
		return err
	}
	if silent := silentStock(file); silent > 0 && target.API() == catalog.Enterprise && policy == catalog.StockKeep {
		o.Note("what does not say in_stock goes in stock (%s): the legacy API cannot tell what is sold out", counted(silent, "item"))
	}
	if o.file != "-" && target.API() == catalog.Partner {
		o.look = "gobiz catalog diff " + shellWord(o.outlet) + " -f " + shellWord(o.file)
	}
	return o.push(ctx, target, inputName(o.file), rollout.Options{Stock: policy},
		func(ctx context.Context, options rollout.Options) (rollout.Result, error) {
			return rollout.Push(ctx, target, o.outlet, file, options)
		})
}

// readPlan reads a plan, for the outlet and the environment at hand.
func (o *catalogPushOptions) readPlan(ctx context.Context) (*rollout.Plan, error) {
	data, err := o.readInput(ctx, o.plan, rollout.MaxPlanSize)
	if err != nil {
		return nil, err
	}
	plan, err := rollout.ParsePlan(inputName(o.plan), data)
	if err != nil {
		return nil, err
	}
	if o.outlet != "" && o.outlet != plan.OutletID {
		return nil, usageError("leave the outlet out, or make a plan for it", "the plan is for outlet %s, not %s", plan.OutletID, o.outlet)
	}
	s, err := o.settings()
	if err != nil {
		return nil, err
	}
	if place := placeOf(s); !plan.MadeFor(place) {
		return nil, &Error{
			Exit: exitGuard, Code: "other_environment", Hint: "choose the profile with -p, or make a new plan",
			Message: fmt.Sprintf("the plan was made for %s on %s, and this profile is for %s on %s", plan.Environment, plan.API, place.Name, place.API),
		}
	}
	return plan, nil
}

// push runs a push and prints what became of it. from is where the menu comes
// from: a file, a plan, a snapshot.
func (o *pushOptions) push(ctx context.Context, target rollout.Target, from string, options rollout.Options,
	run func(context.Context, rollout.Options) (rollout.Result, error),
) error {
	if err := o.canConsent(ctx); err != nil {
		return err
	}
	state, err := o.state()
	if err == nil {
		options.State = &state
	} else if !o.dryRun { // which keeps nothing
		return err
	}
	state.Command = o.command + " " + o.outlet
	progress := o.Progress()
	defer progress.Done()
	options.OnStep = func(step rollout.Step) { showStep(progress, target.API(), o.outlet, step) }
	options.Overrides, options.DryRun, options.Wait, options.WaitLimit = o.overrides, o.dryRun, o.wait, o.waitLimit
	options.Now, options.LockWait = o.now, o.lockWait
	if o.lockWait <= 0 {
		options.LockWait = -1
	}
	options.OnFindings = func(findings catalog.Findings) {
		progress.Done()
		o.noteFindings(from, findings)
	}
	if !o.yes {
		options.Consent = func(ctx context.Context, proposal rollout.Proposal) error {
			progress.Done()
			return o.consentPush(ctx, proposal)
		}
	}
	result, err := run(ctx, options)
	progress.Done()
	if err != nil {
		return o.listFindings(o.pushError(ctx, target.API(), from, result, err))
	}
	if o.yes || o.dryRun || result.Status == rollout.Unchanged {
		o.noteStanding(result.Standing) // a question has said so
	}
	return printPush(o.Printer, result, o.dryRun)
}

// showStep shows the steps that take their time.
func showStep(progress *terminal.Progress, api catalog.API, outlet string, step rollout.Step) {
	switch step {
	case rollout.StepLock:
		progress.Update("waiting for another push to %s", outlet)
	case rollout.StepLive:
		if api == catalog.Partner {
			progress.Update("reading the live menu of %s", outlet)
		}
	case rollout.StepWrite:
		progress.Update("pushing the menu to %s", outlet)
	case rollout.StepWait:
		progress.Update("waiting until the menu of %s is live", outlet)
	}
}

func (f *Factory) findRolloutState() (rollout.State, error) {
	s, err := f.Settings()
	if err != nil {
		return rollout.State{}, err
	}
	if err := s.RequireStateDir(); err != nil {
		return rollout.State{}, err
	}
	place := placeOf(s)
	if s.Environment == config.Local {
		place.Sandbox = sandboxID(s.APIURL)
	}
	return rollout.State{Dir: s.StateDir, Environment: place}, nil
}

// sandboxID is the id of the sandbox at an address of this machine: its next one
// there has none of its menus. What is no sandbox, or does not run, has none.
func sandboxID(apiURL string) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	info, _ := sandbox.NewControl(apiURL+"/_sandbox", nil).Info(ctx)
	return info.ID
}

// placeOf is where the menus of a profile are.
func placeOf(s config.Settings) rollout.Environment {
	return rollout.Environment{Profile: s.Profile, Name: string(s.Environment), API: hostOf(s.APIURL), OAuth: hostOf(s.OAuthURL)}
}

// hostOf is a base URL without its scheme.
func hostOf(baseURL string) string {
	_, host, _ := strings.Cut(baseURL, "://")
	return host
}

// silentStock counts items whose stock the file leaves open.
func silentStock(file *catalog.File) int {
	if file.Defaults.InStock != nil {
		return 0
	}
	silent := 0
	for _, menu := range file.Menus {
		for _, item := range menu.Items {
			if item.InStock == nil {
				silent++
			}
		}
	}
	return silent
}

// pushError adds what the user can do, and what has already happened.
func (o *pushOptions) pushError(ctx context.Context, api catalog.API, from string, result rollout.Result, err error) error {
	look := cmp.Or(o.look, "gobiz catalog pull "+o.outlet+" -f -")
	var (
		unanswered *rollout.UnansweredError
		replaced   *rollout.ReplacedError
	)
	switch {
	case errors.As(err, &unanswered):
		e := classify(ctx, err)
		e.RequestID = unanswered.RequestID
		if e.Exit == exitInterrupted {
			e.Message = "interrupted before the answer: the menu of " + o.outlet + " may have been replaced"
		}
		if api == catalog.Partner {
			e.Hint = "look in some minutes: " + look
		}
		return e
	case result.Status == rollout.Pushed && interrupted(ctx):
		return &Error{
			Exit: exitInterrupted, Code: "interrupted", Message: "interrupted; the menu was accepted, and may not be live yet",
			RequestID: result.RequestID, Hint: "look in some minutes: " + look, Err: err,
		}
	case errors.Is(err, rollout.ErrNotLive):
		return &Error{
			Exit: exitFailed, Code: "not_live", Message: err.Error(), RequestID: result.RequestID, Err: err,
			Hint: "look again in some minutes: " + look,
		}
	case errors.As(err, &replaced):
		return &Error{
			Exit: exitFailed, Code: "replaced", Message: err.Error(), RequestID: result.RequestID, Err: err,
			Hint: "see what is live: " + look,
		}
	}
	if e := apiError(err); e != nil {
		if e.Exit == exitInvalid {
			e.Hint = "correct " + from + "; nothing was written"
			return e
		}
		if api == catalog.Enterprise {
			return e // it has no list of outlets to look into
		}
		return outletError(o.outlet, err)
	}
	return err
}

// classifyRollout is for catalog files that cannot be used, and for pushes that
// were stopped before anything was written.
func classifyRollout(err error, e *Error) bool {
	var (
		invalid  *catalog.InvalidError
		refused  *rollout.RefusedError
		stale    *rollout.StaleError
		snapshot *rollout.SnapshotError
		locked   *rollout.LockedError
		moved    *rollout.MovedError
	)
	switch {
	case errors.As(err, &invalid):
		e.Exit, e.Code = exitInvalid, "invalid_catalog"
	case errors.As(err, &refused):
		e.Exit, e.Code, e.Hint = exitGuard, "guard", "nothing was written; if that is meant, add "+overrideFlags(refused.Refusals)
	case errors.As(err, &stale):
		e.Exit, e.Code, e.Hint = exitGuard, "stale_plan", "nothing was written; make a new plan with 'gobiz catalog diff "+stale.OutletID+" -f FILE --save-plan PLAN'"
	case errors.As(err, &locked):
		e.Exit, e.Code, e.Hint = exitGuard, "locked", "nothing was written; try again when it has ended, or wait longer with --lock-wait"
	case errors.As(err, &moved):
		e.Exit, e.Code, e.Hint = exitGuard, "moved", "nothing was written; see what a push would change now with 'gobiz catalog diff "+moved.OutletID+" -f FILE'"
	case errors.As(err, &snapshot):
		e.Code, e.Hint = "no_snapshot", "make the folder writable, or choose another with GOBIZ_STATE_DIR"
	case errors.Is(err, rollout.ErrTooLarge):
		e.Exit, e.Code, e.Hint = exitInvalid, "invalid_catalog", "nothing was written; leave out what the menu does not need"
	case errors.Is(err, rollout.ErrNotPlan):
		e.Exit, e.Code, e.Hint = exitGuard, "other_file", "choose another file with --save-plan, or remove this one"
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
