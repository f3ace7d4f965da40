package webhook

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"
)

// Deliveries remember which notifications were received. GoBiz sends one again
// until it is answered with 2xx, and may send it twice anyway.
//
// A notification has one key or two: the hash of its body, and its event id. Both
// are what was signed. The idempotency key is a header, which is not: whoever has
// read a notification on its way could give it another one and have it worked on
// again, or give it the key of a later one and have that dropped. The keys are
// claimed before the work and completed or released after it. They have at most
// 140 bytes of printable ASCII, if GoBiz's event ids are such.
//
// An implementation for several processes keeps the keys in a database: a claim
// inserts a row unless there is one. It lets claims expire after some minutes,
// since a process may end before it completes one, and forgets completed keys
// after [DefaultMemory] at the earliest.
type Deliveries interface {
	// Claim takes a key for the caller alone, or tells how far another has got.
	Claim(ctx context.Context, key string) (Claim, error)
	// Complete turns a claim into a delivery that is done.
	Complete(ctx context.Context, key string) error
	// Release gives a claim back, so that the next delivery is worked on.
	Release(ctx context.Context, key string) error
}

// Claim is the answer to a claim.
type Claim int

// The answers.
const (
	Claimed   Claim = iota // the caller works on it
	InFlight               // another one does, and may still fail
	Completed              // it is done
)

// Bounds of what is remembered in memory.
const (
	// DefaultRemembered is how many keys or orders are kept. An entry takes about
	// 300 bytes.
	DefaultRemembered = 100_000
	// DefaultMemory is how long they are kept. GoBiz's last repetition comes 5 h
	// 42 min after the first attempt.
	DefaultMemory = 48 * time.Hour
)

// MemoryDeliveries are Deliveries of one process, which forgets them at its end.
type MemoryDeliveries struct {
	mu       sync.Mutex
	inFlight map[string]struct{} // bounded by the requests that are being answered
	done     *recent[struct{}]
}

// NewMemoryDeliveries remembers so many keys, each for so long.
func NewMemoryDeliveries(keys int, memory time.Duration) *MemoryDeliveries {
	return &MemoryDeliveries{inFlight: map[string]struct{}{}, done: newRecent[struct{}](keys, memory)}
}

// Claim takes a key.
func (d *MemoryDeliveries) Claim(_ context.Context, key string) (Claim, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.done.get(key); ok {
		return Completed, nil
	}
	if _, ok := d.inFlight[key]; ok {
		return InFlight, nil
	}
	d.inFlight[key] = struct{}{}
	return Claimed, nil
}

// Complete remembers a key as done.
func (d *MemoryDeliveries) Complete(_ context.Context, key string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.inFlight, key)
	d.done.put(key, struct{}{})
	return nil
}

// Release forgets a claim.
func (d *MemoryDeliveries) Release(_ context.Context, key string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.inFlight, key)
	return nil
}

// claim takes all keys of a notification, or none.
func (h *Handler) claim(ctx context.Context, keys []string) (Claim, error) {
	for i, key := range keys {
		claim, err := h.o.Deliveries.Claim(ctx, key)
		if err == nil && claim == Claimed {
			continue
		}
		_ = h.settle(ctx, keys[:i], h.o.Deliveries.Release) // what is not released expires
		return claim, err
	}
	return Claimed, nil
}

// deliveryKeys are what a notification is known by: its body, whichever secret has
// signed it, and its event id, which stays when GoBiz writes the body anew.
func deliveryKeys(n *Notification, body []byte) []string {
	keys := []string{"body:" + hash(body)}
	if len(n.EventID) > 128 { // is not to take all memory
		return append(keys, "event:"+hash([]byte(n.EventID)))
	}
	if n.EventID != "" {
		keys = append(keys, "event:"+n.EventID)
	}
	return keys
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// recent is a map of bounded size that forgets the entry that was put first, and
// entries that are too old. It is not safe for several goroutines.
type recent[V any] struct {
	capacity int
	memory   time.Duration
	entries  map[string]*list.Element
	age      list.List // of *recentEntry, oldest first
}

type recentEntry[V any] struct {
	key   string
	value V
	until time.Time
}

func newRecent[V any](capacity int, memory time.Duration) *recent[V] {
	return &recent[V]{capacity: max(capacity, 1), memory: memory, entries: map[string]*list.Element{}}
}

func (r *recent[V]) get(key string) (value V, ok bool) {
	element := r.entries[key]
	if element == nil {
		return value, false
	}
	entry := element.Value.(*recentEntry[V])
	if !time.Now().Before(entry.until) {
		r.remove(element)
		return value, false
	}
	return entry.value, true
}

// put makes an entry the youngest.
func (r *recent[V]) put(key string, value V) {
	if element := r.entries[key]; element != nil {
		r.remove(element)
	}
	for len(r.entries) >= r.capacity {
		r.remove(r.age.Front())
	}
	r.entries[key] = r.age.PushBack(&recentEntry[V]{key, value, time.Now().Add(r.memory)})
}

func (r *recent[V]) remove(element *list.Element) {
	delete(r.entries, element.Value.(*recentEntry[V]).key)
	r.age.Remove(element)
}
