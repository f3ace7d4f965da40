package listener

import (
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/internal/capture"
)

// pending are the events that are being forwarded and were not reported yet. A
// target that hangs must not hide them: those that have waited for patience are
// reported without an answer, and again when there is one.
type pending struct {
	patience time.Duration
	report   func(Event)

	mu     sync.Mutex
	events map[capture.Ref]Event
	queue  []deadline // in the order of the capture; those with an answer are still in it
	wake   chan struct{}
}

type deadline struct {
	ref capture.Ref
	at  time.Time
}

func newPending(patience time.Duration, report func(Event)) *pending {
	return &pending{patience: patience, report: report, events: map[capture.Ref]Event{}, wake: make(chan struct{}, 1)}
}

// add has an event wait for its answer.
func (p *pending) add(ref capture.Ref, e Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e.Forwarded, e.Pending = true, true
	p.events[ref] = e
	p.queue = append(p.queue, deadline{ref, time.Now().Add(p.patience)})
	if len(p.queue) > 1 {
		return // watch waits for an older one
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// settle reports an event with what became of it. One that was reported already
// is reported again, unless silent.
func (p *pending) settle(ref capture.Ref, e Event, silent bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, waits := p.events[ref]
	delete(p.events, ref)
	e.Late = !waits
	if waits || !silent {
		p.report(e) // under the lock, so that it comes behind the one without an answer
	}
}

// watch reports the events that have waited for too long, until done is closed.
func (p *pending) watch(done <-chan struct{}) {
	for {
		var due <-chan time.Time
		if wait, some := p.reportDue(time.Now()); some {
			due = time.After(wait)
		}
		select {
		case <-due:
		case <-p.wake:
		case <-done:
			return
		}
	}
}

// reportDue reports what is due, and says when something will be.
func (p *pending) reportDue(now time.Time) (wait time.Duration, some bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, d := range p.queue {
		e, waits := p.events[d.ref]
		if !waits {
			continue
		}
		if wait = d.at.Sub(now); wait > 0 {
			p.queue = p.queue[i:]
			return wait, true
		}
		delete(p.events, d.ref)
		p.report(e)
	}
	p.queue = nil
	return 0, false
}
