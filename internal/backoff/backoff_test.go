package backoff

import (
	"net/http"
	"testing"
	"time"
)

// The upper end doubles up to the limit, and the waits are spread below it.
func TestPause(t *testing.T) {
	const first, most = 100 * time.Millisecond, time.Second
	for attempt, end := range map[int]time.Duration{1: first, 2: 2 * first, 4: 8 * first, 5: most, 100: most, 1 << 40: most} {
		var longest, shortest time.Duration = 0, most
		for range 2000 {
			wait := Pause(attempt, first, most)
			longest, shortest = max(longest, wait), min(shortest, wait)
		}
		if shortest <= 0 || longest > end || shortest > end/10 || longest < end*9/10 {
			t.Errorf("attempt %d waits from %v to %v, want all of up to %v", attempt, shortest, longest, end)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		value, date string
		now         time.Time
		want        time.Duration
	}{
		{"", "", now, 0},
		{"5", "", now, 5 * time.Second},
		{" 5 ", "", now, 5 * time.Second},
		{"0", "", now, 0},
		{"-5", "", now, 0},
		{"9999999999999", "", now, 365 * 24 * time.Hour},
		{"soon", "", now, 0},
		{"Mon, 05 Jan 2026 10:01:00 GMT", "", now, time.Minute},
		{"Mon, 05 Jan 2026 09:59:00 GMT", "", now, 0},
		{"Mon, 05 Jan 2026 10:01:00 GMT", "Mon, 05 Jan 2026 10:00:30 GMT", now, 30 * time.Second},
		{"Mon, 05 Jan 2026 10:01:00 GMT", "", time.Time{}, 0},
	} {
		header := http.Header{"Retry-After": {tt.value}, "Date": {tt.date}}
		if got := RetryAfter(header, tt.now); got != tt.want {
			t.Errorf("Retry-After %q at %q: %v, want %v", tt.value, tt.date, got, tt.want)
		}
	}
}
