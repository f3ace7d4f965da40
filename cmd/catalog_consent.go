package cmd

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// consentPush asks before a menu is replaced. On production the outlet id is to
// be typed.
func (o *pushOptions) consentPush(ctx context.Context, proposal rollout.Proposal) error {
	if err := o.explain(proposal); err != nil {
		return err
	}
	what := "replace the menu of " + proposal.OutletID
	if !o.prompt.Enabled() {
		return o.consent(ctx, o.settings, what, false)
	}
	s, err := o.settings()
	if err != nil {
		return err
	}
	counts := "with " + counted(proposal.Items, "item")
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

// explain says before the prompt what the push would change: what 'catalog diff'
// shows.
func (o *pushOptions) explain(proposal rollout.Proposal) error {
	o.noteStanding(proposal.Standing)
	if len(proposal.Moved) > 0 {
		o.Note("the menu has changed meanwhile:")
		for _, moved := range proposal.Moved {
			o.Note("  %s", moved)
		}
		o.Note("so the push would change now:")
	}
	if proposal.Diff == nil {
		o.Note("the file has %s; the legacy API cannot tell what is live", counted(proposal.Items, "item"))
		return nil
	}
	var diff bytes.Buffer
	if err := proposal.Diff.WriteText(&diff, o.Streams().ErrStyle()); err != nil {
		return err
	}
	if !o.prompt.Enabled() {
		_, err := o.Streams().Err.Write(diff.Bytes())
		return err
	}
	return o.Streams().Page(diff.Bytes())
}

// noteStanding says what else may become of the menu than what shows.
func (c *console) noteStanding(s *rollout.Standing) {
	at := func(unseen *rollout.UnseenWrite) string {
		return fmt.Sprintf("the menu pushed at %s (request id %s)", unseen.Time.Format(time.RFC3339), unseen.RequestID)
	}
	switch {
	case s == nil:
	case s.OnItsWay != nil:
		c.Note("%s is on its way: compared with that", at(s.OnItsWay))
	case s.Doubtful != nil:
		c.Note("%s may still come live: what shows now may not last", at(s.Doubtful))
	case s.NeverShown != nil:
		c.Note("%s has never come live; compared with what is", at(s.NeverShown))
	}
}
