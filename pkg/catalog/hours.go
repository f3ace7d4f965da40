package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Weekdays are the keys of operational hours, in the order of a week.
var Weekdays = [7]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// Hours are the times at which an item can be ordered, in the outlet's local
// time, by day from Monday. A nil day is not named in the file or the answer; an
// empty one is closed (Enterprise Integration Middleware, "Update menu": a blank day is inactive).
// Items and days may share theirs: give an item new hours instead of changing
// those it has.
type Hours [7][]Window

// A Window is an opening time on one day. Both ends are HH:MM in 24 hours; a
// whole day is 00:00 to 23:59.
type Window struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// allDay is how a whole day is written: 24:00 is not used.
var allDay = Window{Start: "00:00", End: "23:59"}

// EveryDay returns the same windows for all days; with none, a week without any.
func EveryDay(windows ...Window) *Hours {
	var h Hours
	for day := range h {
		h[day] = append([]Window{}, windows...)
	}
	return &h
}

// parseWindow reads the short form of a window, "10:00-22:00".
func parseWindow(s string) (Window, bool) {
	start, end, ok := strings.Cut(s, "-")
	w := Window{Start: strings.TrimSpace(start), End: strings.TrimSpace(end)}
	return w, ok
}

// checkClock judges one end of a window, or its start.
func checkClock(s string, start bool) (rule, problem, hint string) {
	if strings.HasPrefix(s, "24") {
		hint = `over midnight write the short form, such as "17:00-02:00"`
		switch {
		case s == "24:00" && start:
			hint = "write 00:00 for the start of a day"
		case s == "24:00":
			hint = "write 23:59 for the end of a day"
		}
		return RuleHours24, fmt.Sprintf("%s is not a time of this day", quoted(s)), hint
	}
	if isClock(s) {
		return "", "", ""
	}
	hint = "write HH:MM in 24 hours, such as 09:30"
	if isClock("0" + s) {
		hint = "write 0" + s
	}
	return RuleHoursFormat, fmt.Sprintf("%s is not a time", quoted(s)), hint
}

func isClock(s string) bool {
	if len(s) != 5 || s[2] != ':' {
		return false
	}
	for _, i := range [...]int{0, 1, 3, 4} {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s[:2] < "24" && s[3:] < "60"
}

// overMidnight reports whether a window ends on the next day. Two clocks of equal
// length compare as text.
func (w Window) overMidnight() bool { return isClock(w.Start) && isClock(w.End) && w.End < w.Start }

// split cuts a window at midnight, as the API needs it: a day ends at 23:59. The
// second part is missing when the window ends at midnight sharp.
func (w Window) split() (tonight Window, tomorrow Window, both bool) {
	tonight = Window{Start: w.Start, End: allDay.End}
	if w.End == "00:00" {
		return tonight, Window{}, false
	}
	return tonight, Window{Start: "00:00", End: w.End}, true
}

// short returns the one-line form, when reading it back gives the same window.
func (w Window) short() (string, bool) {
	return w.Start + "-" + w.End, isClock(w.Start) && isClock(w.End) && w.Start <= w.End
}

// orAlways resolves hours that are not stated: the item can always be ordered.
func (h *Hours) orAlways() *Hours {
	if !h.stated() {
		return EveryDay(allDay)
	}
	return h
}

func (h *Hours) clone() *Hours {
	if h == nil {
		return nil
	}
	var out Hours
	for day := range h {
		out[day] = slices.Clone(h[day])
	}
	return &out
}

// MarshalJSON writes the days that are named, each with its windows.
func (h *Hours) MarshalJSON() ([]byte, error) { return h.appendJSON(nil), nil }

func (h *Hours) appendJSON(out []byte) []byte {
	t := newJSONText(out, 0)
	t.begin('{')
	for day, windows := range h {
		if windows == nil {
			continue
		}
		t.list(Weekdays[day])
		for _, w := range windows {
			t.begin('{')
			t.text("start", w.Start)
			t.text("end", w.End)
			t.end("}")
		}
		t.end("]")
	}
	t.end("}")
	return t.out
}

// UnmarshalJSON reads what MarshalJSON writes.
func (h *Hours) UnmarshalJSON(data []byte) error {
	var days map[string][]Window
	if err := json.Unmarshal(data, &days); err != nil {
		return err
	}
	*h = Hours{}
	for name, windows := range days {
		day := slices.Index(Weekdays[:], name)
		if day < 0 {
			return errors.New("unknown day " + quoted(name))
		}
		h[day] = append([]Window{}, windows...)
	}
	return nil
}

// same compares hours by what a customer can order: hours without any day are
// not stated, which is always; a day that is not named is closed; the order of
// windows does not count, and windows that touch or overlap are one.
func (h *Hours) same(other *Hours) bool {
	return h.equal(other) || bytes.Equal(h.appendMeaning(nil), other.appendMeaning(nil))
}

// equal compares hours as they are written.
func (h *Hours) equal(other *Hours) bool {
	if h == other || h == nil || other == nil {
		return h == other
	}
	for day := range h {
		if (h[day] == nil) != (other[day] == nil) || !slices.Equal(h[day], other[day]) {
			return false
		}
	}
	return true
}

func (h *Hours) stated() bool {
	return h != nil && slices.ContainsFunc(h[:], func(day []Window) bool { return day != nil })
}

// never reports whether the hours leave no time of the week.
func (h *Hours) never() bool {
	return h.stated() && !slices.ContainsFunc(h[:], func(day []Window) bool { return len(day) > 0 })
}

// appendMeaning appends equal texts for equal hours.
func (h *Hours) appendMeaning(out []byte) []byte {
	always := h.orAlways()
	day := ""
	for i, windows := range always {
		if i == 0 || !slices.Equal(windows, always[i-1]) {
			day = windowsText(joined(windows))
		}
		out = append(append(out, day...), ';')
	}
	return out
}

// joined sorts the windows of a day and makes one of those that touch. Windows
// that no clock shows are left as they are.
func joined(windows []Window) []Window {
	for _, w := range windows {
		if !isClock(w.Start) || !isClock(w.End) || w.End < w.Start {
			return windows
		}
	}
	sorted := slices.SortedFunc(slices.Values(windows), func(a, b Window) int { return strings.Compare(a.Start+a.End, b.Start+b.End) })
	out := sorted[:0]
	for _, w := range sorted {
		if last := len(out) - 1; last >= 0 && w.Start <= out[last].End {
			out[last].End = max(out[last].End, w.End)
			continue
		}
		out = append(out, w)
	}
	return out
}

func windowsText(windows []Window) string {
	if len(windows) == 0 {
		return "closed"
	}
	texts := make([]string, len(windows))
	for i, w := range windows {
		texts[i] = w.Start + "-" + w.End
	}
	return strings.Join(texts, ", ")
}

// String says the hours in words: "every day 10:00-22:00", or "monday to friday
// 10:00-22:00; saturday 17:00-23:59; sunday closed". Hours that are not stated
// are "always".
func (h *Hours) String() string {
	if !h.stated() {
		return "always"
	}
	var parts []string
	for first := 0; first < len(h); {
		windows := windowsText(h[first])
		last := first
		for last+1 < len(h) && windowsText(h[last+1]) == windows {
			last++
		}
		days := Weekdays[first] + " to " + Weekdays[last]
		switch last - first {
		case 0:
			days = Weekdays[first]
		case len(h) - 1:
			days = "every day"
		}
		parts = append(parts, days+" "+windows)
		first = last + 1
	}
	return strings.Join(parts, "; ")
}
