package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/internal/sender"
)

// Delivery is one notification on its way to one subscriber. The payload and
// its signature are fixed when the event happens, so every attempt sends the
// same bytes.
type Delivery struct {
	ID           string            `json:"id"`      // in the order of creation
	Partner      string            `json:"partner"` // client id
	Subscription string            `json:"subscription"`
	OutletID     string            `json:"outlet"`
	EntityID     string            `json:"entity_id"` // order number, transaction id or request id
	Event        string            `json:"event"`
	URL          string            `json:"url"`
	Headers      map[string]string `json:"headers"`
	Payload      string            `json:"payload"` // the bytes that were signed
	Status       DeliveryStatus    `json:"status"`
	Attempts     []DeliveryAttempt `json:"attempts"`
	CreatedAt    time.Time         `json:"created_at"`
	Due          time.Time         `json:"due"` // of the next attempt, while the status is pending or retrying
}

// DeliveryStatus is how far a delivery has come.
type DeliveryStatus string

// Only dead was seen in an answer; the other words are inferred.
const (
	DeliveryPending   DeliveryStatus = "pending"
	DeliveryRetrying  DeliveryStatus = "retrying"
	DeliveryDelivered DeliveryStatus = "delivered"
	DeliveryDead      DeliveryStatus = "dead"
)

func (d Delivery) open() bool { return d.Status == DeliveryPending || d.Status == DeliveryRetrying }

// DeliveryAttempt is one try of a Delivery.
type DeliveryAttempt struct {
	Time      time.Time `json:"time"`
	Status    int       `json:"status,omitempty"` // of the receiver's answer; 0 when there was none
	Error     string    `json:"error,omitempty"`
	Delivered bool      `json:"delivered"`
}

const (
	// maxConcurrent is how many first attempts, and how many repeated ones, are
	// under way to one URL at once.
	maxConcurrent = 16
	// maxDeliveries is how many finished deliveries are remembered.
	maxDeliveries = 10_000
)

// dispatcher sends deliveries. First attempts of one order's events reach a URL
// one after another, in the order in which the events happened, so that runs can
// be repeated; GoBiz does not promise that. Repeated attempts leave when they
// are due. A receiver that does not answer holds up nothing but its own.
type dispatcher struct {
	s      *Sandbox
	client *http.Client
	done   context.Context
	stop   context.CancelFunc

	mu     sync.Mutex
	closed bool
	queues map[queueKey][]job         // first attempts; a queue is here as long as it is being worked off
	limits map[limitKey]chan struct{} // semaphores, one for each URL so far
	wg     sync.WaitGroup
}

// queueKey names the queue of one entity's events to one URL of a partner.
type queueKey struct{ partner, url, entity string }

// limitKey names what bounds the attempts under way to one URL. First attempts
// and repeated ones have limits of their own, so that neither waits for the
// other.
type limitKey struct {
	url      string
	repeated bool
}

// job is an attempt to be made. Ids of deliveries start again after a reset; the
// subscription distinguishes a delivery from the one of that id before it.
type job struct{ delivery, subscription string }

func newDispatcher(s *Sandbox) *dispatcher {
	d := &dispatcher{
		s:      s,
		queues: map[queueKey][]job{},
		limits: map[limitKey]chan struct{}{},
		client: s.newReceiverClient(maxConcurrent),
	}
	d.done, d.stop = context.WithCancel(context.Background())
	return d
}

// add queues the next attempt of d. Inside an update it leaves after the commit,
// and not at all when the update fails.
func (c *dispatcher) add(d Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	next := job{delivery: d.ID, subscription: d.Subscription}
	if len(d.Attempts) > 0 {
		c.wg.Go(func() { c.run(next, limitKey{url: d.URL, repeated: true}) })
		return
	}
	key := queueKey{partner: d.Partner, url: d.URL, entity: d.EntityID}
	waiting, working := c.queues[key]
	c.queues[key] = append(waiting, next)
	if !working {
		c.wg.Go(func() { c.drain(key) })
	}
}

// drain makes the attempts of one queue until there are none left.
func (c *dispatcher) drain(key queueKey) {
	for {
		c.mu.Lock()
		waiting := c.queues[key]
		if len(waiting) == 0 || c.closed {
			delete(c.queues, key)
			c.mu.Unlock()
			return
		}
		c.queues[key] = waiting[1:]
		c.mu.Unlock()
		c.run(waiting[0], limitKey{url: key.url})
	}
}

// run makes one attempt as soon as its limit allows.
func (c *dispatcher) run(j job, limit limitKey) {
	c.mu.Lock()
	slots, ok := c.limits[limit]
	if !ok {
		slots = make(chan struct{}, maxConcurrent)
		c.limits[limit] = slots
	}
	c.mu.Unlock()
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
		c.deliver(j)
	case <-c.done.Done():
	}
}

// close ends the attempts under way. They stay due, so that a sandbox with a
// state file makes them again.
func (c *dispatcher) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	c.wg.Wait()
	c.client.CloseIdleConnections()
}

func (c *dispatcher) deliver(j job) {
	var d Delivery
	var due bool
	c.s.store.view(func() { d, due = c.still(j) })
	if !due {
		return
	}
	made := c.post(d)
	if c.done.Err() != nil && !made.Delivered {
		return // closing broke it off
	}
	err := c.s.store.update(func() error {
		d, ok := c.still(j)
		if !ok {
			return nil // a reset came in between
		}
		d.Attempts = append(slices.Clip(d.Attempts), made)
		wait, again := sender.RetryWait(len(d.Attempts), made.Status)
		switch {
		case made.Delivered:
			d.Status = DeliveryDelivered
		case again:
			d.Status = DeliveryRetrying
			d.Due = c.s.now().Add(c.s.scaled(wait))
			c.s.at(d.Due, func() { c.add(d) })
		default:
			d.Status = DeliveryDead
		}
		if d.open() || d.ID > deliveryID(c.s.store.last("deliveries")-maxDeliveries) {
			c.s.store.deliveries.put(d.ID, d)
		} else {
			c.s.store.deliveries.delete(d.ID) // it was kept because it was open
		}
		return nil
	})
	if err != nil {
		c.s.log.Error("delivery cannot be recorded", "event", d.Event, "error", err)
	}
	c.s.log.Debug("webhook", "event", d.Event, "attempt", len(d.Attempts)+1, "status", made.Status, "delivered", made.Delivered, "error", made.Error)
}

// still returns the delivery if the attempt is still to be made.
func (c *dispatcher) still(j job) (Delivery, bool) {
	d, ok := c.s.store.deliveries.get(j.delivery)
	return d, ok && d.open() && d.Subscription == j.subscription
}

// post makes one attempt. A faster clock does not make a receiver faster: the
// time it has is real.
func (c *dispatcher) post(d Delivery) DeliveryAttempt {
	made := DeliveryAttempt{Time: c.s.now()}
	header := make(http.Header, len(d.Headers)+1)
	for name, value := range d.Headers {
		header.Set(name, value)
	}
	header.Set("User-Agent", "GoBiz-Sandbox")
	answer := sender.Post(c.done, c.client, d.URL, header, []byte(d.Payload))
	made.Status, made.Error, made.Delivered = answer.Status, answer.Error, answer.Delivered()
	return made
}

// resumeDeliveries queues what was under way when the state was last written.
func (s *Sandbox) resumeDeliveries() {
	var open []Delivery
	s.store.view(func() {
		for _, d := range s.store.deliveries.all() {
			if d.open() {
				open = append(open, d)
			}
		}
	})
	for _, d := range open {
		if d.Due.After(s.now()) {
			s.at(d.Due, func() { s.dispatcher.add(d) })
		} else {
			s.dispatcher.add(d)
		}
	}
}

// forgetDelivery drops an old delivery for the n-th one, so that a sandbox which
// runs for weeks does not grow without end.
func (s *Sandbox) forgetDelivery(n int) {
	id := deliveryID(n - maxDeliveries)
	if d, ok := s.store.deliveries.get(id); ok && !d.open() {
		s.store.deliveries.delete(id)
	}
}

// deliveryID sorts in the order of creation.
func deliveryID(n int) string { return fmt.Sprintf("%010d", n) }
