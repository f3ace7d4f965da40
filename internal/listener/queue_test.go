package listener

import "testing"

func TestQueueKeepsOrder(t *testing.T) {
	t.Parallel()
	q := newQueue[int]()
	next, end := 0, 0
	// It grows, shrinks to nothing and grows again, in steps of all sizes.
	for round := range 200 {
		for range round * 7 % 23 {
			if !q.put(end) {
				t.Fatal("full")
			}
			end++
		}
		for range min(round*5%19, end-next) {
			if n, ok := q.front(); !ok || n != next {
				t.Fatalf("round %d: %d, want %d", round, n, next)
			}
			q.remove()
			next++
		}
		oldest, newest, n := q.ends()
		if n != end-next || n > 0 && (oldest != next || newest != end-1) {
			t.Fatalf("round %d: %d from %d to %d, want %d to %d", round, n, oldest, newest, next, end-1)
		}
		if n, room := len(q.values)-q.gone, cap(q.values); room > 4*n+64 {
			t.Fatalf("%d in memory, room for %d", n, room)
		}
	}
	q.close()
	for ; next < end; next++ {
		if n, ok := q.front(); !ok || n != next {
			t.Fatalf("at the end: %d, want %d", n, next)
		}
		q.remove()
	}
	if _, ok := q.front(); ok {
		t.Error("not empty")
	}
}

func TestQueueWaits(t *testing.T) {
	t.Parallel()
	q := newQueue[int]()
	got := make(chan int)
	go func() {
		for {
			n, ok := q.front()
			if !ok {
				close(got)
				return
			}
			q.remove()
			got <- n
		}
	}()
	for i := range 20 {
		if !q.put(i) {
			t.Fatal("full")
		}
		if i%2 == 0 {
			if n := <-got; n != i/2 {
				t.Errorf("%d, want %d", n, i/2)
			}
		}
	}
	q.close()
	rest := 0
	for range got {
		rest++
	}
	if rest != 10 {
		t.Errorf("%d at the end, want 10", rest)
	}
}

// A full queue takes nothing more, and goes on when it has room again.
func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	q := newQueue[job]()
	for i := range maxQueued {
		if !q.put(job{offset: int64(i)}) {
			t.Fatalf("full with %d", i)
		}
	}
	if q.put(job{}) {
		t.Error("takes more than it may hold")
	}
	q.remove()
	if !q.put(job{offset: maxQueued}) || q.put(job{}) {
		t.Error("room for one, which is not taken, or for more")
	}
	if j, _ := q.front(); j.offset != 1 {
		t.Errorf("the oldest is %d", j.offset)
	}
}
