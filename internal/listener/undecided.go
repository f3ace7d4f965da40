package listener

import (
	"sync"
	"time"
)

// undecided are the events that are being forwarded and were not given to the
// caller yet. A target that hangs must not hide them: those that have waited for
// patience are given without an answer, and again when there is one.
type undecided struct {
	patience time.Duration
	give     func(Event)

	mu     sync.Mutex
	events map[int]Event // by the line of the capture
	queue  []arrival     // in the order of the capture; those decided are still in it
	wake   chan struct{}
}

type arrival struct {
	line int
	due  time.Time
}

func newUndecided(patience time.Duration, give func(Event)) *undecided {
	return &undecided{patience: patience, give: give, events: map[int]Event{}, wake: make(chan struct{}, 1)}
}

// add has an event wait for its answer.
func (u *undecided) add(line int, e Event) {
	u.mu.Lock()
	defer u.mu.Unlock()
	e.Forwarded, e.Pending = true, true
	u.events[line] = e
	u.queue = append(u.queue, arrival{line, time.Now().Add(u.patience)})
	if len(u.queue) > 1 {
		return // watch waits for an older one
	}
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// decide gives an event with what became of it. Of one that was given already
// the caller is told again, unless silent.
func (u *undecided) decide(line int, e Event, silent bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, waits := u.events[line]
	delete(u.events, line)
	e.Late = !waits
	if waits || !silent {
		u.give(e) // under the lock, so that it comes behind the one without an answer
	}
}

// watch gives the events that have waited for too long until done is closed.
func (u *undecided) watch(done <-chan struct{}) {
	for {
		var due <-chan time.Time
		if wait, some := u.giveDue(time.Now()); some {
			due = time.After(wait)
		}
		select {
		case <-due:
		case <-u.wake:
		case <-done:
			return
		}
	}
}

// giveDue gives what is due, and says when something will be.
func (u *undecided) giveDue(now time.Time) (wait time.Duration, some bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i, a := range u.queue {
		e, waits := u.events[a.line]
		if !waits {
			continue
		}
		if wait = a.due.Sub(now); wait > 0 {
			u.queue = u.queue[i:]
			return wait, true
		}
		delete(u.events, a.line)
		u.give(e)
	}
	u.queue = nil
	return 0, false
}
