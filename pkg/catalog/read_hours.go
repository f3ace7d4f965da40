package catalog

import "slices"

// everyDay is the short form for all days that are not named.
const everyDay = "every_day"

// statedWindow is a window as the file has it.
type statedWindow struct {
	Window
	short bool // "22:00-02:00", which may go over midnight
	at    Position
}

// spills tells whether a part of the window is on the next day.
func (w statedWindow) spills() bool { return w.short && w.overMidnight() && w.End != "00:00" }

// hours reads operational hours: the API's own object of weekdays, each a list
// of {start, end}, and the short forms "10:00-22:00" and every_day. A short
// window over midnight is split into two days.
func (r *reader) hours(to **Hours, lists **listPositions) func(*node, *path) {
	return func(n *node, p *path) {
		var named [7]bool
		var days [7][]statedWindow
		var rest []statedWindow
		hasRest := false
		fields := make([]field, 0, 8)
		for day, name := range Weekdays {
			fields = append(fields, field{name, false, func(n *node, p *path) { days[day] = r.day(n, p) }})
		}
		fields = append(fields, field{everyDay, false, func(n *node, p *path) { rest, hasRest = r.day(n, p), true }})
		origin := r.object(n, p, "an object with the days of the week", fields)
		for _, f := range origin.fields {
			for day, name := range Weekdays {
				// A null counts: "if the value is blank, it means inactive for
				// the whole day" (Enterprise Integration Middleware, "Update menu").
				named[day] = named[day] || f.name == name
			}
		}

		for day := range days {
			if !named[day] && hasRest {
				days[day], named[day] = rest, true
			}
		}
		*to = r.shared(week(&days, named))
		if *lists == nil {
			*lists = &listPositions{}
		}
		(*lists).windows = windowPositions(&days)
	}
}

// week puts what was stated for each day into the form of the API.
func week(days *[7][]statedWindow, named [7]bool) *Hours {
	var h Hours
	if repeats(days) && named == [7]bool{true, true, true, true, true, true, true} {
		windows := make([]Window, 0, len(days[0]))
		for _, w := range days[0] {
			windows = append(windows, w.Window)
		}
		for day := range h {
			h[day] = windows
		}
		return &h
	}
	for day := range days {
		if named[day] && h[day] == nil {
			h[day] = []Window{}
		}
		next := (day + 1) % 7
		for _, w := range days[day] {
			if !w.short || !w.overMidnight() {
				h[day] = append(h[day], w.Window)
				continue
			}
			tonight, tomorrow, both := w.split()
			h[day] = append(h[day], tonight)
			if both {
				// The early hours come first on their day, also on Monday,
				// which has had its turn when Sunday ends.
				h[next] = append([]Window{tomorrow}, h[next]...)
			}
		}
	}
	return &h
}

// shared gives hours that were read before, when they are the same: most items
// of a menu have the same, and hours take more memory than a name.
func (r *reader) shared(h *Hours) *Hours {
	for _, known := range r.weeks {
		if known.identical(h) {
			return known
		}
	}
	if len(r.weeks) < maxShared {
		r.weeks = append(r.weeks, h)
	}
	return h
}

// maxShared bounds the search for hours that are the same.
const maxShared = 32

// identical is stricter than same: a day that is not named is not a closed one.
func (h *Hours) identical(other *Hours) bool {
	for day := range h {
		if (h[day] == nil) != (other[day] == nil) || !slices.Equal(h[day], other[day]) {
			return false
		}
	}
	return true
}

// repeats tells whether all days are the same text, none of which makes two
// windows.
func repeats(days *[7][]statedWindow) bool {
	for _, windows := range days {
		if !slices.Equal(windows, days[0]) {
			return false
		}
	}
	return !slices.ContainsFunc(days[0], func(w statedWindow) bool { return w.short && w.overMidnight() })
}

// windowPositions gives the places of the windows of a week, in the order in
// which week makes them, or of its first day when all days are the same text.
func windowPositions(days *[7][]statedWindow) []spot {
	stated := days[:]
	if repeats(days) {
		stated = days[:1]
	}
	n := 0
	for _, windows := range stated {
		n += len(windows)
	}
	at := make([]spot, 0, n)
	for day, windows := range stated {
		for _, w := range slices.Backward(days[(day+6)%7]) {
			if w.spills() {
				at = append(at, w.at.spot())
			}
		}
		for _, w := range windows {
			at = append(at, w.at.spot())
		}
	}
	return at
}

// day reads the windows of a day: a list, or one short window alone.
func (r *reader) day(n *node, p *path) (windows []statedWindow) {
	if n.kind == kindText {
		if w, ok := r.shortWindow(n, p); ok {
			windows = append(windows, w)
		}
		return windows
	}
	r.list(func(n *node, p *path) {
		if n.kind == kindText {
			if w, ok := r.shortWindow(n, p); ok {
				windows = append(windows, w)
			}
			return
		}
		w := statedWindow{at: n.at}
		r.object(n, p, `a window, such as "10:00-22:00"`, []field{
			{"start", true, r.clock(&w.Start)},
			{"end", true, r.clock(&w.End)},
		})
		windows = append(windows, w)
	})(n, p)
	return windows
}

func (r *reader) shortWindow(n *node, p *path) (statedWindow, bool) {
	w, ok := parseWindow(n.text)
	if !ok {
		r.report(Finding{
			Rule: RuleHoursFormat, Position: n.at, Path: p.String(),
			Message: quoted(n.text) + " is not a window of time", Hint: `write "10:00-22:00", or an empty list for a closed day`,
		})
		return statedWindow{}, false
	}
	return statedWindow{Window: w, short: true, at: n.at}, r.checkClock(n, p, w.Start) && r.checkClock(n, p, w.End)
}

func (r *reader) clock(to *string) func(*node, *path) {
	return func(n *node, p *path) {
		r.text(to)(n, p)
		if n.kind == kindText {
			r.checkClock(n, p, n.text)
		}
	}
}

func (r *reader) checkClock(n *node, p *path, s string) bool {
	rule, problem, hint := checkClock(s)
	if problem != "" {
		r.report(Finding{Rule: rule, Position: n.at, Path: p.String(), Message: problem, Hint: hint})
	}
	return problem == ""
}
