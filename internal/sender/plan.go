package sender

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// A Plan says how often a scenario is played and when its notifications leave.
type Plan struct {
	Scenario  Scenario
	Repeat    int     // how often; each time with other orders
	Duplicate int     // how many times more each notification is sent, the same in every byte
	Rate      float64 // notifications a second, or scenarios with several steps; 0 is no pause
	TimeScale float64 // divides GoBiz's own times
	Shuffle   bool    // the notifications leave in random order, at the same times
	Seed      uint64  // of the random order
}

// MaxPlanned is how many notifications a plan may have when all of their times
// are kept in memory: with several steps, or shuffled.
const MaxPlanned = 1_000_000

// A Place is where a notification belongs: it is the Copy-th copy of a step of a
// run of the scenario. All count from 0.
type Place struct{ Run, Step, Copy int }

// A slot is a notification and the time at which it leaves.
type slot struct {
	at    time.Duration // since the start
	index int
}

// A Timetable is a plan worked out.
type Timetable struct {
	plan  Plan
	total int
	slots []slot // nil when they follow from the index
}

// Timetable works out a plan. Repeat and TimeScale must be above 0, the rest not
// negative.
func (p Plan) Timetable() (*Timetable, error) {
	steps := len(p.Scenario.Steps)
	t := &Timetable{plan: p, total: p.Repeat * steps * (p.Duplicate + 1)}
	if t.total/(p.Duplicate+1)/steps != p.Repeat {
		return nil, fmt.Errorf("%d times %d and %d copies are too many", p.Repeat, steps, p.Duplicate)
	}
	if steps == 1 && !p.Shuffle {
		return t, nil
	}
	if t.total > MaxPlanned {
		return nil, fmt.Errorf("%d notifications are too many, at most %d can be put in order", t.total, MaxPlanned)
	}
	t.slots = make([]slot, t.total)
	for i := range t.slots {
		t.slots[i] = slot{t.leaves(i), i}
	}
	slices.SortStableFunc(t.slots, func(a, b slot) int { return cmp.Compare(a.at, b.at) })
	if p.Shuffle {
		random := rand.New(rand.NewPCG(p.Seed, 1))
		random.Shuffle(len(t.slots), func(i, j int) { t.slots[i].index, t.slots[j].index = t.slots[j].index, t.slots[i].index })
	}
	return t, nil
}

// Len is how many notifications there are.
func (t *Timetable) Len() int { return t.total }

// At is when the n-th notification leaves, since the start, in real time.
func (t *Timetable) At(n int) time.Duration {
	if t.slots == nil {
		return t.leaves(n)
	}
	return t.slots[n].at
}

// Place says which notification the n-th one is.
func (t *Timetable) Place(n int) Place {
	if t.slots != nil {
		n = t.slots[n].index
	}
	return t.place(n)
}

// place takes an index apart. Copies are next to each other, then come the
// steps of a run.
func (t *Timetable) place(index int) Place {
	copies, steps := t.plan.Duplicate+1, len(t.plan.Scenario.Steps)
	return Place{Run: index / copies / steps, Step: index / copies % steps, Copy: index % copies}
}

// Began is when a run's first order is placed, since the start, in real time.
func (t *Timetable) Began(run int) time.Duration {
	if len(t.plan.Scenario.Steps) == 1 {
		run *= t.plan.Duplicate + 1
	}
	return t.paced(run)
}

func (t *Timetable) leaves(index int) time.Duration {
	if len(t.plan.Scenario.Steps) == 1 {
		return t.paced(index)
	}
	p := t.place(index)
	return t.paced(p.Run) + scaled(t.plan.Scenario.Steps[p.Step].After, t.plan.TimeScale)
}

func (t *Timetable) paced(n int) time.Duration { return Paced(t.plan.Rate)(n) }

// Paced says when the n-th of something leaves, at a rate a second; 0 is no pause.
func Paced(rate float64) func(n int) time.Duration {
	return func(n int) time.Duration {
		if rate == 0 {
			return 0
		}
		return time.Duration(float64(n) / rate * float64(time.Second))
	}
}

// scaled is a time of GoBiz's in real time.
func scaled(d time.Duration, scale float64) time.Duration { return time.Duration(float64(d) / scale) }
