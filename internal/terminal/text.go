package terminal

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
)

// Clean makes foreign text safe to show on one line; see [cleantext.Text].
func Clean(s string) string { return cleantext.Text(s) }

// CleanLines is [Clean] for text of several lines: line feeds stay.
func CleanLines(s string) string { return cleantext.Lines(s) }

// Rupiah writes an amount of whole rupiah the Indonesian way: 25000 is
// "Rp 25.000", -2000 is "-Rp 2.000".
func Rupiah(amount int64) string {
	digits := strconv.FormatInt(amount, 10)
	sign := ""
	if amount < 0 {
		sign, digits = "-", digits[1:]
	}
	out := make([]byte, 0, len(digits)+len(digits)/3)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, '.')
		}
		out = append(out, digits[i])
	}
	return sign + "Rp " + string(out)
}

// Relative says how far t is from now, in one or two units: "in 58m",
// "in 1h 5m", "3d 2h ago", "now" within a second. A zero t gives "never".
func Relative(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := t.Sub(now)
	switch {
	case d >= time.Second:
		return "in " + Duration(d)
	case d <= -time.Second:
		return Duration(-d) + " ago"
	}
	return "now"
}

// Duration writes a time span in its one or two largest units, cut, not
// rounded: "950ms", "42s", "58m", "1h 5m", "2d 3h".
func Duration(d time.Duration) string {
	if d < 0 {
		return "-" + Duration(-d)
	}
	const day = 24 * time.Hour
	switch {
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 10*time.Minute:
		return twoUnits(d, time.Minute, "m", time.Second, "s")
	case d < time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < day:
		return twoUnits(d, time.Hour, "h", time.Minute, "m")
	}
	return twoUnits(d, day, "d", time.Hour, "h")
}

func twoUnits(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	out := fmt.Sprintf("%d%s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		out += fmt.Sprintf(" %d%s", rest, smallName)
	}
	return out
}
