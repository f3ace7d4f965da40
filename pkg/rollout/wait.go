package rollout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gobiz-cli/gobiz/internal/backoff"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// ErrNotLive says that the menu was accepted and does not show yet.
var ErrNotLive = errors.New("the menu is not live yet")

// NotLiveError tells what still differs when waiting has ended.
type NotLiveError struct {
	Waited      time.Duration
	Differences []string
}

func (e *NotLiveError) Error() string {
	return fmt.Sprintf("the menu was accepted but is not live after %v: %s", e.Waited.Round(time.Second), e.Differences[0])
}

// Is reports whether target is ErrNotLive.
func (e *NotLiveError) Is(target error) bool { return target == ErrNotLive }

// ReplacedError says that the menu was accepted, and another one has taken its place.
type ReplacedError struct {
	OutletID string
	By       string // the request id of the push that has replaced it; empty when it was not one of this machine
}

func (e *ReplacedError) Error() string {
	if e.By == "" {
		return "the menu was accepted, but " + e.OutletID + " shows neither it nor the one before: another push has replaced it, or an edit in the GoBiz app"
	}
	return "the menu was accepted, but another push has replaced it: request id " + e.By
}

// Pauses between reads while waiting, each twice the one before.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 5 * time.Second
	defaultWait  = 5 * time.Minute
)

// strangeFor is how long a menu may show that is neither the one that is waited
// for nor one before it: a write from elsewhere that comes live just before.
const strangeFor = 30 * time.Second

// wait reads back until the menu is live.
func (p *push) wait(ctx context.Context, unseen *UnseenWrite) error {
	p.step(StepWait)
	limit := p.WaitLimit
	if limit <= 0 {
		limit = defaultWait
	}
	start := p.Now()
	expected := start // when a menu showed that was to be expected
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		live, err := p.target.Live(ctx, p.outletID)
		if err != nil {
			return fmt.Errorf("the menu was accepted; read it back from %s: %w", p.outletID, err)
		}
		shown := seen(live)
		if unseen.shows(live, shown) {
			if p.State != nil && unseen.landed(shown) {
				p.State.writes(p.outletID).forget(unseen)
			}
			return nil
		}
		now := p.Now()
		late := now.Sub(start) >= limit
		if by, err := p.replacedBy(unseen, late); err != nil || by != "" {
			return errors.Join(err, &ReplacedError{OutletID: p.outletID, By: by})
		}
		if unseen.index(shown) >= 0 {
			expected = now
		}
		switch {
		case expected != now && (late || now.Sub(expected) >= strangeFor):
			return &ReplacedError{OutletID: p.outletID}
		case late:
			return &NotLiveError{Waited: now.Sub(start), Differences: catalog.Differences(unseen.payload, live)}
		}
		if err := backoff.Sleep(ctx, pause); err != nil {
			return fmt.Errorf("the menu was accepted, and may not be live yet: %w", err)
		}
	}
}

// replacedBy asks this machine's own writes. One without an answer counts when it
// is late.
func (p *push) replacedBy(unseen *UnseenWrite, late bool) (requestID string, err error) {
	if p.State == nil {
		return "", nil
	}
	return p.State.writes(p.outletID).other(unseen.RequestID, late)
}
