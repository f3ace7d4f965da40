package rollout

import (
	"cmp"
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
	Standing *Standing
	Diff     *catalog.Diff // nil when the API cannot tell what is live
	Items    int           // of the payload
	// Moved is what has changed in the menu that is replaced since consent was given to
	// an earlier proposal, in sentences; nil for the first one.
	Moved []string
}

// A Step is what a push does next.
type Step string

// The steps of a push, in their order.
const (
	StepValidate Step = "validate"
	StepLock     Step = "lock" // only when another push holds it
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
	// Consent is asked before the write; its error stops the push. Nil consents, and a
	// menu that moves meanwhile is a [*MovedError]. While it is asked other pushes may
	// go on; so the menu is read again then, and what moved is proposed again.
	Consent func(context.Context, Proposal) error
	// State is where the snapshot and the log of writes go. Without a snapshot there
	// is no write. Nil keeps neither, nor other pushes away: there is no way back then.
	State *State
	// LockWait bounds the wait for another push to the outlet, of any process with
	// that State. Default 30 s; negative does not wait.
	LockWait time.Duration
	// OnStep is told each step before it is taken.
	OnStep func(Step)
	// OnFindings is told the warnings about the file, and then, when there are any,
	// those that come up with what is sold out live.
	OnFindings func(catalog.Findings)
	// Wait reads back until the menu is live.
	Wait bool
	// WaitLimit bounds Wait. GoBiz shows a menu within minutes (developer
	// documentation, "Sync menu"). Default 5 minutes.
	WaitLimit time.Duration
	// ShowLimit is how long a write is waited for by the pushes after it. Default [DefaultShowLimit].
	ShowLimit time.Duration
	// Now is the clock; default time.Now.
	Now func() time.Time
}

// Result is what became of a push.
type Result struct {
	OutletID  string
	Status    Status
	RequestID string        // of the write, also without an answer, or of the one that is on its way
	Snapshot  string        // id; empty when none was taken
	Changes   int           // entities that differ between live and payload; -1 when the API cannot tell
	Standing  *Standing     // as it was read last
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

// Push replaces the menu of an outlet with a file. The result is filled in as
// far as the push came, also with an error: a [*catalog.InvalidError], a
// [*RefusedError], a [*LockedError], a [*MovedError], a [*SnapshotError], an error of
// Consent or of the API, an [*UnansweredError], a [*NotLiveError] or a [*ReplacedError].
func Push(ctx context.Context, target Target, outletID string, file *catalog.File, o Options) (Result, error) {
	p := push{Options: o, target: target, outletID: outletID, reason: "push", file: file, pulledFrom: file.PulledFrom, check: true}
	p.build = p.buildFile
	return p.run(ctx)
}

// PushPlan replaces the menu of a plan's outlet with what the plan says,
// whatever Options.Stock is. A live menu that has changed since is a
// [*StaleError].
func PushPlan(ctx context.Context, target Target, plan *Plan, o Options) (Result, error) {
	p := push{Options: o, target: target, outletID: plan.OutletID, reason: "push", plan: plan, pulledFrom: plan.PulledFrom}
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
	file     *catalog.File    // nil with a plan
	check    bool             // the file, by the rules
	warnings catalog.Findings // that were told
	plan     *Plan
	build    func(live *catalog.Live) (*catalog.Payload, error)

	pulledFrom string // outlet that the menu was pulled from; empty when nobody knows
	unanswered string // the request id of a write that may have been accepted
}

func (p *push) run(ctx context.Context) (Result, error) {
	if p.Now == nil {
		p.Now = time.Now
	}
	began := p.Now()
	result := Result{OutletID: p.outletID, Status: Failed, Changes: -1}
	unseen, err := p.steps(ctx, &result)
	switch {
	case err != nil && p.unanswered != "":
		err = &UnansweredError{OutletID: p.outletID, RequestID: p.unanswered, Err: err}
	case err == nil && unseen != nil && p.Wait:
		err = p.wait(ctx, unseen)
	}
	result.Duration = p.Now().Sub(began)
	return result, err
}

// steps takes turns: what a turn finds is proposed, and written in the next one
// if it is still so. It returns the write that does not show yet.
func (p *push) steps(ctx context.Context, result *Result) (*UnseenWrite, error) {
	if err := p.validate(); err != nil {
		return nil, err
	}
	var agreed *draft
	for {
		next, unseen, err := p.turn(ctx, agreed, result)
		if err != nil || next == nil {
			return unseen, err
		}
		if err := p.consent(ctx, next, agreed); err != nil {
			result.Status = Refused
			return nil, err
		}
		agreed = next
	}
}

// turn holds the lock of the outlet from the reading to the record of the write.
// It is free while a person thinks and while the menu is waited for, for either
// would hold up all other pushes for as long as it likes; what they do then is
// seen by the reading of the next turn, and by wait. A draft that needs consent
// ends the turn.
func (p *push) turn(ctx context.Context, agreed *draft, result *Result) (next *draft, unseen *UnseenWrite, err error) {
	release, err := p.lock(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer release()
	for again := false; ; again = true {
		d, err := p.draft(ctx, result)
		switch {
		case err != nil:
			return nil, nil, err
		case d.unchanged():
			p.leave(d, result)
			return nil, d.OnItsWay, nil
		case p.DryRun:
			result.Status, result.Refused = Skipped, d.refused
			return nil, nil, nil
		case d.refused != nil:
			result.Status = Refused
			return nil, nil, d.refused
		case agreed == nil && p.Consent == nil:
			agreed = d
		case !d.sameAs(agreed):
			return d, nil, nil
		}
		if p.Now().Sub(d.at) > maxAge && !again {
			continue // once: a large menu takes its time
		}
		unseen, err := p.write(ctx, d, result)
		if !errors.Is(err, errMoved) {
			return nil, unseen, err
		}
	}
}

// maxAge is how old the reading may be that a write relies on.
const maxAge = 2 * time.Second

// A draft is a push that is ready to be written.
type draft struct {
	*Standing
	payload *catalog.Payload
	diff    *catalog.Diff           // nil when the API cannot tell
	body    *catalog.EncodedPayload // nil when nothing changes and nobody wants to see it
	refused error                   // why it must not be written
}

// draft reads what is live and makes what would replace it.
func (p *push) draft(ctx context.Context, result *Result) (*draft, error) {
	standing, err := p.readLive(ctx)
	if err != nil {
		return nil, err
	}
	d := &draft{Standing: standing}
	if d.payload, err = p.build(d.Menu); err != nil {
		return nil, err
	}
	d.diff = p.compare(d.payload, d.Menu)
	if !d.unchanged() || p.DryRun {
		if d.body, err = p.encode(d.payload); err != nil {
			return nil, err
		}
	}
	if !d.unchanged() {
		d.refused = p.guard(d)
	}
	result.Standing, result.Payload, result.Diff, result.Body = d.Standing, d.payload, d.diff, d.body
	if d.diff != nil {
		result.Changes = d.diff.Summary.Total()
	}
	return d, nil
}

// unchanged reports whether there is nothing to write. When another write may
// still show, the menu that shows is none to rely on.
func (d *draft) unchanged() bool { return d.diff != nil && d.diff.Empty() && d.Doubtful == nil }

// sameAs reports whether who consented to one draft has consented to the other:
// the same changes in the same menu. Stock may have moved, where it is not among
// the changes: the newer draft has it as it is now.
func (d *draft) sameAs(agreed *draft) bool {
	switch {
	case agreed == nil:
		return false
	case d.diff == nil:
		return true
	}
	return slices.Equal(d.diff.Sentences(), agreed.diff.Sentences()) && d.Menu.DigestWithoutStock() == agreed.Menu.DigestWithoutStock()
}

// leave ends a push that has nothing to do: the wish is live, or on its way.
func (*push) leave(d *draft, result *Result) {
	if result.Status = Unchanged; result.Attempts > 0 {
		result.Status = Pushed // by a try before, whose answer was lost
	} else if d.OnItsWay != nil {
		result.RequestID = d.OnItsWay.RequestID
	}
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
	p.warnings = findings
	if p.OnFindings != nil {
		p.OnFindings(findings)
	}
	return nil
}

// checkStock warns of choices that nobody can make, where the file alone did not
// tell.
func (p *push) checkStock(payload *catalog.Payload) {
	findings := slices.DeleteFunc(payload.CheckStock(p.file), func(f catalog.Finding) bool { return slices.Contains(p.warnings, f) })
	p.warnings = append(p.warnings, findings...)
	if len(findings) > 0 && p.OnFindings != nil {
		p.OnFindings(findings)
	}
}

// lock keeps other pushes to the outlet away, and notes those that were killed.
func (p *push) lock(ctx context.Context) (release func(), err error) {
	if p.State == nil || p.DryRun {
		return func() {}, nil
	}
	release, err = p.State.lock(p.outletID).take(ctx, p.outletID, cmp.Or(p.LockWait, defaultLockWait), func() { p.step(StepLock) })
	var locked *LockedError
	switch {
	case errors.As(err, &locked), err != nil && ctx.Err() != nil:
		return nil, err
	case err != nil:
		return nil, &SnapshotError{What: "the lock of the outlet", Err: err}
	}
	if err := p.State.writes(p.outletID).note(p.Now()); err != nil {
		release()
		return nil, &SnapshotError{What: "the audit log", Err: err}
	}
	return release, nil
}

// readLive returns how the menu stands now.
func (p *push) readLive(ctx context.Context) (*Standing, error) {
	p.step(StepLive)
	standing, err := readStanding(ctx, p.target, p.outletID, p.State, p.Now, cmp.Or(p.ShowLimit, DefaultShowLimit))
	if err != nil || p.State == nil || p.DryRun {
		return standing, err
	}
	for _, ended := range []*UnseenWrite{standing.Shown, standing.NeverShown} {
		if ended != nil {
			p.State.writes(p.outletID).forget(ended)
		}
	}
	return standing, nil
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

// guard returns why the push must not go on.
func (p *push) guard(d *draft) error {
	p.step(StepGuard)
	p.checkStock(d.payload)
	if p.plan != nil {
		if d.Menu == nil {
			return fmt.Errorf("%w: this API cannot tell what is live", ErrPlan)
		}
		if err := p.plan.Stale(d.Menu); err != nil {
			return err
		}
	}
	diff := d.diff
	if diff == nil {
		diff = &catalog.Diff{Items: d.payload.Items()}
	}
	if refusals := Guarded(p.outletID, p.pulledFrom, diff, p.Overrides); len(refusals) > 0 {
		return &RefusedError{OutletID: p.outletID, Refusals: refusals}
	}
	return nil
}

// consent asks for consent to a draft, which is not what was agreed before.
func (p *push) consent(ctx context.Context, d, agreed *draft) error {
	p.step(StepConsent)
	proposal := Proposal{OutletID: p.outletID, Standing: d.Standing, Diff: d.diff, Items: d.payload.Items()}
	if agreed != nil {
		var err error
		if proposal.Moved, err = moves(agreed.Menu, d.Menu); err != nil {
			return err
		}
	}
	if p.Consent == nil {
		return &MovedError{OutletID: p.outletID, Moved: proposal.Moved}
	}
	return p.Consent(ctx, proposal)
}
