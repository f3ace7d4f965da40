package sender

import (
	"slices"
	"testing"
	"time"
)

func TestRetries(t *testing.T) {
	all := []time.Duration{2 * time.Minute, 10 * time.Minute, 30 * time.Minute, 90 * time.Minute, 210 * time.Minute}
	tests := []struct {
		name   string
		status int
		want   []time.Duration
	}{
		{"ok", 200, nil},
		{"no content", 204, nil},
		{"internal error", 500, all[:1]},
		{"unavailable", 503, all[:4]},
		{"bad request", 400, all[:2]},
		{"not found", 404, all[:2]},
		{"moved", 301, nil},
		{"found", 302, nil},
		{"see other", 303, nil},
		{"too many 307", 307, all},
		{"unauthorized", 401, all},
		{"bad gateway", 502, all},
		{"no answer", 0, all},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var waits []time.Duration
			for attempts := 1; ; attempts++ {
				wait, again := RetryWait(attempts, test.status)
				if !again {
					break
				}
				waits = append(waits, wait)
			}
			if !slices.Equal(waits, test.want) {
				t.Errorf("status %d: waits %v, want %v", test.status, waits, test.want)
			}
		})
	}
}

func TestRetryFollowsLatestAnswer(t *testing.T) {
	// Two 503 leave room for more, a 500 after them does not.
	if _, again := RetryWait(2, 503); !again {
		t.Error("no third attempt after two 503")
	}
	if _, again := RetryWait(3, 500); again {
		t.Error("a fourth attempt after 503, 503, 500")
	}
}
