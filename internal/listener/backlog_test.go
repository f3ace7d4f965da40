package listener

import (
	"bytes"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// numbers is a backlog of numbers that has three in memory.
func numbers(t *testing.T) *backlog[int] {
	b := &backlog[int]{
		dir: t.TempDir(), limit: 30, lost: func(err error) { t.Error(err) },
		size:   func(int) int { return 10 },
		encode: func(n int) ([]byte, error) { return []byte(strconv.Itoa(n)), nil },
		decode: func(data []byte) (int, error) { return strconv.Atoi(string(data)) },
	}
	return b.init()
}

func TestBacklogKeepsOrderThroughTheFile(t *testing.T) {
	t.Parallel()
	b := numbers(t)
	next, end := 0, 0
	// It grows, shrinks to nothing and grows again, in steps of all sizes.
	for round := range 200 {
		for range round * 7 % 23 {
			if err := b.put(end); err != nil {
				t.Fatal(err)
			}
			end++
		}
		for range min(round*5%19, end-next) {
			if n, ok := b.take(); !ok || n != next {
				t.Fatalf("round %d: %d, want %d", round, n, next)
			}
			next++
		}
		if n := len(b.memory) - b.taken; n > 3 || cap(b.memory) > 16 {
			t.Fatalf("%d in memory, room for %d", n, cap(b.memory))
		}
	}
	b.close()
	for ; next < end; next++ {
		if n, ok := b.take(); !ok || n != next {
			t.Fatalf("at the end: %d, want %d", n, next)
		}
	}
	if _, ok := b.take(); ok || b.spool != nil {
		t.Error("not empty")
	}
	if left, err := os.ReadDir(b.dir); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
}

func TestBacklogWaits(t *testing.T) {
	t.Parallel()
	b := numbers(t)
	got := make(chan int)
	go func() {
		for {
			n, ok := b.take()
			if !ok {
				close(got)
				return
			}
			got <- n
		}
	}()
	for i := range 20 {
		if err := b.put(i); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			if n := <-got; n != i/2 {
				t.Errorf("%d, want %d", n, i/2)
			}
		}
	}
	b.close()
	rest := 0
	for range got {
		rest++
	}
	if rest != 10 {
		t.Errorf("%d at the end, want 10", rest)
	}
}

// What cannot be written is told to who puts it; what cannot be read is told too,
// and neither stops the queue.
func TestBacklogWithABrokenFile(t *testing.T) {
	t.Parallel()
	b := numbers(t)
	var lost []error
	b.lost = func(err error) { lost = append(lost, err) }
	for i := range 8 {
		if err := b.put(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.spool.file.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.put(8); err == nil {
		t.Error("written to a closed file")
	}
	b.close()
	for i := range 3 {
		if n, ok := b.take(); !ok || n != i {
			t.Errorf("%d, %t", n, ok)
		}
	}
	if _, ok := b.take(); ok || len(lost) != 1 {
		t.Errorf("lost: %v", lost)
	}
}

// A delivery is the same after it was in a file: headers and target that are not
// UTF-8, too.
func TestDeliveryInAFile(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Twice": {"1", "\xff", ""}, webhook.SignatureHeader: {"ab"}}
	d := new(delivery)
	d.describe("POST", "/a%2f\xff?x=\xfe&x", header)
	d.ReceivedAt, d.Body, d.Valid = time.Date(2026, 1, 5, 5, 30, 0, 123_456_789, time.UTC), []byte("\x00\xff\r\n"), true
	d.event = Event{ReceivedAt: d.ReceivedAt, Summary: webhook.Summary{Event: "a", OrderNumber: "F-1"}, Verdict: Valid, Duplicate: true}
	data, err := encodeDelivery(d)
	if err != nil {
		t.Fatal(err)
	}
	back, err := decodeDelivery(bytes.Clone(data))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, back, cmp.AllowUnexported(delivery{}, capture.Record{})); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

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
