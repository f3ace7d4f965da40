package sender

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A Maker makes up signed notifications. What it makes depends on its fields
// only, so the same place of a timetable has the same bytes again.
type Maker struct {
	URL        string
	Secret     string
	Enterprise bool          // the flat order of the legacy API, whatever the event
	Plain      bool          // the documented form: no nulls, keys in order
	Sample     SampleOptions // Pickup, Scheduled and Plain are set by the scenario and by Plain
	Edits      []Edit
	Seed       uint64 // of all that is random
}

// Make makes up the notification at a place of a timetable.
func (m *Maker) Make(t *Timetable, p Place) (Delivery, error) {
	step := t.plan.Scenario.Steps[p.Step]
	order := p.Run*t.plan.Scenario.Orders() + step.Order
	payload := m.payload(t, p.Run, order, step)
	body, err := Encode(payload, m.Plain, m.random(order, p.Step+1).IntN, m.Edits...)
	if err != nil {
		return Delivery{}, err
	}
	key := ""
	if !m.Enterprise {
		key = IdempotencyKey(m.Seed, order, step.Event, p.Step)
	}
	return Signed(m.URL, m.Secret, key, body), nil
}

// Payload is what Make encodes for the first notification of a scenario, before
// any edit.
func (m *Maker) Payload(t *Timetable) any {
	return m.payload(t, 0, 0, t.plan.Scenario.Steps[0])
}

func (m *Maker) payload(t *Timetable, run, order int, step Step) any {
	options := m.Sample
	options.Pickup, options.Scheduled, options.Plain = t.plan.Scenario.Pickup, t.plan.Scenario.Scheduled, m.Plain
	options.OrderNumber = numbered(options.OrderNumber, order)
	options.CreatedAt = options.CreatedAt.Add(t.Began(run))
	placed := t.plan.Scenario.placed(step.Order)
	options.CreatedAt = options.CreatedAt.Add(placed)
	sample := NewSample(m.random(order, 0), options)
	if m.Enterprise {
		return sample.Enterprise()
	}
	return sample.Event(step.Event, step.After-placed)
}

// placed is when one of the scenario's orders is placed.
func (s Scenario) placed(order int) time.Duration {
	for _, step := range s.Steps {
		if step.Order == order {
			return step.After
		}
	}
	return 0
}

func (m *Maker) random(order, step int) *rand.Rand {
	return rand.New(rand.NewPCG(m.Seed, uint64(order)<<8|uint64(step)))
}

// numbered counts an order's number up: F-100 is followed by F-101, and a number
// without digits at its end by one with them.
func numbered(first string, n int) string {
	if first == "" || n == 0 {
		return first
	}
	digits := len(first)
	for digits > 0 && first[digits-1] >= '0' && first[digits-1] <= '9' {
		digits--
	}
	number, err := strconv.ParseUint(first[digits:], 10, 63)
	if err != nil {
		return fmt.Sprintf("%s-%d", first, n+1)
	}
	return fmt.Sprintf("%s%0*d", first[:digits], len(first)-digits, number+uint64(n))
}

// Signed is the delivery of a body that is at hand, as GoBiz would make it. An
// empty idempotency key is left out.
func Signed(url, secret, idempotencyKey string, body []byte) Delivery {
	return Delivery{Summary: webhook.Summarize(body), URL: url, Header: Headers(secret, idempotencyKey, body), Body: body}
}

// IdempotencyKey is a version 3 UUID, as live ones are: the same for the same seed and
// facts.
func IdempotencyKey(seed uint64, facts ...any) string {
	return EventID("delivery ", seed, " ", fmt.Sprintln(facts...))
}
