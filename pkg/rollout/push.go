package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// A Proposal is what a push is about to do, for the one who consents.
type Proposal struct {
	OutletID string
	Diff     *catalog.Diff // nil when the API cannot tell what is live
	Items    int           // of the payload
}

// A Step is what a push does next.
type Step string

// The steps of a push, in their order.
const (
	StepValidate Step = "validate"
	StepLive     Step = "live"
	StepDiff     Step = "diff"
	StepGuard    Step = "guard"
	StepConsent  Step = "consent"
	StepSnapshot Step = "snapshot"
	StepWrite    Step = "write"
	StepAudit    Step = "audit"
	StepWait     Step = "wait"
)

// Options are how to push.
type Options struct {
	Stock  catalog.StockPolicy // empty is catalog.StockKeep
	DryRun bool                // stop before anything is written
	Allow  Allowance           // what the guards let through
	// Consent is asked before the write; its error stops the push. Nil consents.
	Consent func(context.Context, Proposal) error
	// State is where the snapshot and the audit log go. Without a snapshot there
	// is no write. Nil keeps neither: there is no way back then.
	State *State
	// OnStep is told each step before it is taken.
	OnStep func(Step)
	// OnFindings is told the warnings of the check.
	OnFindings func(catalog.Findings)
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
	Snapshot  string        // id; empty when none was taken
	Changes   int           // differences between live and payload; -1 when the API cannot tell
	Diff      *catalog.Diff // nil when the API cannot tell
	Attempts  int           // requests of the write
	Duration  time.Duration
	Payload   *catalog.Payload
	Refused   error // of a dry run: why the push would be refused
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
// far as the push came, also with an error: a [*catalog.InvalidError], a
// [*RefusedError], a [*SnapshotError], an error of Consent or of the API, or a
// [*NotLiveError].
func Push(ctx context.Context, target Target, outletID string, source *catalog.File, o Options) (Result, error) {
	return start(ctx, run{
		Options: o, target: target, reason: "push", source: source, check: true,
		build: func(live *catalog.Live, requestID string) (*catalog.Payload, error) {
			return source.Build(catalog.BuildOptions{RequestID: requestID, Live: live, Stock: o.Stock, API: target.API()})
		},
	}, outletID)
}

// PushPlan replaces the menu of a plan's outlet with what the plan says,
// whatever Options.Stock is. A live menu that has changed since is a
// [*StaleError].
func PushPlan(ctx context.Context, target Target, plan *Plan, o Options) (Result, error) {
	return start(ctx, run{
		Options: o, target: target, reason: "push", plan: plan,
		build: func(_ *catalog.Live, requestID string) (*catalog.Payload, error) {
			payload := *plan.Payload
			payload.RequestID = requestID
			return &payload, nil
		},
	}, plan.OutletID)
}

// Rollback replaces the menu of an outlet with one of a snapshot. It is a push
// with the same guards; the rules are not checked, since that menu was live
// once. With [catalog.StockKeep] and [catalog.StockFile] what is in stock is the
// snapshot's too, with [catalog.StockLive] it is not touched.
func Rollback(ctx context.Context, target Target, outletID string, snapshot *catalog.Live, o Options) (Result, error) {
	source := asSource(snapshot)
	return start(ctx, run{
		Options: o, target: target, reason: "rollback", source: source,
		build: func(live *catalog.Live, requestID string) (*catalog.Payload, error) {
			return source.Build(catalog.BuildOptions{RequestID: requestID, Live: live, Stock: o.Stock, API: target.API()})
		},
	}, outletID)
}

// A run is one push.
type run struct {
	Options
	target Target
	reason string
	source *catalog.File // nil with a plan
	check  bool          // the source, by the rules
	plan   *Plan
	build  func(live *catalog.Live, requestID string) (*catalog.Payload, error)
}

func start(ctx context.Context, r run, outletID string) (Result, error) {
	if r.Now == nil {
		r.Now = time.Now
	}
	began := r.Now()
	result := Result{OutletID: outletID, Status: Failed, Changes: -1}
	err := r.push(ctx, &result)
	result.Duration = r.Now().Sub(began)
	return result, err
}

func (r *run) step(s Step) {
	if r.OnStep != nil {
		r.OnStep(s)
	}
}

func (r *run) push(ctx context.Context, result *Result) error {
	if err := r.validate(); err != nil {
		return err
	}
	r.step(StepLive)
	live, err := r.target.Live(ctx, result.OutletID)
	if err != nil {
		return fmt.Errorf("read the live menu of %s: %w", result.OutletID, err)
	}
	payload, err := r.build(live, uuid.NewString())
	if err != nil {
		return err
	}
	result.Payload = payload
	r.step(StepDiff)
	if live != nil {
		result.Diff = catalog.Compare(payload, live, r.source)
		result.Changes = len(result.Diff.Changes)
		if result.Diff.Empty() {
			result.Status = Unchanged
			return r.unchanged(result.OutletID)
		}
	}
	r.step(StepGuard)
	refused := r.guard(live, result)
	if r.DryRun {
		result.Status, result.Refused = Skipped, refused
		return nil
	}
	if refused != nil {
		result.Status = Refused
		return refused
	}
	r.step(StepConsent)
	if r.Consent != nil {
		if err := r.Consent(ctx, Proposal{OutletID: result.OutletID, Diff: result.Diff, Items: payload.Items()}); err != nil {
			result.Status = Refused
			return err
		}
	}
	if err := r.write(ctx, live, result); err != nil {
		return err
	}
	if r.Wait && live != nil {
		r.step(StepWait)
		return wait(ctx, r.target, result.OutletID, payload, r.Options)
	}
	return nil
}

// unchanged ends a push that has nothing to do, perhaps because one before it
// was killed after its write: that one is noted now.
func (r *run) unchanged(outletID string) error {
	if r.State == nil || r.DryRun {
		return nil
	}
	if err := r.State.pending().note(outletID, r.Now()); err != nil {
		return fmt.Errorf("a write to %s before this one is not in the audit log: %w", outletID, err)
	}
	return nil
}

// validate checks the source. An empty catalog is left to the guard, which can
// be told to let it through.
func (r *run) validate() error {
	r.step(StepValidate)
	if !r.check {
		return nil
	}
	findings := slices.DeleteFunc(catalog.Check(r.source, catalog.RuleSetOf(r.target.API())), func(f catalog.Finding) bool { return f.Rule == catalog.RuleEmptyCatalog })
	if err := findings.Err(r.source.Name); err != nil {
		return err
	}
	if r.OnFindings != nil {
		r.OnFindings(findings)
	}
	return nil
}

func (r *run) guard(live *catalog.Live, result *Result) error {
	if r.plan != nil {
		if live == nil {
			return fmt.Errorf("%w: this API cannot tell what is live", ErrPlan)
		}
		if err := r.plan.Stale(live); err != nil {
			return err
		}
	}
	diff := result.Diff
	if diff == nil {
		diff = &catalog.Diff{Items: result.Payload.Items()}
	}
	if refusals := Guarded(diff, r.Allow); len(refusals) > 0 {
		return &RefusedError{OutletID: result.OutletID, Refusals: refusals}
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
