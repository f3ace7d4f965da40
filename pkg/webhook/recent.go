package webhook

import (
	"container/list"
	"time"
)

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
