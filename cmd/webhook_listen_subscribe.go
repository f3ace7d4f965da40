package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/lease"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// leases are the subscriptions that a listener has while it runs.
type leases struct {
	*console
	options lease.Options
	held    *lease.Lease
	end     func() // once

	byDefault bool // nobody has named events
}

// defaultEvents are subscribed to where nobody names events.
const defaultEvents = "gofood.order.*"

// releaseTime is for removing subscriptions at the end.
const releaseTime = 20 * time.Second

// leases checks --subscribe and asks for consent. Nothing is made yet.
func (o *webhookListenOptions) leases(ctx context.Context) (*leases, error) {
	s, err := o.settings()
	if err != nil {
		return nil, err
	}
	url, err := checkedURL(s, o.subscribe)
	if err != nil {
		return nil, err
	}
	if err := s.RequireStateDir(); err != nil {
		return nil, err
	}
	calls, err := o.calls()
	if err != nil {
		return nil, err
	}
	options := lease.Options{
		Dir: o.leaseDir(), Place: strings.Join([]string{s.APIURL, s.ClientID}, " "), Calls: calls, URL: url, Events: o.events,
	}
	enterprise, err := enterpriseID(s, o.enterprise)
	switch {
	case err != nil:
		return nil, err
	case s.API == config.Enterprise:
		if enterprise == "" {
			return nil, usageError("pass --enterprise ID, or set enterprise_id in the profile", "missing enterprise id")
		}
		// The one event that the legacy API has (Enterprise Integration Middleware, "Register Notification Subscription").
		options.Events = []string{string(webhook.OrderDriverArrived)}
		options.Scopes = []subscriptions.Scope{{EnterpriseID: enterprise}}
	default:
		if len(o.events) == 0 {
			options.Events = []string{defaultEvents}
		}
		if !slices.Contains(options.Events, string(webhook.OrderCreated)) {
			options.Optional = []string{string(webhook.OrderCreated)}
		}
		options.Events = matchingEvents(options.Events...)
		for _, outlet := range o.outlets {
			options.Scopes = append(options.Scopes, subscriptions.Scope{OutletID: outlet})
		}
		if len(o.outlets) == 0 {
			options.Scopes = []subscriptions.Scope{{}}
		}
	}
	what := fmt.Sprintf("subscribe to %s at %s", counted(len(options.Events), "event"), url)
	if err := o.productionConsent(ctx, o.settings, what, o.yes); err != nil {
		return nil, err
	}
	l := &leases{console: o.console, options: options, byDefault: len(o.events) == 0 && s.API != config.Enterprise}
	l.end = sync.OnceFunc(l.release)
	return l, nil
}

// begin removes what killed listeners have left behind, and subscribes.
func (l *leases) begin(ctx context.Context) error {
	removed, err := lease.Recover(ctx, l.options.Dir, l.options.Place, l.options.Calls)
	if removed > 0 {
		l.Note("removed %s that a killed listener had left behind", counted(removed, "subscription"))
	}
	if err != nil {
		return fmt.Errorf("remove subscriptions that a killed listener has left behind: %w", err)
	}
	l.held, err = lease.Take(ctx, l.options)
	if errors.Is(err, lease.ErrHeld) {
		return &Error{
			Exit: exitFailed, Code: "already_listening", Message: err.Error(), Err: err,
			Hint: "stop the other listener, or take another path: --subscribe " + shellWord(strings.TrimSuffix(l.options.URL, "/")+"/2"),
		}
	}
	if err != nil {
		return err
	}
	l.Note("subscribed to %s at %s", counted(l.held.Made, "event"), l.options.URL)
	if l.byDefault {
		l.Note("those are all of %s; --event chooses others, such as payment.transaction.settlement", defaultEvents)
	}
	for _, event := range l.held.Refused {
		l.Note("%s was refused, and is left out: %s", event, withdrawn)
	}
	for _, s := range l.held.Existing {
		if s.Active {
			l.Note("%s was subscribed already, and is left alone", s.Event)
		} else {
			l.Warn("%s is subscribed at this URL but inactive, and is left alone: gobiz subscriptions update %s --active", s.Event, shellWord(s.ID))
		}
	}
	return nil
}

// release removes the subscriptions, whatever became of the run's own context.
func (l *leases) release() {
	if l.held == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
	defer cancel()
	made := l.held.Made
	if err := l.held.Release(ctx); err != nil {
		l.Warn("not all subscriptions could be removed: %s; the next 'gobiz webhook listen --subscribe' removes them", cleantext.OneLine(classify(ctx, err).Message, 0))
		return
	}
	if made > 0 {
		l.Note("removed %s", counted(made, "subscription"))
	}
}

// leaseDir is where subscriptions to be removed are written down; empty when
// there is no place for them.
func (o *webhookListenOptions) leaseDir() string {
	s, err := o.settings()
	if err != nil || s.StateDir == "" {
		return ""
	}
	return filepath.Join(s.StateDir, "leases")
}
