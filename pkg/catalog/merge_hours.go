package catalog

import (
	"reflect"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
)

// fileHours are operational hours as a file has them: the days it names, and
// every_day for the rest.
type fileHours struct {
	days []*fileDay
	by   [7]*fileDay // nil: closed
}

// A fileDay is one key. Of the windows it has, those stay that still hold.
type fileDay struct {
	key     string
	region  *region // of the value; nil for a new key
	windows []statedWindow
	on      []int // the days that it holds for
	stays   []bool
}

// hours brings operational hours to what is live, day by day: a day that does
// not change keeps its bytes, a window that does keeps its comment.
func (m *merger) hours(n *region, old, want *Hours) {
	f := m.readHours(n)
	if f == nil || !f.hours().same(old) {
		m.replace(&region{flow: n.flow, column: n.column}, n, m.encodedHours(want))
		return
	}
	want = want.clone()
	added := f.fit(want)
	fields := make([]mergedField, 0, len(f.days))
	for _, name := range append([]string{everyDay}, Weekdays[:]...) {
		i := slices.IndexFunc(f.days, func(d *fileDay) bool { return d.key == name })
		if i < 0 {
			continue
		}
		d := f.days[i]
		if len(d.on) == 0 {
			fields = append(fields, mergedField{name: name, keep: true})
			continue
		}
		fields = append(fields, m.dayField(d, want[d.on[0]], added[d.on[0]]))
	}
	m.object(n, Note{Entity: "operational_hours"}, fields)
}

// dayField writes the windows of a day in the order of the live ones.
func (m *merger) dayField(d *fileDay, want, added []Window) mergedField {
	var entries []entry
	values := list{}
	var free []int // windows that do not hold any more; the new ones go in their place
	for i, stays := range d.stays {
		if !stays {
			free = append(free, i)
		}
	}
	used := make([]bool, len(d.windows))
	for _, w := range want {
		stays := -1
		for i := range d.windows {
			if d.stays[i] && !used[i] && d.windows[i].today() == w {
				stays = i
				break
			}
		}
		switch at := slices.Index(added, w); {
		case stays >= 0:
			used[stays] = true
			stated := m.encodedWindow(d.windows[stays].Window)
			if w := d.windows[stays]; w.overMidnight() && w.short {
				stated = w.Start + "-" + w.End
			}
			entries = append(entries, entry{from: stays, edit: func(n *region) {
				if m.stale(n) {
					m.replace(d.region, n, stated)
				}
			}})
			values = append(values, stated)
		case at >= 0:
			added = slices.Delete(slices.Clone(added), at, at+1)
			e := entry{from: -1, fresh: func() any { return m.encodedWindow(w) }}
			if len(free) > 0 {
				e.from, free = free[0], free[1:]
				e.edit = func(n *region) { m.window(d.region, n, w) }
			}
			entries = append(entries, e)
			values = append(values, m.encodedWindow(w))
		}
	}
	f := mergedField{name: d.key, value: values}
	if d.region == nil {
		return f
	}
	f.keep = len(entries) == len(d.windows) && !slices.Contains(d.stays, false)
	if len(values) == 1 && d.region.kind == document.Text {
		if short, ok := values[0].(string); ok {
			f.value = short
		}
	}
	f.edit = func(n *region) {
		if n.kind == document.List && !n.flow && !m.ownLines(n) {
			m.replace(&region{flow: true}, n, f.value)
			return
		}
		m.sequence(n, entries)
	}
	return f
}

// window writes another window over one of the file, in its form.
func (m *merger) window(parent, n *region, w Window) {
	if n.kind == document.Object && n.alias == nil {
		m.object(n, Note{Entity: "operational_hours"}, []mergedField{{name: "start", value: w.Start}, {name: "end", value: w.End}})
		return
	}
	value := any(object{{key: "start", value: w.Start}, {key: "end", value: w.End}})
	if short, ok := w.short(); ok {
		value = short
	}
	m.replace(parent, n, value)
}

// encodedWindow writes a window as the file does.
func (m *merger) encodedWindow(w Window) any {
	if short, ok := w.short(); ok && !m.longHours {
		return short
	}
	return object{{key: "start", value: w.Start}, {key: "end", value: w.End}}
}

// readHours finds the windows of the file; nil when it has them in another way.
func (m *merger) readHours(n *region) *fileHours {
	if n.kind != document.Object || n.alias != nil || len(n.keys) == 0 || n.merges() {
		return nil
	}
	f := &fileHours{}
	for _, k := range n.keys {
		d := &fileDay{key: k.name, region: k.value}
		v := k.value.target()
		switch v.kind {
		case document.Text:
			d.windows = append(d.windows, m.readWindow(v))
		case document.List:
			for _, i := range v.items {
				d.windows = append(d.windows, m.readWindow(i.target()))
			}
		case document.Null:
		default:
			return nil
		}
		f.days = append(f.days, d)
		for day, name := range Weekdays {
			if name == k.name {
				d.on, f.by[day] = []int{day}, d
			}
		}
	}
	if rest := f.rest(); rest != nil {
		for day, named := range f.by {
			if named == nil {
				rest.on, f.by[day] = append(rest.on, day), rest
			}
		}
	}
	return f
}

func (m *merger) readWindow(n *region) (w statedWindow) {
	if n.kind == document.Text {
		w.Window, w.short = parseWindow(m.text(n))
		return w
	}
	for _, k := range n.keys {
		switch text := m.text(k.value.target()); k.name {
		case "start":
			w.Start = text
		case "end":
			w.End = text
		}
	}
	return w
}

// text reads a time, which has nothing in it that is written otherwise in quotes.
func (m *merger) text(n *region) string {
	return strings.Trim(string(m.data[n.body:n.end]), `"'`)
}

// today is the part of a window on the day that names it.
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

// hours is what the file says, as Parse reads it.
func (f *fileHours) hours() *Hours {
	var h Hours
	for day, d := range f.by {
		if d == nil {
			continue
		}
		h[day] = append([]Window{}, h[day]...)
		for i := range d.windows {
			h[day] = append(h[day], d.windows[i].today())
			if w, both := d.windows[i].tomorrow(); both {
				next := (day + 1) % 7
				h[next] = append([]Window{w}, h[next]...)
			}
		}
	}
	return &h
}

// fit decides which windows stay, and gives for each day those that are to be
// added to it. Days that mean the same become equal in want. A day that cannot stay with every_day gets a key of its own.
func (f *fileHours) fit(want *Hours) (added [7][]Window) {
	now := f.hours()
	for day := range want {
		if windowsText(joined(now[day])) == windowsText(joined(want[day])) {
			want[day] = now[day]
		}
	}
	// As long as most days are as they were, those that are not leave first.
	if rest := f.rest(); rest != nil {
		changed := slices.DeleteFunc(slices.Clone(rest.on), func(day int) bool { return reflect.DeepEqual(now[day], want[day]) })
		if 2*len(changed) <= len(rest.on) {
			f.leave(changed)
		}
	}
	for {
		added = f.stay(want)
		leaving := f.leaving(&added)
		if len(leaving) == 0 {
			return added
		}
		f.leave(leaving)
	}
}

// rest is every_day, nil when the file does not have it.
func (f *fileHours) rest() *fileDay {
	if i := slices.IndexFunc(f.days, func(d *fileDay) bool { return d.key == everyDay }); i >= 0 {
		return f.days[i]
	}
	return nil
}

// leave gives days of every_day keys of their own, with the same windows.
func (f *fileHours) leave(days []int) {
	for _, day := range days {
		from := f.by[day]
		from.on = slices.DeleteFunc(from.on, func(on int) bool { return on == day })
		f.by[day] = &fileDay{key: Weekdays[day], on: []int{day}, windows: from.windows}
		f.days = append(f.days, f.by[day])
	}
}

// stay lets windows stay that are live on each of their days, and gives the live
// ones that are left.
func (f *fileHours) stay(want *Hours) (left [7][]Window) {
	for day := range want {
		left[day] = slices.Clone(want[day])
	}
	for _, d := range f.days {
		d.stays = make([]bool, len(d.windows))
		for i := range d.windows {
			rest := left
			d.stays[i] = true
			take := func(day int, w Window) {
				if at := slices.Index(rest[day], w); at >= 0 {
					rest[day] = slices.Delete(slices.Clone(rest[day]), at, at+1)
				} else {
					d.stays[i] = false
				}
			}
			for _, day := range d.on {
				take(day, d.windows[i].today())
				if w, both := d.windows[i].tomorrow(); both {
					take((day+1)%7, w)
				}
			}
			if d.stays[i] {
				left = rest
			}
		}
	}
	for day, d := range f.by {
		if d == nil && len(left[day]) > 0 {
			d = &fileDay{key: Weekdays[day], on: []int{day}}
			f.by[day], f.days = d, append(f.days, d)
		}
	}
	return left
}

// leaving gives the days of every_day to which other windows come than to most
// of them.
func (f *fileHours) leaving(added *[7][]Window) (days []int) {
	rest := f.rest()
	if rest == nil {
		return nil
	}
	count := map[string]int{}
	most := ""
	for _, day := range rest.on {
		key := windowsText(added[day])
		if count[key]++; count[key] > count[most] {
			most = key
		}
	}
	for _, day := range rest.on {
		if windowsText(added[day]) != most {
			days = append(days, day)
		}
	}
	return days
}
