package sandbox

import (
	"sync"
	"time"
)

// clock is the sandbox's time: the injected one plus what the control API has
// advanced it by, and the work that is due at some time of it.
type clock struct {
	source func() time.Time

	mu     sync.Mutex
	offset time.Duration
	timers map[*timer]struct{}
	closed bool
	wg     sync.WaitGroup
}

type timer struct {
	due  time.Time
	fire *time.Timer
}

func newClock(source func() time.Time, offset time.Duration) *clock {
	return &clock{source: source, offset: offset, timers: map[*timer]struct{}{}}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.source().Add(c.offset)
}

// at runs fn once in its own goroutine when the clock reaches due, unless the
// clock is closed first.
func (c *clock) at(due time.Time, fn func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	t := &timer{due: due}
	c.timers[t] = struct{}{}
	t.fire = time.AfterFunc(c.until(due), func() {
		if c.begin(t) {
			defer c.wg.Done()
			fn()
		}
	})
}

func (c *clock) until(due time.Time) time.Duration {
	return max(0, due.Sub(c.source().Add(c.offset)))
}

// begin claims a timer that has fired. An advance may fire a timer that is
// firing anyway; only one of them gets it.
func (c *clock) begin(t *timer) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, waiting := c.timers[t]; !waiting || c.closed {
		return false
	}
	delete(c.timers, t)
	c.wg.Add(1)
	return true
}

// advance moves the clock forward. What has become due runs at once.
func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	for t := range c.timers {
		t.fire.Reset(c.until(t.due))
	}
}

// forget drops everything that is waiting, for a reset.
func (c *clock) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for t := range c.timers {
		t.fire.Stop()
	}
	clear(c.timers)
}

// close drops what is waiting and waits for what is running.
func (c *clock) close() {
	c.forget()
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.forget()
	c.wg.Wait()
}

// shift is how far the clock is ahead of its source.
func (c *clock) shift() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// reset goes back to the source's time.
func (c *clock) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = 0
}
