package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

type subscriptionsSyncOptions struct {
	*console
	file                         string
	target                       subscriptionTarget
	dryRun, exitCode, yes, prune bool
}

func newSubscriptionsSyncCommand(f *Factory) *cobra.Command {
	o := subscriptionsSyncOptions{console: f.console, target: f.subscriptionTarget()}
	c := &cobra.Command{
		Use:   "sync",
		Short: "Bring the subscriptions to what a file says",
		Long: `Bring the subscriptions to what a file says, YAML or JSON:

  subscriptions:
    - event: gofood.order.merchant_accepted
      url: https://pos.example.com/gofood
    - event: gofood.order.webhook_error
      url: https://pos.example.com/errors
      active: true                # default
      outlet_id: G100000001       # default: all outlets

What is missing is created, what has a wrong url or is inactive is changed, and duplicates are deleted. Subscriptions of
events that the file does not name are kept and listed; --prune deletes them. Subscriptions of single outlets are
looked at for the outlets that the file names. A second run has nothing to do.

The changes are shown and need consent: a prompt, or --yes; without a terminal to ask and without --yes nothing is
changed (exit code 6). They are made one by one, deletions last, so that no event is lost in between; one that fails
does not stop the others (exit code 7), except that nothing of its event is deleted.

On a profile of the legacy API (api: enterprise) the file may name an enterprise_id. That API cannot change a
subscription, so a new one is created and the old one deleted.`,
		Example: example(
			"gobiz subscriptions sync -f subscriptions.yaml",
			"gobiz subscriptions sync -f subscriptions.yaml --dry-run --exit-code   # 8 when there are changes",
			"gobiz subscriptions sync -f subscriptions.yaml --yes --jq .summary",
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case o.file == "":
				return usageError(seeHelp(c), "missing -f FILE")
			case o.exitCode && !o.dryRun:
				return usageError("add --dry-run", "--exit-code goes with --dry-run")
			}
			return runSubscriptionsSync(c.Context(), o)
		},
	}
	c.Flags().StringVarP(&o.file, "file", "f", "", "`file` of subscriptions, - is stdin (required)")
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "show the changes and make none")
	c.Flags().BoolVar(&o.exitCode, "exit-code", false, "with --dry-run: exit with 8 when there are changes")
	c.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVar(&o.prune, "prune", false, "delete subscriptions of events that the file does not name")
	o.target.addEnterpriseFlag(c)
	return c
}

func runSubscriptionsSync(ctx context.Context, o subscriptionsSyncOptions) error {
	rules, err := o.target.rules()
	if err != nil {
		return err
	}
	file, err := o.read(ctx, rules)
	if err != nil {
		return err
	}
	if !o.yes && !o.dryRun && !o.prompt.Enabled() {
		// On production before the first request, since nobody could consent.
		if err := o.productionConsent(ctx, o.target.settings, "change subscriptions", false); err != nil {
			return err
		}
	}
	calls, err := o.target.scoped()
	if err != nil {
		return err
	}
	plan, err := planSync(ctx, file, rules, calls, o.prune)
	if err != nil {
		return err
	}
	if !rules.Enterprise && !o.Machine() {
		o.Note("not looked at: subscriptions of single outlets that the file does not name")
	}
	switch {
	case o.dryRun:
		return o.printDryRun(plan)
	case len(plan.Changes) == 0:
		return printSync(o.Printer, plan)
	case !o.yes:
		if err := o.consentSync(ctx, plan); err != nil {
			return err
		}
	}
	progress := o.Progress()
	defer progress.Done()
	progress.Update("making %s", counted(len(plan.Changes), "change"))
	plan.Apply(ctx, calls)
	progress.Done()
	if err := printSync(o.Printer, plan); err != nil {
		return err
	}
	return syncError(ctx, plan)
}

// rules are those of the profile's API and environment.
func (t subscriptionTarget) rules() (subscriptions.Rules, error) {
	s, err := t.settings()
	if err != nil {
		return subscriptions.Rules{}, err
	}
	id, err := enterpriseID(s, t.enterprise)
	return subscriptions.Rules{Loopback: subscriptions.ReachesLoopback(s.APIURL), Enterprise: s.API == config.Enterprise, EnterpriseID: id}, err
}

// read reads and judges a file. Of several mistakes the first is
// the error, and all are told before it.
func (o *subscriptionsSyncOptions) read(ctx context.Context, rules subscriptions.Rules) (*subscriptions.File, error) {
	data, err := o.readInput(ctx, o.file, subscriptions.MaxFileSize)
	if err != nil {
		return nil, err
	}
	file, err := subscriptions.Parse(inputName(o.file), data)
	if err == nil {
		err = file.Check(rules)
	}
	var invalid *subscriptions.InvalidError
	if errors.As(err, &invalid) {
		for i := range invalid.Problems {
			p := &invalid.Problems[i]
			p.Hint = subscriptionHint(p.Kind, p.Hint)
		}
		if len(invalid.Problems) > 1 {
			for _, line := range invalid.Lines() {
				o.Note("%s", line)
			}
		}
		return nil, invalidInput("correct the file; nothing was changed", "%s", invalid.Error())
	}
	return file, err
}

func planSync(ctx context.Context, file *subscriptions.File, rules subscriptions.Rules, calls func(subscriptions.Scope) subscriptions.Calls, prune bool) (*subscriptions.Plan, error) {
	scopes := file.Scopes(rules)
	live := map[subscriptions.Scope][]gobiz.Subscription{}
	for _, scope := range scopes {
		found, err := calls(scope).List(ctx)
		if err != nil {
			return nil, outletError(scope.OutletID, fmt.Errorf("read the subscriptions of %s: %w", scopeName(scope), err))
		}
		live[scope] = found
	}
	return file.Plan(live, scopes, subscriptions.Options{Prune: prune, NoUpdate: rules.Enterprise}), nil
}

func scopeName(s subscriptions.Scope) string {
	switch {
	case s.OutletID != "":
		return "outlet " + s.OutletID
	case s.EnterpriseID != "":
		return "enterprise " + s.EnterpriseID
	}
	return "all outlets"
}

func (o *subscriptionsSyncOptions) printDryRun(plan *subscriptions.Plan) error {
	if err := printSync(o.Printer, plan); err != nil {
		return err
	}
	if n := len(plan.Changes); n > 0 {
		o.Note("dry run, nothing was changed")
		if o.exitCode {
			return &Error{Exit: exitChanges, Code: "changes", Message: fmt.Sprintf("a sync of %s would make %s", inputName(o.file), counted(n, "change"))}
		}
	}
	return nil
}

// consentSync shows the plan and asks. On production, where something would be
// deleted, that is to be typed.
func (o *subscriptionsSyncOptions) consentSync(ctx context.Context, plan *subscriptions.Plan) error {
	for _, line := range syncLines(plan, terminal.Style{}) {
		o.Note("%s", line)
	}
	s, err := o.target.settings()
	if err != nil {
		return err
	}
	what := "make " + counted(len(plan.Changes), "change") + " to subscriptions"
	deletions := plan.Summary().Deleted
	if !s.IsProduction() || deletions == 0 {
		return o.consent(ctx, o.target.settings, what, false)
	}
	question := fmt.Sprintf("%s on %s, %d of them deletions?", what, s.Environment, deletions)
	return o.ask(ctx, s, what, question, fmt.Sprintf("delete %d", deletions))
}

// syncError is the last word of a sync of which something failed.
func syncError(ctx context.Context, plan *subscriptions.Plan) error {
	var first error
	failed, skipped := 0, 0
	for _, c := range plan.Changes {
		switch c.Status {
		case subscriptions.Failed:
			failed++
			if first == nil {
				first = c.Err
			}
		case subscriptions.Skipped:
			skipped++
		}
	}
	all := len(plan.Changes)
	switch {
	case interrupted(ctx):
		return interruptedAfter(all-failed-skipped, all, "changes")
	case first == nil:
		return nil
	case failed+skipped == all:
		e := classify(ctx, first)
		if all > 1 {
			e.Message = fmt.Sprintf("all %d changes failed; the first: %s", all, e.Message)
		}
		return e
	}
	message := fmt.Sprintf("%d of %d changes failed", failed, all)
	if skipped > 0 {
		message += fmt.Sprintf(", and %d more were not tried", skipped)
	}
	return &Error{Exit: exitPartial, Code: "partial", Message: message, Hint: "run it again: what is done is not done twice"}
}
