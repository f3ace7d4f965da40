package rollout

import (
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

// A write is what this machine keeps of one PUT: its record stands among the
// pending ones until it is in the log.
type write struct {
	record WriteRecord
	log    *os.File // nil when nothing is kept
}

func (w *write) close() {
	if w.log != nil {
		w.log.Close()
	}
}

// snapshot returns the id of the snapshot, empty when none was taken.
func (w *write) snapshot() string {
	if w.record.Snapshot == nil {
		return ""
	}
	return *w.record.Snapshot
}

// beginWrite saves the live menu, and writes down which write is about to come.
// live is nil when the API cannot tell: then there is no snapshot.
func (p *push) beginWrite(live *catalog.Live, diff *catalog.Diff, payload *catalog.Payload, body *catalog.EncodedPayload) (*write, error) {
	p.step(StepSnapshot)
	w := &write{record: WriteRecord{
		OutletID: p.outletID, Reason: p.reason, RequestID: body.RequestID, PayloadDigest: body.Digest(), Items: payload.Items(),
	}}
	if diff != nil {
		w.record.LiveItems, w.record.Added, w.record.Removed, w.record.Changed = &diff.LiveItems, diff.Summary.Added, diff.Summary.Removed, diff.Summary.Changed
	}
	if p.State == nil {
		return w, nil
	}
	w.record.Profile, w.record.Environment = p.State.Environment.Profile, p.State.Environment.Name
	log, err := p.State.Writes().open()
	if err != nil {
		return nil, &SnapshotError{What: "the audit log", Err: err}
	}
	w.log = log
	if err := p.save(live, w); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// save puts the snapshot and the pending record of a write on the disk.
func (p *push) save(live *catalog.Live, w *write) error {
	pending := p.State.pending()
	if err := pending.note(p.outletID, p.Now()); err != nil {
		return &SnapshotError{What: "the audit log", Err: err}
	}
	if live != nil {
		s := &Snapshot{
			OutletID: p.outletID, TakenAt: p.Now(), Reason: p.reason,
			RequestID: w.record.RequestID, PayloadDigest: w.record.PayloadDigest,
		}
		if err := p.State.Snapshots().Save(live, s); err != nil {
			return &SnapshotError{What: "the snapshot of the live menu", Err: err}
		}
		w.record.Snapshot, w.record.LiveDigest = &s.ID, &s.Digest
	}
	w.record.Time = p.Now()
	if err := pending.begin(w.record); err != nil {
		return &SnapshotError{What: "what is about to be pushed", Err: err}
	}
	return nil
}

// endWrite adds a write to the log. It returns how many requests were sent, and
// the error of the PUT.
func (p *push) endWrite(w *write, receipt *gobiz.CatalogReceipt, putErr error) (attempts int, err error) {
	p.step(StepLog)
	if putErr == nil {
		w.record.Result, w.record.Attempts = WritePushed, receipt.Attempts
	} else {
		w.record.Result, w.record.HTTPStatus, w.record.Attempts = outcome(putErr)
	}
	if w.log != nil {
		w.record.Time = p.Now()
		if err := (WriteLog{}).append(w.log, w.record); err != nil {
			return w.record.Attempts, errors.Join(putErr, fmt.Errorf("the write is not in the audit log: %w", err))
		}
		p.State.pending().end(w.record)
	}
	return w.record.Attempts, putErr
}

// outcome says how a write ended that gave an error. Without an answer nobody
// knows.
func outcome(err error) (result WriteResult, status, attempts int) {
	var answer *gobiz.Error
	if !errors.As(err, &answer) {
		return WriteUnknown, 0, 0
	}
	if answer.Status >= 400 && answer.Status < 500 {
		return WriteFailed, answer.Status, answer.Attempts
	}
	return WriteUnknown, answer.Status, answer.Attempts
}
