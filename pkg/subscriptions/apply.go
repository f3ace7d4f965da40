package subscriptions

import (
	"context"
	"errors"
	"fmt"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// Apply makes the changes, each on its own: one that fails does not stop the
// others, and its error stays with it. A deletion is skipped when its event
// could not be created or updated before, since the old subscription may be the
// only one that delivers. When ctx ends, what is left is skipped.
func (p *Plan) Apply(ctx context.Context, calls func(Scope) Calls) {
	broken := map[string]bool{}
	for i := range p.Changes {
		c := &p.Changes[i]
		switch {
		case ctx.Err() != nil:
			c.Status, c.Err = Skipped, context.Cause(ctx)
		case c.Action == Delete && broken[c.Event]:
			c.Status, c.Err = Skipped, errEventBroken
		default:
			c.apply(ctx, calls(c.Scope))
		}
		if c.Err != nil && c.Action != Delete {
			broken[c.Event] = true
		}
	}
}

var errEventBroken = errors.New("not deleted, because another change of its event failed")

func (c *Change) apply(ctx context.Context, calls Calls) {
	c.Status = Done
	switch c.Action {
	case Create:
		c.Err = c.create(ctx, calls)
	case Update:
		_, c.Err = calls.Update(ctx, c.ID, c.request())
	case Replace:
		c.Err = c.replace(ctx, calls)
	case Delete:
		if c.Err = calls.Delete(ctx, c.ID); errors.Is(c.Err, gobiz.ErrNotFound) {
			c.Status, c.Err, c.Reason = Unchanged, nil, "it was gone already"
		}
	}
	if c.Err != nil {
		c.Status = Failed
	}
}

func (c *Change) request() gobiz.SubscriptionRequest {
	return gobiz.SubscriptionRequest{Event: c.Event, URL: c.URL, Active: &c.Active}
}

// create takes the refusal of a duplicate for what it is: what was wanted.
func (c *Change) create(ctx context.Context, calls Calls) error {
	created, err := calls.Create(ctx, c.request())
	if errors.Is(err, gobiz.ErrConflict) {
		c.Status, c.Reason = Unchanged, "already subscribed"
		return nil
	}
	if err == nil {
		c.ID = created.ID
	}
	return err
}

// replace creates before it deletes, unless the API would call the new one a
// duplicate of the old.
func (c *Change) replace(ctx context.Context, calls Calls) error {
	old := c.ID
	remove := func() error {
		if err := calls.Delete(ctx, old); err != nil && !errors.Is(err, gobiz.ErrNotFound) {
			return fmt.Errorf("delete the old one (%s): %w", old, err)
		}
		return nil
	}
	if c.deleteFirst {
		if err := remove(); err != nil {
			return err
		}
		if err := c.create(ctx, calls); err != nil {
			return fmt.Errorf("the old one is deleted, create the new one: %w", err)
		}
		return nil
	}
	if err := c.create(ctx, calls); err != nil {
		return err
	}
	c.Status = Done
	return remove()
}
