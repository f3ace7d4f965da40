package catalog

import (
	"bytes"
	"slices"
	"strings"
)

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
