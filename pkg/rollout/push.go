package rollout

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/gobiz-cli/gobiz/internal/backoff"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
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
	StepLog      Step = "log"
	StepWait     Step = "wait"
)

// Options are how to push.
type Options struct {
	Stock     catalog.StockPolicy // empty is catalog.StockKeep
	DryRun    bool                // stop before anything is written
	Overrides Overrides           // what the guards let through
	// Consent is asked before the write; its error stops the push. Nil consents.
	Consent func(context.Context, Proposal) error
	// State is where the snapshot and the log of writes go. Without a snapshot there
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
	Body      *catalog.EncodedPayload // what was sent, or what a dry run would send; else nil
	Refused   error                   // of a dry run: why the push would be refused
}

// MaxBody is the largest menu that is pushed, in bytes of its JSON. A file of
// [catalog.MaxFileSize] may become larger, as its defaults are written to each
// item. The answer that has it is larger again, with ids and with fields that the
// menu leaves out: [gobiz.DefaultMaxResponse] has room for it.
const MaxBody = 32 << 20

// ErrTooLarge says that a menu has more than MaxBody. Nothing was written.
var ErrTooLarge = errors.New("the menu is too large")

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

// Push replaces the menu of an outlet with a file. The result is filled in as
// far as the push came, also with an error: a [*catalog.InvalidError], a
// [*RefusedError], a [*SnapshotError], an error of Consent or of the API, or a
// [*NotLiveError].
func Push(ctx context.Context, target Target, outletID string, file *catalog.File, o Options) (Result, error) {
	p := push{Options: o, target: target, outletID: outletID, reason: "push", file: file, check: true}
	p.build = p.buildFile
	return p.run(ctx)
}

// PushPlan replaces the menu of a plan's outlet with what the plan says,
// whatever Options.Stock is. A live menu that has changed since is a
// [*StaleError].
func PushPlan(ctx context.Context, target Target, plan *Plan, o Options) (Result, error) {
	p := push{Options: o, target: target, outletID: plan.OutletID, reason: "push", plan: plan}
	p.build = func(*catalog.Live) (*catalog.Payload, error) {
		payload := *plan.Payload
		payload.RequestID = uuid.NewString()
		return &payload, nil
	}
	return p.run(ctx)
}

// Rollback replaces the menu of an outlet with one of a snapshot. It is a push
// with the same guards; the rules are not checked, since that menu was live
// once. With [catalog.StockKeep] and [catalog.StockFile] what is in stock is the
// snapshot's too, with [catalog.StockLive] it is not touched.
func Rollback(ctx context.Context, target Target, outletID string, snapshot *catalog.Live, o Options) (Result, error) {
	p := push{Options: o, target: target, outletID: outletID, reason: "rollback", file: asFile(snapshot)}
	p.build = p.buildFile
	return p.run(ctx)
}

// A push has what does not change from step to step. Each step takes what those
// before it have found, and returns what it finds.
type push struct {
	Options
	target   Target
	outletID string
	reason   string
	file     *catalog.File // nil with a plan
	check    bool          // the file, by the rules
	plan     *Plan
	build    func(live *catalog.Live) (*catalog.Payload, error)
}

func (p *push) run(ctx context.Context) (Result, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	began := p.Now()
	result := Result{OutletID: p.outletID, Status: Failed, Changes: -1}
	err := p.steps(ctx, &result)
	result.Duration = p.Now().Sub(began)
	return result, err
}

func (p *push) steps(ctx context.Context, result *Result) error {
	if err := p.validate(); err != nil {
		return err
	}
	live, err := p.readLive(ctx)
	if err != nil {
		return err
	}
	payload, err := p.build(live)
	if err != nil {
		return err
	}
	result.Payload = payload
	diff := p.compare(payload, live)
	if result.Diff = diff; diff != nil {
		result.Changes = len(diff.Changes)
	}
	unchanged := diff != nil && diff.Empty()
	if !unchanged || p.DryRun {
		if result.Body, err = p.encode(payload); err != nil {
			return err
		}
	}
	if unchanged {
		result.Status = Unchanged
		return p.noteKilled()
	}
	refused := p.guard(live, diff, payload)
	if p.DryRun {
		result.Status, result.Refused = Skipped, refused
		return nil
	}
	if refused == nil {
		refused = p.consent(ctx, diff, payload)
	}
	if refused != nil {
		result.Status = Refused
		return refused
	}
	write, err := p.beginWrite(live, diff, payload, result.Body)
	if err != nil {
		return err
	}
	defer write.close()
	result.Snapshot = write.snapshot()
	receipt, err := p.put(ctx, result.Body)
	if err == nil {
		result.Status, result.RequestID = Pushed, receipt.RequestID
	}
	result.Attempts, err = p.endWrite(write, receipt, err)
	if err != nil || !p.Wait || live == nil {
		return err
	}
	return p.wait(ctx, payload)
}

func (p *push) step(s Step) {
	if p.OnStep != nil {
		p.OnStep(s)
	}
}

// validate checks the file. An empty catalog is left to the guard, which can
// be told to let it through.
func (p *push) validate() error {
	p.step(StepValidate)
	if !p.check {
		return nil
	}
	findings := slices.DeleteFunc(catalog.Check(p.file, catalog.RuleSetOf(p.target.API())), func(f catalog.Finding) bool { return f.Rule == catalog.RuleEmptyCatalog })
	if err := findings.Err(p.file.Name); err != nil {
		return err
	}
	if p.OnFindings != nil {
		p.OnFindings(findings)
	}
	return nil
}

// readLive returns the menu that is live now; nil when the API cannot tell.
func (p *push) readLive(ctx context.Context) (*catalog.Live, error) {
	p.step(StepLive)
	live, err := p.target.Live(ctx, p.outletID)
	if err != nil {
		return nil, fmt.Errorf("read the live menu of %s: %w", p.outletID, err)
	}
	return live, nil
}

func (p *push) buildFile(live *catalog.Live) (*catalog.Payload, error) {
	return p.file.Build(catalog.BuildOptions{RequestID: uuid.NewString(), Live: live, Stock: p.Stock, API: p.target.API()})
}

// compare returns what the push would change; nil when the API cannot tell.
func (p *push) compare(payload *catalog.Payload, live *catalog.Live) *catalog.Diff {
	p.step(StepDiff)
	if live == nil {
		return nil
	}
	return catalog.Compare(payload, live, p.file)
}

// encode writes the body that is sent.
func (p *push) encode(payload *catalog.Payload) (*catalog.EncodedPayload, error) {
	body := payload.Encode()
	if size := len(body.Menu); size > MaxBody {
		return nil, fmt.Errorf("%w: the one for %s has %d MiB, and at most %d can be read back", ErrTooLarge, p.outletID, (size+1<<20-1)>>20, MaxBody>>20)
	}
	return body, nil
}

// noteKilled ends a push that has nothing to do, perhaps because one before it
// was killed after its write: that one is noted now.
func (p *push) noteKilled() error {
	if p.State == nil || p.DryRun {
		return nil
	}
	if err := p.State.pending().note(p.outletID, p.Now()); err != nil {
		return fmt.Errorf("a write to %s before this one is not in the audit log: %w", p.outletID, err)
	}
	return nil
}

// guard returns why the push must not go on.
func (p *push) guard(live *catalog.Live, diff *catalog.Diff, payload *catalog.Payload) error {
	p.step(StepGuard)
	if p.plan != nil {
		if live == nil {
			return fmt.Errorf("%w: this API cannot tell what is live", ErrPlan)
		}
		if err := p.plan.Stale(live); err != nil {
			return err
		}
	}
	if diff == nil {
		diff = &catalog.Diff{Items: payload.Items()}
	}
	if refusals := Guarded(diff, p.Overrides); len(refusals) > 0 {
		return &RefusedError{OutletID: p.outletID, Refusals: refusals}
	}
	return nil
}

func (p *push) consent(ctx context.Context, diff *catalog.Diff, payload *catalog.Payload) error {
	p.step(StepConsent)
	if p.Consent == nil {
		return nil
	}
	return p.Consent(ctx, Proposal{OutletID: p.outletID, Diff: diff, Items: payload.Items()})
}

func (p *push) put(ctx context.Context, body *catalog.EncodedPayload) (*gobiz.CatalogReceipt, error) {
	p.step(StepWrite)
	receipt, err := p.target.Put(ctx, p.outletID, body)
	if err != nil {
		return nil, fmt.Errorf("push the menu to %s: %w", p.outletID, err)
	}
	return receipt, nil
}

// Pauses between reads while waiting, each twice the one before.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
	defaultWait  = 5 * time.Minute
)

// wait reads back until the menu is live.
func (p *push) wait(ctx context.Context, payload *catalog.Payload) error {
	p.step(StepWait)
	limit := p.WaitLimit
	if limit <= 0 {
		limit = defaultWait
	}
	start := p.Now()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		live, err := p.target.Live(ctx, p.outletID)
		if err != nil {
			return fmt.Errorf("the menu was accepted; read it back from %s: %w", p.outletID, err)
		}
		differences := catalog.Differences(payload, live)
		if len(differences) == 0 {
			return nil
		}
		if waited := p.Now().Sub(start); waited >= limit {
			return &NotLiveError{Waited: waited, Differences: differences}
		}
		if err := backoff.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}
