package listener

import (
	"hash/maphash"
	"path"
	"slices"
	"strings"
	"sync"
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
	// Forwarded says that it is to be forwarded; then either ForwardStatus is the
	// target's answer, or ForwardError says why there is none, or it is Pending.
	Forwarded bool
	// Pending says that there is no answer after Options.Patience. Then the event
	// comes again, as Late, when there is one, or it is clear that there will be none.
	// A listener that stops does not repeat those it gives up: its Summary has them.
	Pending, Late bool

	ForwardStatus int
	ForwardError  string        // also of what is not forwarded since it was forwarded from here
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
	Kept       int // of these, listed in Options.Missed
	Waiting    int // for the target; none when the listener has stopped
	// The lines of Options.Record between which all are that were missed or wait,
	// from 1; 0 when there are none, or somebody has cut the capture.
	FirstMissed, LastMissed int
	Refused                 int // answered without being recorded: not POST, too large, too slow, or the capture could not be written
}

// counts is a Summary that several goroutines write.
type counts struct {
	mu sync.Mutex
	s  Summary
}

func (c *counts) update(change func(*Summary)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.s)
}

// Summary counts what was done so far. It reads the capture where the target has
// not answered all.
func (l *Listener) Summary() Summary {
	l.counts.mu.Lock()
	s := l.counts.s
	l.counts.mu.Unlock()
	if l.forward != nil {
		s.Waiting = l.forward.waiting()
		p := l.recorder.at.Load()
		if first, last, some := l.forward.unanswered(); some && last >= p.gone {
			s.FirstMissed, s.LastMissed = lineAt(l.options.Record, max(first, p.gone)+p.shift), lineAt(l.options.Record, last+p.shift)
		}
	}
	return s
}

// A Filter chooses events; an empty list takes all.
type Filter struct {
	Events   []string // names; * stands for anything: gofood.order.*
	Outlets  []string // ids
	Statuses []string // of orders, in any case: CANCELLED
}

// Match reports whether an event passes.
func (f Filter) Match(s webhook.Summary) bool {
	return (len(f.Events) == 0 || slices.ContainsFunc(f.Events, func(pattern string) bool { return matches(pattern, string(s.Event)) })) &&
		(len(f.Outlets) == 0 || slices.Contains(f.Outlets, s.OutletID)) &&
		(len(f.Statuses) == 0 || slices.ContainsFunc(f.Statuses, func(status string) bool { return strings.EqualFold(status, s.Status) }))
}

// matches reports whether a name fits a pattern. A pattern that is none fits
// nothing.
func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}

// seenSize is how many ids a generation of seen remembers: some MB.
const seenSize = 1 << 16

// seen remembers the latest ids, at least seenSize and at most twice as many. It
// keeps 64 bits of each: that two of so many meet in them does not happen.
type seen struct {
	seed       maphash.Seed
	young, old map[uint64]struct{}
}

// add remembers an id and reports whether it was there. kind keeps ids of different
// kinds apart.
func (s *seen) add(kind byte, id string) bool {
	if s.young == nil {
		s.seed, s.young = maphash.MakeSeed(), map[uint64]struct{}{}
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	_ = h.WriteByte(kind)
	_, _ = h.WriteString(id)
	sum := h.Sum64()
	_, inYoung := s.young[sum]
	_, inOld := s.old[sum]
	if !inYoung {
		if len(s.young) >= seenSize {
			s.old, s.young = s.young, make(map[uint64]struct{}, seenSize)
		}
		s.young[sum] = struct{}{}
	}
	return inYoung || inOld
}
