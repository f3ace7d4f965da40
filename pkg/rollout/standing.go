package rollout

import (
	"context"
	"fmt"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// A Standing is how the menu of an outlet stands: what shows, and what a push
// would replace.
type Standing struct {
	Live *catalog.Live // what shows; nil when the API cannot tell
	Menu *catalog.Live // what a push replaces and is compared with: Live, or what is on its way
	// OnItsWay was accepted and does not show yet; Menu is what it brings.
	OnItsWay *UnseenWrite
	// Doubtful may still show: it had no answer, or something else came live after it was
	// accepted, or nothing but stock tells it from what was live before.
	Doubtful *UnseenWrite
	// Shown is live now, and was not when it was written. NeverShown has not come within the limit.
	Shown, NeverShown *UnseenWrite

	before []seenMenu // what may show until the next write does
	at     time.Time  // when Live was read
}

// ReadStanding reads the live menu of an outlet, and what this machine knows of
// writes to it that do not show yet. state may be nil.
func ReadStanding(ctx context.Context, target Target, outletID string, state *State, now func() time.Time) (*Standing, error) {
	return readStanding(ctx, target, outletID, state, now, DefaultShowLimit)
}

func readStanding(ctx context.Context, target Target, outletID string, state *State, now func() time.Time, limit time.Duration) (*Standing, error) {
	live, err := target.Live(ctx, outletID)
	if err != nil {
		return nil, fmt.Errorf("read the live menu of %s: %w", outletID, err)
	}
	s := &Standing{Live: live, Menu: live, at: now()}
	if live == nil {
		return s, nil
	}
	var unseen *UnseenWrite
	if state != nil {
		if unseen, err = state.writes(outletID).newest(); err != nil {
			return nil, fmt.Errorf("read what is on its way to %s: %w", outletID, err)
		}
	}
	s.settle(unseen, limit)
	return s, nil
}

// settle concludes what became of a write that was not seen live before.
func (s *Standing) settle(unseen *UnseenWrite, limit time.Duration) {
	now := seen(s.Live)
	s.before = []seenMenu{now}
	if unseen == nil {
		return
	}
	switch late := s.at.Sub(unseen.Time) > limit; {
	case late && unseen.after.Digest != now.Digest:
		s.NeverShown = unseen
		return
	case late, unseen.shows(s.Live, now) && unseen.landed(now):
		s.Shown = unseen
		return
	case !unseen.load():
		return
	}
	at := unseen.index(now) // -1 for an edit in the app; what was to come before it still may
	s.before = append(append(s.before, unseen.before[at+1:]...), unseen.after)
	if at < 0 || unseen.Result != WritePushed || unseen.before[at].Digest == unseen.after.Digest {
		s.Doubtful = unseen
		return
	}
	s.OnItsWay = unseen
	s.Menu = unseen.menu(unseen.before[at], now)
}
