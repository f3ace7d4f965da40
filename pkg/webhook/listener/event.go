package listener

import (
	"sync/atomic"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// An Event is what became of one request.
type Event struct {
	ReceivedAt time.Time
	webhook.Summary
	Verdict   Verdict
	Reason    string // why it is invalid, in few words
	Duplicate bool   // its idempotency key or event id came before
	// Forwarded says that it was to be forwarded; then either ForwardStatus is the
	// target's answer, or ForwardError says why there is none.
	Forwarded     bool
	ForwardStatus int
	ForwardError  string
	ForwardTime   time.Duration // until the answer
}

// A Verdict says whether a request came from GoBiz.
type Verdict string

// The verdicts.
const (
	Valid     Verdict = "valid"
	Invalid   Verdict = "invalid"   // answered 401, never forwarded
	Unchecked Verdict = "unchecked" // Options.Unverified
)

// A Summary counts what a listener did.
type Summary struct {
	Received   int // recorded, of all verdicts
	Invalid    int
	Duplicates int
	Forwarded  int // answered by the target, with any status
	Errors     int // of these, with other than 2xx
	Missed     int // to be forwarded, without an answer
	Refused    int // answered without being recorded: not POST, too large, too slow, or the capture could not be written
}

// counts is a Summary that several goroutines write.
type counts struct {
	received, invalid, duplicates, forwarded, errors, missed, refused atomic.Int64
	waiting                                                           atomic.Int64 // for the target
}

func (l *Listener) summary() Summary {
	c := &l.counts
	return Summary{
		Received: int(c.received.Load()), Invalid: int(c.invalid.Load()), Duplicates: int(c.duplicates.Load()),
		Forwarded: int(c.forwarded.Load()), Errors: int(c.errors.Load()), Missed: int(c.missed.Load()), Refused: int(c.refused.Load()),
	}
}
