package listener

import (
	"errors"
	"io"
	"sync"
)

// A backlog is a queue between one who must never wait and one who may be slow.
// It holds so many bytes in memory, and what comes on top in a file.
type backlog[T any] struct {
	limit  int // bytes in memory, about
	dir    string
	size   func(T) int
	encode func(T) ([]byte, error)
	decode func([]byte) (T, error)
	lost   func(error) // what is in the file cannot be read again

	mu     sync.Mutex
	some   sync.Cond // there is something to take, or nothing will come
	memory []T       // older than what is in the file; its first ones are taken
	taken  int       // so many
	bytes  int       // of what is in memory
	spool  *spool
	closed bool
}

func (b *backlog[T]) init() *backlog[T] {
	b.some.L = &b.mu
	return b
}

// put adds v behind all others. It fails only when the file does.
func (b *backlog[T]) put(v T) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := b.size(v)
	if b.spool == nil && (b.bytes+size <= b.limit || b.taken == len(b.memory)) {
		b.makeRoom()
		b.memory = append(b.memory, v)
		b.bytes += size
		b.some.Signal()
		return nil
	}
	data, err := b.encode(v)
	if err != nil {
		return err
	}
	if b.spool == nil {
		if b.spool, err = newSpool(b.dir); err != nil {
			return err
		}
	}
	return b.spool.write(data)
}

// makeRoom uses the room of those taken before memory has to grow.
func (b *backlog[T]) makeRoom() {
	if len(b.memory) == cap(b.memory) && b.taken > len(b.memory)/2 {
		n := copy(b.memory, b.memory[b.taken:])
		clear(b.memory[n:])
		b.memory, b.taken = b.memory[:n], 0
	}
}

// take waits for the oldest one. It is false when the backlog is closed and
// empty. Only one may take at a time.
func (b *backlog[T]) take() (T, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.taken == len(b.memory) {
		b.memory, b.taken = b.memory[:0], 0
		if b.spool != nil {
			b.refill()
			continue
		}
		if b.closed {
			var none T
			return none, false
		}
		b.some.Wait()
	}
	v := b.memory[b.taken]
	var none T
	b.memory[b.taken] = none // let it go
	b.taken++
	b.bytes -= b.size(v)
	return v, true
}

// refill takes from the file what fits into memory, and gives the file up when
// nothing is left in it.
func (b *backlog[T]) refill() {
	for len(b.memory) == 0 || b.bytes < b.limit {
		v, err := b.next()
		if err != nil {
			b.spool.close()
			b.spool = nil
			if !errors.Is(err, io.EOF) {
				b.lost(err)
			}
			return
		}
		b.memory = append(b.memory, v)
		b.bytes += b.size(v)
	}
}

func (b *backlog[T]) next() (v T, err error) {
	data, err := b.spool.read()
	if err != nil {
		return v, err
	}
	return b.decode(data)
}

// close says that nothing more will be put.
func (b *backlog[T]) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.some.Broadcast()
}
