// Package lease makes subscriptions for as long as a process needs them, and
// removes exactly those. What it makes is written down in a file first, so that
// what a killed process has left behind is found and removed by the next one.
package lease

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

// Options say what to subscribe to.
type Options struct {
	// Dir is where leases are written down, with mode 0600. It is made with mode
	// 0700.
	Dir string
	// Place names the API and whose subscriptions these are. Leases of another
	// place cannot be removed with this one's credentials, and are left alone.
	Place  string
	Calls  func(subscriptions.Scope) subscriptions.Calls
	Scopes []subscriptions.Scope
	Events []string
	// Optional are those of Events without which the rest is made all the same,
	// when the API refuses them.
	Optional []string
	URL      string
}

// A Lease is the subscriptions that were made.
type Lease struct {
	calls func(subscriptions.Scope) subscriptions.Calls
	note  *note

	Made int // subscriptions that Release removes
	// Existing were there before: they are left alone.
	Existing []gobiz.Subscription
	// Refused are optional events that the API did not take.
	Refused []string
}

// ErrHeld is a subscription that another process, which is running, has made and
// will remove at its end.
var ErrHeld = errors.New("another process has subscribed to it at this URL, and removes that when it ends")

// Take makes the subscriptions that are not there yet: each event in each scope.
// When one cannot be made, those made before are removed again. It is [ErrHeld]
// when one is there for as long as another process runs.
func Take(ctx context.Context, o Options) (*Lease, error) {
	l := &Lease{calls: o.Calls}
	var wanted []entry
	for _, scope := range o.Scopes {
		live, err := o.Calls(scope).List(ctx)
		if err != nil {
			return nil, err
		}
		for _, event := range o.Events {
			e := entry{Scope: scope, Event: event, URL: o.URL}
			s := find(live, event, o.URL)
			switch {
			case s == nil:
				wanted = append(wanted, e)
			case e.held(o.Dir, o.Place):
				return nil, fmt.Errorf("%s: %w", event, ErrHeld)
			default:
				l.Existing = append(l.Existing, *s)
			}
		}
	}
	if len(wanted) == 0 {
		return l, nil
	}
	var err error
	if l.note, err = newNote(o.Dir, o.Place, wanted); err != nil {
		return nil, fmt.Errorf("write down the subscriptions to be made: %w", err)
	}
	for i := range wanted {
		if err := l.make(ctx, i, o); err != nil {
			for j := i + 1; j < len(wanted); j++ {
				wanted[j].Gone = true // never tried
			}
			return nil, errors.Join(err, l.Release(context.WithoutCancel(ctx)))
		}
	}
	return l, nil
}

func (l *Lease) make(ctx context.Context, i int, o Options) error {
	e := &l.note.Entries[i]
	made, err := l.calls(e.Scope).Create(ctx, gobiz.SubscriptionRequest{Event: e.Event, URL: e.URL})
	switch {
	case errors.Is(err, gobiz.ErrConflict):
		e.Gone = true // somebody else was faster: it is not ours
		if e.held(o.Dir, l.note.Place) {
			return fmt.Errorf("%s: %w", e.Event, ErrHeld)
		}
	case errors.Is(err, gobiz.ErrInvalid) && slices.Contains(o.Optional, e.Event):
		e.Gone = true
		l.Refused = append(l.Refused, e.Event)
	case err != nil:
		return err
	default:
		e.ID = made.ID
		l.Made++
	}
	return l.note.save()
}

// Release removes the subscriptions that were made. What cannot be removed stays
// written down for [Recover].
func (l *Lease) Release(ctx context.Context) error {
	if l.note == nil {
		return nil
	}
	err := l.note.remove(ctx, l.calls)
	if err == nil {
		l.Made = 0
	}
	return errors.Join(err, l.note.close())
}

// Recover removes the subscriptions that processes which are no longer there
// have left behind at this place, and returns how many there were.
func Recover(ctx context.Context, dir, place string, calls func(subscriptions.Scope) subscriptions.Calls) (removed int, err error) {
	notes, err := readNotes(dir, false)
	for _, n := range notes {
		if n.Place != place {
			err = errors.Join(err, n.lock.Close())
			continue
		}
		before := n.left()
		err = errors.Join(err, n.remove(ctx, calls), n.close())
		removed += before - n.left()
	}
	return removed, err
}

// Left counts the subscriptions, of any place, that processes which are no
// longer there have left behind.
func Left(dir string) (left int) {
	notes, _ := readNotes(dir, false)
	for _, n := range notes {
		left += n.left()
		_ = n.lock.Close()
	}
	return left
}

func find(live []gobiz.Subscription, event, url string) *gobiz.Subscription {
	for i := range live {
		if live[i].Event == event && live[i].URL == url {
			return &live[i]
		}
	}
	return nil
}
