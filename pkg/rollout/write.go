package rollout

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// SnapshotError says that the live menu, or the place of the write in the audit
// log, could not be written down. So nothing was pushed.
type SnapshotError struct {
	What string // the snapshot, the audit log
	Err  error
}

func (e *SnapshotError) Error() string {
	return "cannot write " + e.What + ", so nothing was pushed: " + e.Err.Error()
}

func (e *SnapshotError) Unwrap() error { return e.Err }

// write takes the snapshot, replaces the menu and writes the audit line. live is
// nil when the API cannot tell: then there is no snapshot.
func (r *run) write(ctx context.Context, live *catalog.Live, result *Result) error {
	digest, err := payloadDigest(result.Payload)
	if err != nil {
		return err
	}
	entry := AuditEntry{
		OutletID: result.OutletID, Reason: r.reason, RequestID: result.Payload.RequestID,
		PayloadDigest: digest, Items: result.Payload.Items(),
	}
	r.step(StepSnapshot)
	var audit *os.File
	if r.State != nil {
		if audit, err = r.State.Audit().open(); err != nil {
			return &SnapshotError{What: "the audit log", Err: err}
		}
		defer audit.Close()
		if err := r.State.pending().note(result.OutletID, r.Now()); err != nil {
			return &SnapshotError{What: "the audit log", Err: err}
		}
		entry.Profile, entry.Environment = r.State.Place.Profile, r.State.Place.Environment
		if live != nil {
			if err := r.snapshot(live, &entry); err != nil {
				return err
			}
			result.Snapshot = *entry.Snapshot
		}
	}
	if d := result.Diff; d != nil {
		entry.LiveItems, entry.Added, entry.Removed, entry.Changed = &d.LiveItems, d.Summary.Added, d.Summary.Removed, d.Summary.Changed
	}
	if r.State != nil {
		entry.Time = r.Now()
		if err := r.State.pending().begin(entry); err != nil {
			return &SnapshotError{What: "what is about to be pushed", Err: err}
		}
	}
	r.step(StepWrite)
	receipt, writeErr := r.target.Put(ctx, result.OutletID, result.Payload)
	r.step(StepAudit)
	if writeErr == nil {
		result.Status, result.RequestID, result.Attempts = Pushed, receipt.RequestID, receipt.Attempts
		entry.Result, entry.Attempts = AuditPushed, receipt.Attempts
	} else {
		entry.Result, entry.HTTPStatus, entry.Attempts = outcome(writeErr)
		result.Attempts = entry.Attempts
		writeErr = fmt.Errorf("push the menu to %s: %w", result.OutletID, writeErr)
	}
	if audit != nil {
		entry.Time = r.Now()
		if err := (AuditLog{}).append(audit, entry); err != nil {
			return errors.Join(writeErr, fmt.Errorf("the write is not in the audit log: %w", err))
		}
		r.State.pending().end(entry)
	}
	return writeErr
}

// snapshot saves the live menu.
func (r *run) snapshot(live *catalog.Live, entry *AuditEntry) error {
	s := &Snapshot{
		OutletID: entry.OutletID, TakenAt: r.Now(), Reason: r.reason,
		RequestID: entry.RequestID, PayloadDigest: entry.PayloadDigest,
	}
	if err := r.State.Snapshots().Save(live, s); err != nil {
		return &SnapshotError{What: "the snapshot of the live menu", Err: err}
	}
	entry.Snapshot, entry.LiveDigest = &s.ID, &s.Digest
	return nil
}

// outcome says how a write ended that gave an error. Without an answer nobody
// knows.
func outcome(err error) (result AuditResult, status, attempts int) {
	var answer *gobiz.Error
	if !errors.As(err, &answer) {
		return AuditUnknown, 0, 0
	}
	if answer.Status >= 400 && answer.Status < 500 {
		return AuditFailed, answer.Status, answer.Attempts
	}
	return AuditUnknown, answer.Status, answer.Attempts
}

// payloadDigest is that of what is sent, without the request id: the same menu
// has the same digest.
func payloadDigest(p *catalog.Payload) (string, error) {
	menu := *p
	menu.RequestID = ""
	data, err := menu.JSON()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
