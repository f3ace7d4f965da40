package listener

import (
	"strconv"
	"testing"
)

func TestSeenForgetsTheOldest(t *testing.T) {
	t.Parallel()
	var s seen
	for i := range 3 * seenSize {
		if s.add('k', strconv.Itoa(i)) {
			t.Fatalf("%d is there already", i)
		}
	}
	if len(s.young)+len(s.old) > 2*seenSize {
		t.Errorf("remembers %d", len(s.young)+len(s.old))
	}
	if !s.add('k', strconv.Itoa(2*seenSize)) || s.add('k', "0") || s.add('e', strconv.Itoa(3*seenSize-1)) {
		t.Error("forgets the latest, remembers the oldest, or mixes kinds")
	}
}
