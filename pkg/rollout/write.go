package rollout

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// SnapshotError says that the live menu, or the record of the write, could not be
// written down. So nothing was pushed.
type SnapshotError struct {
	What string // the snapshot, the log of writes
	Err  error
}

func (e *SnapshotError) Error() string {
	return "cannot write " + e.What + ", so nothing was pushed: " + e.Err.Error()
}

func (e *SnapshotError) Unwrap() error { return e.Err }

// UnansweredError says that a write had no answer which tells whether it was
// accepted.
type UnansweredError struct {
	OutletID  string
	RequestID string // of the write, as the log has it
	Err       error
}

func (e *UnansweredError) Error() string {
	return "the menu of " + e.OutletID + " may have been replaced: " + e.Err.Error()
}

func (e *UnansweredError) Unwrap() error { return e.Err }

// MovedError says that the live menu has changed since it was read. What was
// about to be written was made for the menu before.
type MovedError struct {
	OutletID string
	Moved    []string // what has changed, in sentences with both values
}

func (e *MovedError) Error() string {
	return "the live menu of " + e.OutletID + " has changed since it was read: " + shorten(e.Moved)
}

// errMoved ends a write before it is tried again: the menu is not what it was.
var errMoved = errors.New("the live menu has changed since the first try")

// write puts a draft: the snapshot and the record before, the line of the log
// behind. It returns the menu that is on its way.
func (p *push) write(ctx context.Context, d *draft, result *Result) (*UnseenWrite, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	// The same menu, pushed before without an answer, is none that comes before.
	menu := d.payload.Live()
	after := seen(menu)
	for len(d.before) > 1 && d.before[len(d.before)-1].is(after) {
		d.before = d.before[:len(d.before)-1]
	}
	record, log, err := p.beginWrite(d, menu, after)
	if err != nil {
		return nil, err
	}
	if log != nil {
		defer log.Close()
	}
	if record.Snapshot != nil {
		result.Snapshot = *record.Snapshot
	}
	receipt, err := p.put(ctx, d)
	record.Result, record.HTTPStatus, record.Attempts = outcome(receipt, err)
	result.Attempts += record.Attempts
	switch record.Result {
	case WritePushed:
		result.Status, result.RequestID, p.unanswered = Pushed, record.RequestID, ""
	case WriteUnknown:
		result.RequestID, p.unanswered = record.RequestID, record.RequestID
	}
	if err := errors.Join(err, p.endWrite(record, log, d)); err != nil || d.Live == nil {
		return nil, err
	}
	return &UnseenWrite{WriteRecord: record, payload: d.payload, before: d.before, after: after}, nil
}

// beginWrite saves the menu that is replaced, and writes down which write is
// about to come. log is open for its line; nil when nothing is kept.
func (p *push) beginWrite(d *draft, menu *catalog.Live, after seenMenu) (record WriteRecord, log *os.File, err error) {
	p.step(StepSnapshot)
	record = WriteRecord{
		OutletID: p.outletID, Reason: p.reason, RequestID: d.body.RequestID, PayloadDigest: d.body.Digest(), Items: d.payload.Items(),
	}
	if diff := d.diff; diff != nil {
		record.LiveItems, record.Added, record.Removed, record.Changed = &diff.LiveItems, diff.Summary.Added, diff.Summary.Removed, diff.Summary.Changed
	}
	if p.State == nil {
		return record, nil, nil
	}
	place := p.State.Environment
	record.Profile, record.Environment, record.API, record.OAuth = place.Profile, place.Name, place.API, place.OAuth
	if log, err = p.State.Writes().open(); err != nil {
		return record, nil, &SnapshotError{What: "the audit log", Err: err}
	}
	if err = p.save(d, &record, menu, after); err != nil {
		log.Close()
		return record, nil, err
	}
	return record, log, nil
}

// save puts the snapshot and the record of a write on the disk. A write that may
// still show is about to be replaced as well.
func (p *push) save(d *draft, record *WriteRecord, menu *catalog.Live, after seenMenu) error {
	var replaced []*catalog.Live
	if d.Doubtful != nil && !d.Doubtful.after.is(d.before[0]) { // else it is what shows
		replaced = append(replaced, d.Doubtful.payload.Live())
	}
	if d.Menu != nil {
		replaced = append(replaced, d.Menu)
	}
	for _, live := range replaced {
		s := &Snapshot{
			OutletID: p.outletID, TakenAt: p.Now(), Reason: p.reason,
			RequestID: record.RequestID, PayloadDigest: record.PayloadDigest,
		}
		if err := p.State.Snapshots().Save(live, s); err != nil {
			return &SnapshotError{What: "the snapshot of the live menu", Err: err}
		}
		record.Snapshot, record.LiveDigest = &s.ID, &s.Digest
	}
	record.Time = p.Now()
	if err := p.State.writes(p.outletID).begin(openWrite[headOnly]{Record: *record, Before: d.before, After: after}, menu); err != nil {
		return &SnapshotError{What: "what is about to be pushed", Err: err}
	}
	return nil
}

// put sends the body. Before it is sent once more the menu is read again.
func (p *push) put(ctx context.Context, d *draft) (*gobiz.CatalogReceipt, error) {
	p.step(StepWrite)
	if d.Live != nil {
		ctx = gobiz.WithBeforeRetry(ctx, func(ctx context.Context) error {
			live, err := p.target.Live(ctx, p.outletID)
			if err != nil {
				return fmt.Errorf("read the live menu again: %w", err)
			}
			if live.Digest() != d.Live.Digest() && !catalog.Equal(d.payload, live) {
				return errMoved
			}
			return nil
		})
	}
	receipt, err := p.target.Put(ctx, p.outletID, d.body)
	if err != nil {
		return nil, fmt.Errorf("push the menu to %s: %w", p.outletID, err)
	}
	return receipt, nil
}

// endWrite adds a write to the log.
func (p *push) endWrite(record WriteRecord, log *os.File, d *draft) error {
	p.step(StepLog)
	if log == nil {
		return nil
	}
	record.Time = p.Now()
	if err := (WriteLog{}).append(log, record); err != nil {
		return fmt.Errorf("the write is not in the audit log: %w", err)
	}
	p.State.writes(p.outletID).end(record.RequestID, record.Result, len(d.before) > 0)
	return nil
}

// outcome says how a write ended. Without an answer that refuses nobody knows.
func outcome(receipt *gobiz.CatalogReceipt, err error) (result WriteResult, status, attempts int) {
	var answer *gobiz.Error
	switch {
	case err == nil:
		return WritePushed, 0, receipt.Attempts
	case !errors.As(err, &answer):
		return WriteUnknown, 0, 0
	case answer.Uncertain:
		return WriteUnknown, answer.Status, answer.Attempts
	}
	return WriteFailed, answer.Status, answer.Attempts
}
