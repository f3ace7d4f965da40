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

// delivery is one notification on its way to one subscriber. The payload and
// its signature are fixed when the event happens, so every attempt sends the
// same bytes.
type delivery struct {
	ID           string            `json:"id"` // in the order of creation
	Partner      string            `json:"partner"`
	Subscription string            `json:"subscription"`
	Outlet       string            `json:"outlet"`
	Entity       string            `json:"entity_id"` // order number, transaction id or request id
	Event        string            `json:"event"`
	URL          string            `json:"url"`
	Headers      map[string]string `json:"headers"`
	Payload      string            `json:"payload"`
	Status       deliveryStatus    `json:"status"`
	Attempts     []attempt         `json:"attempts"`
	CreatedAt    time.Time         `json:"created_at"`
	Due          time.Time         `json:"due"` // of the next attempt, while the status is pending or retrying
}

type deliveryStatus string

// Only dead was seen in an answer; the other words are inferred.
const (
	deliveryPending   deliveryStatus = "pending"
	deliveryRetrying  deliveryStatus = "retrying"
	deliveryDelivered deliveryStatus = "delivered"
	deliveryDead      deliveryStatus = "dead"
)

func (d delivery) open() bool { return d.Status == deliveryPending || d.Status == deliveryRetrying }

// attempt is one try of a delivery.
type attempt struct {
	Time      time.Time `json:"time"`
	Status    int       `json:"status,omitempty"` // of the receiver's answer; 0 when there was none
	Error     string    `json:"error,omitempty"`
	Delivered bool      `json:"delivered"`
}

const (
	// maxFlights is how many first attempts, and how many repeated ones, are under
	// way to one URL at once.
	maxFlights = 16
	// maxDeliveries is how many finished deliveries are remembered.
	maxDeliveries = 10_000
)

// lane is the way of the first attempts of one entity's events to one URL of a
// partner.
type lane struct{ partner, url, entity string }

func (d delivery) lane() lane { return lane{partner: d.Partner, url: d.URL, entity: d.Entity} }

// gate is where attempts wait when too many are under way to one URL. First
// attempts and repeated ones have gates of their own, so that neither waits for
// the other.
type gate struct {
	url      string
	repeated bool
}

// courier sends deliveries. First attempts of one order's events reach a URL
// one after another, in the order in which the events happened, so that runs can
// be repeated; GoBiz does not promise that. Repeated attempts leave when they
// are due. A receiver that does not answer holds up nothing but its own.
type courier struct {
	s      *Sandbox
	client *http.Client
	done   context.Context
	stop   context.CancelFunc

	mu     sync.Mutex
	closed bool
	lanes  map[lane][]flight      // a lane is here as long as it is being worked off
	gates  map[gate]chan struct{} // bound the attempts under way; one for each URL so far
	wg     sync.WaitGroup
}

// flight is an attempt to be made. Ids of deliveries start again after a reset;
// the subscription tells a delivery from the one of that id before it.
type flight struct{ delivery, subscription string }

func newCourier(s *Sandbox) *courier {
	d := &courier{
		s:      s,
		lanes:  map[lane][]flight{},
		gates:  map[gate]chan struct{}{},
		client: sender.NewClient(maxFlights, unfitURL),
	}
	d.done, d.stop = context.WithCancel(context.Background())
	return d
}

// add queues the next attempt of d. Inside an update it leaves after the commit,
// and not at all when the update fails.
func (c *courier) add(d delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	next := flight{delivery: d.ID, subscription: d.Subscription}
	if len(d.Attempts) > 0 {
		c.wg.Go(func() { c.fly(next, gate{url: d.URL, repeated: true}) })
		return
	}
	way := d.lane()
	queue, working := c.lanes[way]
	c.lanes[way] = append(queue, next)
	if !working {
		c.wg.Go(func() { c.work(way) })
	}
}

// work makes the attempts of one lane until there are none left.
func (c *courier) work(way lane) {
	for {
		c.mu.Lock()
		queue := c.lanes[way]
		if len(queue) == 0 || c.closed {
			delete(c.lanes, way)
			c.mu.Unlock()
			return
		}
		c.lanes[way] = queue[1:]
		c.mu.Unlock()
		c.fly(queue[0], gate{url: way.url})
	}
}

// fly makes one attempt as soon as its gate lets it through.
func (c *courier) fly(f flight, through gate) {
	c.mu.Lock()
	slots, ok := c.gates[through]
	if !ok {
		slots = make(chan struct{}, maxFlights)
		c.gates[through] = slots
	}
	c.mu.Unlock()
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
		c.deliver(f)
	case <-c.done.Done():
	}
}

// close ends the attempts under way. They stay due, so that a sandbox with a
// state file makes them again.
func (c *courier) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	c.wg.Wait()
	c.client.CloseIdleConnections()
}

func (c *courier) deliver(f flight) {
	d, ok := c.due(f)
	if !ok {
		return
	}
	made := c.post(d)
	if c.done.Err() != nil && !made.Delivered {
		return // closing broke it off
	}
	err := c.s.store.update(func() error {
		d, ok := c.still(f)
		if !ok {
			return nil // a reset came in between
		}
		d.Attempts = append(slices.Clip(d.Attempts), made)
		wait, again := sender.RetryWait(len(d.Attempts), made.Status)
		switch {
		case made.Delivered:
			d.Status = deliveryDelivered
		case again:
			d.Status = deliveryRetrying
			d.Due = c.s.now().Add(c.s.scaled(wait))
			c.s.at(d.Due, func() { c.add(d) })
		default:
			d.Status = deliveryDead
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

// due gives the delivery if the attempt is still to be made.
func (c *courier) due(f flight) (d delivery, ok bool) {
	c.s.store.view(func() { d, ok = c.still(f) })
	return d, ok
}

func (c *courier) still(f flight) (delivery, bool) {
	d, ok := c.s.store.deliveries.get(f.delivery)
	return d, ok && d.open() && d.Subscription == f.subscription
}

// post makes one attempt. A faster clock does not make a receiver faster: the
// time it has is real.
func (c *courier) post(d delivery) attempt {
	made := attempt{Time: c.s.now()}
	header := make(http.Header, len(d.Headers)+1)
	for name, value := range d.Headers {
		header.Set(name, value)
	}
	header.Set("User-Agent", "GoBiz-Sandbox")
	answer := sender.Post(c.done, c.client, d.URL, header, []byte(d.Payload))
	made.Status, made.Error, made.Delivered = answer.Status, answer.Error, answer.Delivered()
	return made
}

// resume continues what was under way when the state was last written.
func (s *Sandbox) resume() {
	s.resumeOrders()
	s.resumeDeliveries()
}

// resumeDeliveries queues what was under way when the state was last written.
func (s *Sandbox) resumeDeliveries() {
	var open []delivery
	s.store.view(func() {
		for _, d := range s.store.deliveries.all() {
			if d.open() {
				open = append(open, d)
			}
		}
	})
	for _, d := range open {
		if d.Due.After(s.now()) {
			s.at(d.Due, func() { s.courier.add(d) })
		} else {
			s.courier.add(d)
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
