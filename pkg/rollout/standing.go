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
	OnItsWay *Flight
	// Doubtful may still show: it had no answer, or something else came live after it was
	// accepted, or nothing but stock tells it from what was live before.
	Doubtful *Flight
	// Shown is live now, and was not when it was written. NeverShown has not come within the limit.
	Shown, NeverShown *Flight

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
	var flight *Flight
	if state != nil {
		if flight, err = state.writes(outletID).newest(); err != nil {
			return nil, fmt.Errorf("read what is on its way to %s: %w", outletID, err)
		}
	}
	s.settle(flight, limit)
	return s, nil
}

// settle concludes what became of a write that was not seen live before.
func (s *Standing) settle(flight *Flight, limit time.Duration) {
	now := seen(s.Live)
	s.before = []seenMenu{now}
	if flight == nil {
		return
	}
	switch late := s.at.Sub(flight.Time) > limit; {
	case late && flight.after.Digest != now.Digest:
		s.NeverShown = flight
		return
	case late, flight.shows(s.Live, now) && flight.landed(now):
		s.Shown = flight
		return
	case !flight.load():
		return
	}
	at := flight.index(now) // -1 for an edit in the app; what was to come before it still may
	s.before = append(append(s.before, flight.before[at+1:]...), flight.after)
	if at < 0 || flight.Result != WritePushed || flight.before[at].Digest == flight.after.Digest {
		s.Doubtful = flight
		return
	}
	s.OnItsWay = flight
	s.Menu = flight.menu(flight.before[at], now)
}
