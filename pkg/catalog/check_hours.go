package catalog

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gobiz-cli/gobiz/internal/spelling"
)

const hoursKey = "operational_hours"

// shortestWindow in minutes: less is mostly a slip.
const shortestWindow = 60

// checkedWindow is a window of a week with its place.
type checkedWindow struct {
	Window
	at    Position
	index int // in the day
}

// hours checks the opening hours of an item or of the defaults; nil is not
// stated.
func (c *checker) hours(h *Hours, o Origin, where place) {
	if h == nil || c.sound[h] {
		return
	}
	before := len(c.findings)
	var buffer [8]checkedWindow // more windows on a day are rare
	n, open := 0, false
	for day := range h {
		windows := buffer[:0]
		for i, w := range h[day] {
			windows = append(windows, checkedWindow{w, o.window(n), i})
			n++
		}
		open = open || len(windows) > 0
		c.day(h, day, windows, where)
	}
	if !open {
		c.report(RuleHoursNever, SeverityWarning, o.Field(hoursKey), where, "it can be ordered at no time of the week")
	}
	if len(c.findings) == before {
		c.sound[h] = true // most items share their hours
	}
}

func (c *checker) day(h *Hours, day int, windows []checkedWindow, where place) {
	at := func(w checkedWindow) place {
		return where.at(fmt.Sprintf("%s.%s[%d]", where.field, Weekdays[day], w.index))
	}
	// What is no time was told when the file was read.
	windows = slices.DeleteFunc(windows, func(w checkedWindow) bool { return !isClock(w.Start) || !isClock(w.End) })
	for _, w := range windows {
		switch minutes := h.minutes(day, w.Window); {
		case w.Start >= w.End:
			c.report(RuleHoursOrder, SeverityError, w.at, at(w), "the window from %s to %s does not start before it ends", w.Start, w.End)
		case minutes < shortestWindow:
			c.report(RuleHoursShort, SeverityWarning, w.at, at(w), "the window from %s to %s has %s", w.Start, w.End, spelling.Count(minutes, "minute"))
		}
	}
	if len(windows) < 2 {
		return
	}
	slices.SortStableFunc(windows, func(a, b checkedWindow) int { return cmp.Compare(a.Start, b.Start) })
	longest := windows[0] // the one that ends last so far
	for _, w := range windows[1:] {
		if w.Start < longest.End {
			// The one further down in the file is the one too many.
			first, second := longest, w
			if cmp.Or(cmp.Compare(first.at.Line, second.at.Line), cmp.Compare(first.at.Column, second.at.Column)) > 0 {
				first, second = second, first
			}
			c.report(RuleHoursOverlap, SeverityError, second.at, at(second), "on %s, %s-%s overlaps %s-%s",
				Weekdays[day], second.Start, second.End, first.Start, first.End)
		}
		if w.End > longest.End {
			longest = w
		}
	}
}

// minutes returns the length of a window. One that was split at midnight counts
// with its other part.
func (h *Hours) minutes(day int, w Window) int {
	n := minuteOf(w.End) - minuteOf(w.Start)
	if w.End == allDay.End {
		n++ // a day ends with its last minute
		for _, next := range h[(day+1)%7] {
			if next.Start == allDay.Start && isClock(next.End) {
				n += minuteOf(next.End)
				break
			}
		}
	}
	if w.Start == allDay.Start {
		for _, before := range h[(day+6)%7] {
			if before.End == allDay.End && isClock(before.Start) {
				n += 24*60 - minuteOf(before.Start)
				break
			}
		}
	}
	return n
}

// minuteOf counts from midnight; the text is a clock.
func minuteOf(clock string) int {
	digit := func(i int) int { return int(clock[i] - '0') }
	return (digit(0)*10+digit(1))*60 + digit(3)*10 + digit(4)
}
