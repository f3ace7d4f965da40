package listener

import "sync"

// A Notice is what a listener has to say besides its events.
type Notice struct {
	Kind   NoticeKind
	Detail string // why, in few words
}

// NoticeKind is what a notice is about.
type NoticeKind string

// The kinds of notices. Of a kind of refusal there is one notice, the first time.
const (
	TargetDown       NoticeKind = "target_down" // nothing accepts connections there
	TargetUp         NoticeKind = "target_up"   // again
	CaptureFailed    NoticeKind = "capture_failed"
	CaptureRecovered NoticeKind = "capture_recovered"
	CaptureCut       NoticeKind = "capture_cut"      // by somebody else; what waited in it is lost
	CaptureRestored  NoticeKind = "capture_restored" // it was deleted or replaced; its lines are there again
	CaptureLost      NoticeKind = "capture_lost"     // it was, and cannot be restored yet
	QueueFull        NoticeKind = "queue_full"       // events were not forwarded or not reported; the capture has them
	CameBack         NoticeKind = "came_back"        // what was forwarded; it is not forwarded again
	MissedFailed     NoticeKind = "missed_failed"    // Options.Missed cannot be written; the capture has what should be in it
	RefusedMethod    NoticeKind = "refused_method"
	RefusedPath      NoticeKind = "refused_path" // with segments . or ..
	RefusedSize      NoticeKind = "refused_size"
	RefusedSlow      NoticeKind = "refused_slow"
)

// notices hands notices to the caller, who may be slow: a full terminal must not
// hold up requests.
type notices struct {
	queue chan Notice
	done  sync.WaitGroup

	mu     sync.Mutex
	told   map[NoticeKind]bool
	closed bool
}

func newNotices(notify func(Notice)) *notices {
	n := &notices{queue: make(chan Notice, 64), told: map[NoticeKind]bool{}}
	n.done.Go(func() {
		for notice := range n.queue {
			notify(notice)
		}
	})
	return n
}

func (n *notices) notify(kind NoticeKind, detail string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	select {
	case n.queue <- Notice{kind, detail}:
	default: // the caller is too slow
	}
}

// notifyOnce sends the first notice of a kind.
func (n *notices) notifyOnce(kind NoticeKind, detail string) {
	n.mu.Lock()
	told := n.told[kind]
	n.told[kind] = true
	n.mu.Unlock()
	if !told {
		n.notify(kind, detail)
	}
}

// close waits until the caller has taken the notices, unless the caller hangs
// with more of them waiting.
func (n *notices) close() {
	n.mu.Lock()
	n.closed = true
	close(n.queue)
	stuck := len(n.queue) == cap(n.queue)
	n.mu.Unlock()
	if !stuck {
		n.done.Wait()
	}
}
