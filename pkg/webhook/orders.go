package webhook

import (
	"context"
	"sync"
	"time"
)

// Orders remember how far each order is, so that a late notification does not set
// it back. A Handler asks and tells about one order one after the other; an
// implementation for several processes must see to that itself, for example with
// a condition in the update.
type Orders interface {
	// Status returns the furthest status of an order, empty when nothing is known.
	Status(ctx context.Context, orderNumber string) (Status, error)
	// Advance remembers a status that was received.
	Advance(ctx context.Context, orderNumber string, s Status) error
}

// MemoryOrders are the Orders of one process, which forgets them at its end.
type MemoryOrders struct {
	mu     sync.Mutex
	orders *recent[Status]
}

// NewMemoryOrders remembers so many orders, each for so long after its last
// notification.
func NewMemoryOrders(orders int, memory time.Duration) *MemoryOrders {
	return &MemoryOrders{orders: newRecent[Status](orders, memory)}
}

// Status returns the furthest status of an order.
func (o *MemoryOrders) Status(_ context.Context, orderNumber string) (Status, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	status, _ := o.orders.get(orderNumber)
	return status, nil
}

// Advance remembers a status, unless the order is further along.
func (o *MemoryOrders) Advance(_ context.Context, orderNumber string, s Status) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known, _ := o.orders.get(orderNumber); s.Follows(known) {
		o.orders.put(orderNumber, s)
	}
	return nil
}

// orderLocks let the notifications of one order be worked on one after the other.
// The zero value is ready. It holds only orders that are being worked on.
type orderLocks struct {
	mu   sync.Mutex
	held map[string]*orderLock
}

type orderLock struct {
	turn chan struct{} // holds one value while it is taken
	uses int           // who holds it and who waits
}

func (l *orderLocks) lock(ctx context.Context, number string) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*orderLock{}
	}
	order := l.held[number]
	if order == nil {
		order = &orderLock{turn: make(chan struct{}, 1)}
		l.held[number] = order
	}
	order.uses++
	l.mu.Unlock()

	forget := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if order.uses--; order.uses == 0 {
			delete(l.held, number)
		}
	}
	select {
	case order.turn <- struct{}{}:
		return func() { <-order.turn; forget() }, nil
	case <-ctx.Done():
		forget()
		return nil, ErrDeadline
	}
}
