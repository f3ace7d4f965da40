package catalog

import (
	"slices"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// everyDay is the short form for all days that are not named.
const everyDay = "every_day"

// statedWindow is a window as the file has it.
type statedWindow struct {
	Window
	short bool // "22:00-02:00", which may go over midnight
	at    Position
}

// today is the part of the window on the day that names it.
func (w statedWindow) today() Window {
	if w.short && w.overMidnight() {
		tonight, _, _ := w.split()
		return tonight
	}
	return w.Window
}

// tomorrow is the part on the next day.
func (w statedWindow) tomorrow() (Window, bool) {
	if w.short && w.overMidnight() {
		_, tomorrow, both := w.split()
		return tomorrow, both
	}
	return Window{}, false
}

// A statedWeek is operational hours as the file has them.
type statedWeek struct {
	named [7]bool // the days that the file names, or that every_day stands for
	days  [7][]statedWindow
	rest  []statedWindow // of every_day; nil when it is not there
}

// hours reads operational hours: the API's own object of weekdays, each a list
// of {start, end}, and the short forms "10:00-22:00" and every_day. A short
// window over midnight is split into two days. at gets the places of the windows.
func (r *reader) hours(to **Hours, at *[]Position) func(*document.Node) {
	return func(n *document.Node) {
		w := &r.week
		*w = statedWeek{}
		for _, f := range r.Object(n, "an object with the days of the week", r.weekFields...) {
			// A null counts: "if the value is blank, it means inactive for
			// the whole day" (Enterprise Integration Middleware, "Update menu").
			if day := slices.Index(Weekdays[:], f.Field); day >= 0 {
				w.named[day] = true
			}
		}
		for day := range w.days {
			if !w.named[day] && w.rest != nil {
				w.days[day], w.named[day] = w.rest, true
			}
		}
		*to = r.shared(w.hours())
		*at = w.positions()
	}
}

func (r *reader) fieldsOfWeek(w *statedWeek) []document.Field {
	fields := make([]document.Field, 0, 8)
	for day, name := range Weekdays {
		fields = append(fields, document.Field{Name: name, Read: func(n *document.Node) { w.days[day] = r.day(n) }})
	}
	return append(fields, document.Field{Name: everyDay, Read: func(n *document.Node) {
		if w.rest = r.day(n); w.rest == nil {
			w.rest = []statedWindow{}
		}
	}})
}

// hours puts what was stated for each day into the form of the API.
func (w *statedWeek) hours() *Hours {
	var h Hours
	if w.repeats() && w.named == [7]bool{true, true, true, true, true, true, true} {
		windows := make([]Window, 0, len(w.days[0]))
		for _, stated := range w.days[0] {
			windows = append(windows, stated.Window)
		}
		for day := range h {
			h[day] = windows
		}
		return &h
	}
	for day := range w.days {
		if w.named[day] && h[day] == nil {
			h[day] = []Window{}
		}
		next := (day + 1) % 7
		for _, stated := range w.days[day] {
			h[day] = append(h[day], stated.today())
			if tomorrow, both := stated.tomorrow(); both {
				// The early hours come first on their day, also on Monday,
				// which has had its turn when Sunday ends.
				h[next] = append([]Window{tomorrow}, h[next]...)
			}
		}
	}
	return &h
}

// shared returns hours that were read before, when they are the same: most items
// of a menu have the same, and hours take more memory than a name.
func (r *reader) shared(h *Hours) *Hours {
	for _, known := range r.weeks {
		if known.equal(h) {
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

// repeats reports whether all days are the same text, none of which makes two
// windows.
func (w *statedWeek) repeats() bool {
	for _, windows := range w.days {
		if !slices.Equal(windows, w.days[0]) {
			return false
		}
	}
	return !slices.ContainsFunc(w.days[0], func(w statedWindow) bool { return w.short && w.overMidnight() })
}

// positions returns the places of the windows of a week, in the order in which
// hours makes them, or of its first day when all days are the same text.
func (w *statedWeek) positions() []Position {
	stated := w.days[:]
	if w.repeats() {
		stated = w.days[:1]
	}
	var at []Position
	for day, windows := range stated {
		for _, before := range slices.Backward(w.days[(day+6)%7]) {
			if _, both := before.tomorrow(); both {
				at = append(at, before.at)
			}
		}
		for _, window := range windows {
			at = append(at, window.at)
		}
	}
	return at
}

// day reads the windows of a day: a list, or one short window alone.
func (r *reader) day(n *document.Node) (windows []statedWindow) {
	read := func(n *document.Node) {
		w := statedWindow{at: Position(n.At)}
		switch {
		case n.Kind != document.Text:
			r.Object(n, `a window, such as "10:00-22:00"`,
				document.Field{Name: "start", Required: true, Read: r.clock(&w.Start, true)},
				document.Field{Name: "end", Required: true, Read: r.clock(&w.End, false)},
			)
		case !r.shortWindow(n, &w):
			return
		}
		windows = append(windows, w)
	}
	if n.Kind == document.Text {
		read(n)
	} else {
		r.List(read)(n)
	}
	return windows
}

func (r *reader) shortWindow(n *document.Node, w *statedWindow) bool {
	var ok bool
	if w.Window, ok = parseWindow(n.Text); !ok {
		r.Report(RuleHoursFormat, n.At, quoted(n.Text)+" is not a window of time", `write "10:00-22:00", or an empty list for a closed day`)
		return false
	}
	w.short = true
	return r.checkClock(n, w.Start, true) && r.checkClock(n, w.End, false)
}

func (r *reader) clock(to *string, start bool) func(*document.Node) {
	return func(n *document.Node) {
		r.Text(to)(n)
		if n.Kind == document.Text {
			r.checkClock(n, n.Text, start)
		}
	}
}

func (r *reader) checkClock(n *document.Node, s string, start bool) bool {
	rule, problem, hint := checkClock(s, start)
	if problem != "" {
		r.Report(rule, n.At, problem, hint)
	}
	return problem == ""
}
