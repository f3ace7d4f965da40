package listener

import "sync"

// maxQueued is how many values a queue holds. A full queue of requests takes
// 4 MB, a full one of events about 80 MB.
const maxQueued = 1 << 18

// A queue stands between many who must not wait and one who may be slow.
type queue[T any] struct {
	mu     sync.Mutex
	some   sync.Cond // there is a value, or there will be none
	values []T       // the first removed of them are no longer in the queue
	gone   int
	closed bool
}

func newQueue[T any]() *queue[T] {
	q := new(queue[T])
	q.some.L = &q.mu
	return q
}

// put adds v behind all others. It reports false when the queue is full.
func (q *queue[T]) put(v T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.values)-q.gone >= maxQueued {
		return false
	}
	if len(q.values) == cap(q.values) && q.gone > len(q.values)/2 {
		n := copy(q.values, q.values[q.gone:])
		clear(q.values[n:])
		q.values, q.gone = q.values[:n], 0
	}
	q.values = append(q.values, v)
	q.some.Signal()
	return true
}

// front waits for the oldest value, which stays in the queue until it is removed.
// It reports false when the queue is closed and empty.
func (q *queue[T]) front() (v T, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.values) == q.gone {
		if q.closed {
			return v, false
		}
		q.some.Wait()
	}
	return q.values[q.gone], true
}

// remove removes the oldest value.
func (q *queue[T]) remove() {
	q.mu.Lock()
	defer q.mu.Unlock()
	var none T
	q.values[q.gone] = none
	q.gone++
	if q.gone == len(q.values) {
		q.values, q.gone = q.values[:0], 0
	}
}

// ends returns the oldest and the newest value, and how many there are.
func (q *queue[T]) ends() (oldest, newest T, n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n = len(q.values) - q.gone; n > 0 {
		oldest, newest = q.values[q.gone], q.values[len(q.values)-1]
	}
	return oldest, newest, n
}

// close says that nothing more will be put.
func (q *queue[T]) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.some.Broadcast()
}
