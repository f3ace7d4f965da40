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
func (o *pushOptions) consentPush(ctx context.Context, proposal rollout.Proposal) error {
	o.explain(proposal)
	what := "replace the menu of " + proposal.OutletID
	if !o.prompt.Enabled() {
		return o.consent(ctx, o.settings, what, false)
	}
	s, err := o.settings()
	if err != nil {
		return err
	}
	counts := fmt.Sprintf("with %d items", proposal.Items)
	if d := proposal.Diff; d != nil {
		counts = fmt.Sprintf("%d added, %d removed, %d changed", d.Summary.Added, d.Summary.Removed, d.Summary.Changed)
	}
	question := fmt.Sprintf("%s%s on %s (%s)?", what, o.outletName(ctx, proposal.OutletID), s.Environment, counts)
	typed := ""
	if s.IsProduction() {
		typed = proposal.OutletID
	}
	return o.ask(ctx, s, what, question, typed)
}

// canConsent ends a push to production before its first request when nobody
// could consent to it.
func (o *pushOptions) canConsent(ctx context.Context) error {
	if o.yes || o.dryRun || o.prompt.Enabled() {
		return nil
	}
	return o.productionConsent(ctx, o.settings, "replace the menu of "+o.outlet, false)
}

// outletName is the name of an outlet for a question, empty when the API does
// not tell: the login may lack the scope, and the question is asked anyway.
func (o *pushOptions) outletName(ctx context.Context, outletID string) string {
	client, err := o.client()
	if err != nil {
		return ""
	}
	outlet, err := client.Outlet(ctx, outletID)
	if err != nil || outlet.Name == "" {
		return ""
	}
	return " " + strconv.QuoteToGraphic(terminal.Clean(outlet.Name))
}

// explain says before the prompt what the push would change.
func (o *pushOptions) explain(proposal rollout.Proposal) {
	d := proposal.Diff
	if d == nil {
		o.Note("the file has %d items; the legacy API cannot tell what is live", proposal.Items)
		return
	}
	o.Note("live: %d items, file: %d items", d.LiveItems, d.Items)
	for i, difference := range d.Sentences() {
		if i == shownDifferences {
			o.Note("  … and %d more", len(d.Changes)-i)
			break
		}
		o.Note("  %s", difference)
	}
	if d.Kept > 0 {
		o.Note("  sold out and stays so: %d", d.Kept)
	}
}
