package sender

import (
	"fmt"
	"slices"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A Scenario is the life of an order, or of a few.
type Scenario struct {
	Name      string
	Summary   string // what happens, in words
	Pickup    bool
	Scheduled bool
	// LoseAnswers makes every answer but the last count as none: each notification
	// comes six times, as after answers that came too late.
	LoseAnswers bool
	Steps       []Step // in the order of time
}

// A Step is one event of a scenario.
type Step struct {
	Order int // which of the scenario's orders, from 0
	Event webhook.EventName
	After time.Duration // since the first order was placed, in GoBiz's time
}

// Orders is how many orders the scenario has.
func (s Scenario) Orders() int {
	n := 0
	for _, step := range s.Steps {
		n = max(n, step.Order+1)
	}
	return n
}

// Only is the scenario without the events that are not among the given ones.
func (s Scenario) Only(events ...webhook.EventName) Scenario {
	s.Steps = slices.DeleteFunc(slices.Clone(s.Steps), func(step Step) bool { return !slices.Contains(events, step.Event) })
	return s
}

// Single is the scenario of one event.
func Single(event webhook.EventName) Scenario {
	return Scenario{Name: string(event), Steps: []Step{{Event: event}}}
}

// Scenarios lists the scenarios by name. Documented are the three minutes that a
// merchant has, the half hour by which a scheduled order is accepted before its
// slot, and the acceptance at once (developer documentation, "Order
// acceptance"); the other times are made up.
func Scenarios() []Scenario {
	return []Scenario{
		{Name: "delivery", Summary: "accepted at once, fetched by a driver, delivered", Steps: delivery(0, 0)},
		{Name: "pickup", Summary: "fetched by the customer; no driver", Pickup: true, Steps: []Step{
			{0, webhook.OrderCreated, 0},
			{0, webhook.OrderMerchantAccepted, acceptedAfter},
			{0, webhook.OrderPlaced, 20 * time.Minute},
			{0, webhook.OrderCompleted, 21 * time.Minute},
		}},
		{Name: "cancelled", Summary: "the merchant does not answer, after 3 minutes it is cancelled", Steps: []Step{
			{0, webhook.OrderCreated, 0},
			{0, webhook.OrderAwaitingAcceptance, acceptedAfter},
			{0, webhook.OrderCancelled, acceptedAfter + 3*time.Minute},
		}},
		{
			Name: "scheduled", Summary: "for a slot in two hours, accepted half an hour before it", Scheduled: true,
			Steps: append([]Step{{0, webhook.OrderCreated, 0}}, delivery(0, sampleSlot-30*time.Minute)[1:]...),
		},
		{
			Name: "mapping-error", Summary: "an order is not relayed, the menu is mapped, the next order comes",
			Steps: append([]Step{
				{0, webhook.OrderWebhookError, 0},
				{0, webhook.MenuMappingUpdated, 10 * time.Minute},
			}, delivery(1, 15*time.Minute)...),
		},
		{
			Name: "retry-storm", Summary: "three deliveries whose answers are lost: each event comes six times, among the later ones",
			LoseAnswers: true, Steps: storm(3),
		},
	}
}

// acceptedAfter is what "at once" takes.
const acceptedAfter = 5 * time.Second

func delivery(order int, from time.Duration) []Step {
	return []Step{
		{order, webhook.OrderCreated, from},
		{order, webhook.OrderMerchantAccepted, from + acceptedAfter},
		{order, webhook.OrderDriverOnTheWay, from + 3*time.Minute},
		{order, webhook.OrderDriverArrived, from + 10*time.Minute},
		{order, webhook.OrderPlaced, from + 16*time.Minute},
		{order, webhook.OrderCompleted, from + 35*time.Minute},
	}
}

// storm is deliveries that are ordered a minute after each other.
func storm(orders int) []Step {
	var steps []Step
	for n := range orders {
		steps = append(steps, delivery(n, time.Duration(n)*time.Minute)...)
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return int(a.After - b.After) })
	return steps
}

// FindScenario returns a scenario by its name.
func FindScenario(name string) (Scenario, error) {
	for _, s := range Scenarios() {
		if s.Name == name {
			return s, nil
		}
	}
	return Scenario{}, fmt.Errorf("unknown scenario %q", name)
}
