package listener

import (
	"context"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// patient is a target that a test takes down, and what was told of it.
type patient struct {
	mu    sync.Mutex
	down  bool
	dials int
	told  []string
}

func (p *patient) dial(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dials++
	if p.down {
		return syscall.ECONNREFUSED
	}
	return nil
}

func (p *patient) notify(kind NoticeKind, detail string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, strings.TrimSpace(string(kind)+" "+detail))
}

func (p *patient) set(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

func (p *patient) check(t *testing.T, dials int, told ...string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dials != dials || strings.Join(p.told, ", ") != strings.Join(told, ", ") {
		t.Errorf("%d dials, told %q; want %d, %q", p.dials, p.told, dials, told)
	}
}

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p patient
		h := &health{p.dial, p.notify, make(chan struct{}, 1)}
		ctx, cancel := context.WithCancel(t.Context())
		var watching sync.WaitGroup
		watching.Go(func() { h.watch(ctx) })
		pass := func(d time.Duration) {
			time.Sleep(d) // of the bubble
			synctest.Wait()
		}
		pass(time.Hour)
		p.check(t, 1) // nobody complains, nobody looks

		h.suspect() // a request failed, and the target is there
		pass(time.Hour)
		p.check(t, 2)

		p.set(true)
		h.suspect()
		pass(10*probeEvery + probeEvery/2)
		p.check(t, 2+1+10, "target_down connection refused")
		for range 100 {
			h.suspect() // while it is known to be down
		}
		p.set(false)
		pass(time.Hour)
		p.check(t, 13+1+1, "target_down connection refused", "target_up")

		p.set(true)
		h.suspect()
		synctest.Wait()
		cancel() // while it is down
		watching.Wait()
		p.check(t, 16, "target_down connection refused", "target_up", "target_down connection refused")
	})
}
