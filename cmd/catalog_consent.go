package cmd

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// shownDifferences bounds what a prompt lists: the rest is a number.
const shownDifferences = 10

// consentPush asks before a menu is replaced. On production the outlet id is to
// be typed.
func (f *Factory) consentPush(ctx context.Context, proposal rollout.Proposal) error {
	f.explainPush(proposal)
	what := "replace the menu of " + proposal.OutletID
	prompter := f.Prompter()
	if !prompter.Enabled() {
		return f.consent(ctx, what, false)
	}
	s, err := f.Settings()
	if err != nil {
		return err
	}
	counts := fmt.Sprintf("with %d items", proposal.Items)
	if d := proposal.Diff; d != nil {
		counts = fmt.Sprintf("%d added, %d removed, %d changed", d.Summary.Added, d.Summary.Removed, d.Summary.Changed)
	}
	question := fmt.Sprintf("%s%s on %s (%s)?", what, f.outletName(ctx, proposal.OutletID), s.Environment, counts)
	var ok bool
	if s.IsProduction() {
		ok, err = prompter.ConfirmByTyping(ctx, marked(s, question), proposal.OutletID, "--yes")
	} else {
		ok, err = prompter.Confirm(ctx, question, "--yes")
	}
	if err == nil && !ok {
		return &Error{Exit: exitGuard, Code: "no_consent", Message: "not done: " + what + " was not confirmed"}
	}
	return err
}

// canConsent ends a push to production before its first request when nobody
// could consent to it.
func (f *Factory) canConsent(ctx context.Context, pushed pushing) error {
	if pushed.flags.yes || pushed.flags.dryRun || f.Prompter().Enabled() {
		return nil
	}
	return f.productionConsent(ctx, "replace the menu of "+pushed.outlet, false)
}

// outletName is the name of an outlet for a question, empty when the API does
// not tell: the login may lack the scope, and the question is asked anyway.
func (f *Factory) outletName(ctx context.Context, outletID string) string {
	client, err := f.Client()
	if err != nil {
		return ""
	}
	outlet, err := client.Outlet(ctx, outletID)
	if err != nil || outlet.Name == "" {
		return ""
	}
	return " " + strconv.QuoteToGraphic(terminal.Clean(outlet.Name))
}

// explainPush says before the prompt what the push would change.
func (f *Factory) explainPush(proposal rollout.Proposal) {
	d := proposal.Diff
	if d == nil {
		f.note("the file has %d items; the legacy API cannot tell what is live", proposal.Items)
		return
	}
	f.note("live: %d items, file: %d items", d.LiveItems, d.Items)
	for i, difference := range d.Sentences() {
		if i == shownDifferences {
			f.note("  … and %d more", len(d.Changes)-i)
			break
		}
		f.note("  %s", difference)
	}
	if d.Kept > 0 {
		f.note("  sold out and stays so: %d", d.Kept)
	}
}
