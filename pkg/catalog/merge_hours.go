package catalog

import (
	"reflect"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/document"
	"github.com/gobiz-cli/gobiz/internal/document/edit"
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
	node    *edit.Node // the value; nil for a new key
	windows []statedWindow
	on      []int // the days that it holds for
	stays   []bool
}

// hours brings operational hours to what is live, day by day: a day that does
// not change keeps its bytes, a window that does keeps its comment.
func (m *merger) hours(n *edit.Node, old, want *Hours) {
	f := m.readHours(n)
	if f == nil || !f.hours().same(old) {
		m.file.Replace(n, m.encodedHours(want))
		return
	}
	want = want.clone()
	added := f.fit(want)
	fields := make([]edit.Field, 0, len(f.days))
	for _, name := range append([]string{everyDay}, Weekdays[:]...) {
		i := slices.IndexFunc(f.days, func(d *fileDay) bool { return d.key == name })
		if i < 0 {
			continue
		}
		d := f.days[i]
		if len(d.on) == 0 {
			fields = append(fields, edit.Field{Name: name, Keep: true})
			continue
		}
		fields = append(fields, m.dayField(d, want[d.on[0]], added[d.on[0]]))
	}
	m.file.Object(n, Note{Entity: "operational_hours"}, fields)
}

// dayField writes the windows of a day in the order of the live ones.
func (m *merger) dayField(d *fileDay, want, added []Window) edit.Field {
	var entries []edit.Entry
	values := edit.List{}
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
			entries = append(entries, edit.Entry{From: stays, Edit: func(n *edit.Node) {
				if m.file.Stale(n) {
					m.file.Replace(n, stated)
				}
			}})
			values = append(values, stated)
		case at >= 0:
			added = slices.Delete(slices.Clone(added), at, at+1)
			e := edit.Entry{From: -1, Fresh: func() any { return m.encodedWindow(w) }}
			if len(free) > 0 {
				e.From, free = free[0], free[1:]
				e.Edit = func(n *edit.Node) { m.window(n, w) }
			}
			entries = append(entries, e)
			values = append(values, m.encodedWindow(w))
		}
	}
	f := edit.Field{Name: d.key, Value: values}
	if d.node == nil {
		return f
	}
	f.Keep = len(entries) == len(d.windows) && !slices.Contains(d.stays, false)
	if len(values) == 1 && d.node.Kind == document.Text {
		if short, ok := values[0].(string); ok {
			f.Value = short
		}
	}
	f.Edit = func(n *edit.Node) {
		if n.Kind == document.List && !m.file.CanEdit(n) {
			m.file.Replace(n, f.Value)
		} else {
			m.file.Sequence(n, entries)
		}
	}
	return f
}

// window writes another window over one of the file, in its form.
func (m *merger) window(n *edit.Node, w Window) {
	if n.Kind == document.Object && n.Alias == nil {
		m.file.Object(n, Note{Entity: "operational_hours"}, []edit.Field{{Name: "start", Value: w.Start}, {Name: "end", Value: w.End}})
		return
	}
	value := any(encodedWindow(w))
	if short, ok := w.short(); ok {
		value = short
	}
	m.file.Replace(n, value)
}

// encodedHours writes hours as the file does.
func (m *merger) encodedHours(h *Hours) any {
	if h == nil || !m.longHours {
		return hoursOrNil(h)
	}
	days := edit.Object{}
	for day, windows := range h {
		if windows != nil {
			days = append(days, edit.Pair{Key: Weekdays[day], Value: listed(windows, func(w *Window) any { return encodedWindow(*w) })})
		}
	}
	return days
}

// longHours reports whether a file writes windows as {start, end}, and none as
// "10:00-22:00".
func longHours(root *edit.Node) bool {
	short, long := 0, 0
	var walk func(n *edit.Node, inHours bool)
	walk = func(n *edit.Node, inHours bool) {
		for _, k := range n.Keys {
			if inHours && k.Name == "start" {
				long++
			}
			if inHours && k.Value.Kind == document.Text && k.Name != "start" && k.Name != "end" {
				short++
			}
			walk(k.Value, inHours || k.Name == hoursKey)
		}
		for _, i := range n.Items {
			if inHours && i.Kind == document.Text {
				short++
			}
			walk(i, inHours)
		}
	}
	walk(root, false)
	return long > 0 && short == 0
}

// encodedWindow writes a window as the file does.
func (m *merger) encodedWindow(w Window) any {
	if short, ok := w.short(); ok && !m.longHours {
		return short
	}
	return encodedWindow(w)
}

// readHours finds the windows of the file; nil when it has them in another way.
func (m *merger) readHours(n *edit.Node) *fileHours {
	if n.Kind != document.Object || n.Alias != nil || len(n.Keys) == 0 || n.Merges() {
		return nil
	}
	f := &fileHours{}
	for _, k := range n.Keys {
		d := &fileDay{key: k.Name, node: k.Value}
		v := k.Value.Target()
		switch v.Kind {
		case document.Text:
			d.windows = append(d.windows, m.readWindow(v))
		case document.List:
			for _, i := range v.Items {
				d.windows = append(d.windows, m.readWindow(i.Target()))
			}
		case document.Null:
		default:
			return nil
		}
		f.days = append(f.days, d)
		for day, name := range Weekdays {
			if name == k.Name {
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

func (m *merger) readWindow(n *edit.Node) (w statedWindow) {
	if n.Kind == document.Text {
		w.Window, w.short = parseWindow(m.text(n))
		return w
	}
	for _, k := range n.Keys {
		switch text := m.text(k.Value.Target()); k.Name {
		case "start":
			w.Start = text
		case "end":
			w.End = text
		}
	}
	return w
}

// text reads a time, which has nothing in it that is written otherwise in quotes.
func (m *merger) text(n *edit.Node) string {
	return strings.Trim(m.file.Raw(n), `"'`)
}

// hours is what the file says, as Parse reads it.
func (f *fileHours) hours() *Hours {
	var w statedWeek
	for day, d := range f.by {
		if d != nil {
			w.days[day], w.named[day] = d.windows, true
		}
	}
	return w.hours()
}

// fit decides which windows stay, and returns for each day those that are to be
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

// stay lets windows stay that are live on each of their days, and returns the live
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

// leaving returns the days of every_day to which other windows come than to most
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
