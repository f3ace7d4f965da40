package rollout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// Status is what became of a push to one outlet.
type Status string

// The statuses of a push.
const (
	Pushed    Status = "pushed"
	Unchanged Status = "unchanged" // live is what the file says; nothing was written
	Skipped   Status = "skipped"   // a dry run
	Refused   Status = "refused"   // by a guard, or without consent
	Failed    Status = "failed"
)

// Change is what a push is about to do, for the one who consents.
type Change struct {
	OutletID    string
	LiveItems   int      // items that are live now; -1 when the API cannot tell
	Items       int      // items of the payload
	Differences []string // in sentences; nil when the API cannot tell
}

// Options are how to push.
type Options struct {
	Stock  catalog.StockPolicy // empty is catalog.StockKeep
	DryRun bool                // stop before anything is written
	// Consent is asked before the write; its error stops the push. Nil consents.
	Consent func(context.Context, Change) error
	// Wait reads back until the menu is live.
	Wait bool
	// WaitLimit bounds Wait. GoBiz shows a menu within minutes (developer
	// documentation, "Sync menu"). Default 5 minutes.
	WaitLimit time.Duration
	// Now is the clock; default time.Now.
	Now func() time.Time
}

// Result is what became of a push.
type Result struct {
	OutletID  string
	Status    Status
	RequestID string
	Changes   int // differences between live and payload; -1 when the API cannot tell
	Attempts  int // requests of the write
	Duration  time.Duration
	Payload   *catalog.Payload
}

// ErrNotLive says that the menu was accepted and does not show yet.
var ErrNotLive = errors.New("the menu is not live yet")

// NotLiveError tells what still differs when waiting has ended.
type NotLiveError struct {
	Waited      time.Duration
	Differences []string
}

func (e *NotLiveError) Error() string {
	return fmt.Sprintf("the menu was accepted but is not live after %v: %s", e.Waited.Round(time.Second), e.Differences[0])
}

// Is reports whether target is ErrNotLive.
func (e *NotLiveError) Is(target error) bool { return target == ErrNotLive }

// Push replaces the menu of an outlet with a source. The result is filled in as
// far as the push came, also with an error.
func Push(ctx context.Context, target Target, outletID string, source *catalog.Source, o Options) (Result, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	start := o.Now()
	result := Result{OutletID: outletID, Status: Failed}
	err := push(ctx, target, source, o, &result)
	result.Duration = o.Now().Sub(start)
	return result, err
}

func push(ctx context.Context, target Target, source *catalog.Source, o Options, result *Result) error {
	live, err := target.Live(ctx, result.OutletID)
	if err != nil {
		return fmt.Errorf("read the live menu of %s: %w", result.OutletID, err)
	}
	payload, err := source.Build(catalog.BuildOptions{
		RequestID: uuid.NewString(), Live: live, Stock: o.Stock, API: target.API(),
	})
	if err != nil {
		return err
	}
	result.Payload = payload
	change := Change{OutletID: result.OutletID, LiveItems: -1, Items: payload.Items()}
	result.Changes = -1
	if live != nil {
		change.LiveItems = live.Items()
		change.Differences = catalog.Differences(payload, live)
		result.Changes = len(change.Differences)
		if result.Changes == 0 {
			result.Status = Unchanged
			return nil
		}
	}
	if o.DryRun {
		result.Status = Skipped
		return nil
	}
	if o.Consent != nil {
		if err := o.Consent(ctx, change); err != nil {
			result.Status = Refused
			return err
		}
	}
	receipt, err := target.Put(ctx, result.OutletID, payload)
	if err != nil {
		return fmt.Errorf("push the menu to %s: %w", result.OutletID, err)
	}
	result.Status, result.RequestID, result.Attempts = Pushed, receipt.RequestID, receipt.Attempts
	if o.Wait && live != nil {
		return wait(ctx, target, result.OutletID, payload, o)
	}
	return nil
}

// Pauses between reads while waiting, each twice the one before.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
	defaultWait  = 5 * time.Minute
)

// wait reads back until the menu is live.
func wait(ctx context.Context, target Target, outletID string, payload *catalog.Payload, o Options) error {
	limit := o.WaitLimit
	if limit <= 0 {
		limit = defaultWait
	}
	start := o.Now()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		live, err := target.Live(ctx, outletID)
		if err != nil {
			return fmt.Errorf("the menu was accepted; read it back from %s: %w", outletID, err)
		}
		differences := catalog.Differences(payload, live)
		if len(differences) == 0 {
			return nil
		}
		if waited := o.Now().Sub(start); waited >= limit {
			return &NotLiveError{Waited: waited, Differences: differences}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
