package sandbox

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"go.etcd.io/bbolt"
)

// store is everything the sandbox remembers: tables of entities in memory and,
// when a state file is named, the same entities in one bbolt file. A request
// changes state through one update, which reaches the file as one transaction
// or not at all, so a kill leaves either the state before the request or after
// it.
type store struct {
	mu   sync.RWMutex
	file *bbolt.DB // nil: memory only
	sum  uint64    // of the rows in the file (see rowSum)

	meta          *table[string] // single values, by name
	partners      *table[partner]
	users         *table[user]      // by phone
	outlets       *table[outlet]    // by outlet id
	codes         *table[authCode]  // by code
	tokens        *table[tokenInfo] // access tokens, by token
	refreshes     *table[refreshToken]
	subscriptions *table[subscription]
	orders        *table[order] // by order number
	deliveries    *table[delivery]
	promos        *table[promo]
	payments      *table[payment]
	idempotency   *table[idempotentAnswer] // by scope + key
	tables        []anyTable
}

// anyTable is a table without its element type, for what is done to all alike.
type anyTable interface {
	tableName() string
	load(id, value []byte) error
	flush(b *bbolt.Tx, sum *uint64) error
	commit()
	rollback()
	clear()
}

func newStore() *store {
	s := &store{}
	s.meta = addTable[string](s, "meta")
	s.partners = addTable[partner](s, "partners")
	s.users = addTable[user](s, "users")
	s.outlets = addTable[outlet](s, "outlets")
	s.codes = addTable[authCode](s, "codes")
	s.tokens = addTable[tokenInfo](s, "tokens")
	s.refreshes = addTable[refreshToken](s, "refreshes")
	s.subscriptions = addTable[subscription](s, "subscriptions")
	s.orders = addTable[order](s, "orders")
	s.deliveries = addTable[delivery](s, "deliveries")
	s.promos = addTable[promo](s, "promos")
	s.payments = addTable[payment](s, "payments")
	s.idempotency = addTable[idempotentAnswer](s, "idempotency")
	return s
}

func addTable[T any](s *store, name string) *table[T] {
	t := &table[T]{name: name, rows: map[string]T{}, pending: map[string]*T{}}
	s.tables = append(s.tables, t)
	return t
}

// openStore reads the state file at path, or makes an empty one. An empty path
// keeps the state in memory. A file that another sandbox holds is an error.
func openStore(path string) (*store, error) {
	s := newStore()
	if path == "" {
		return s, nil
	}
	sum, err := checkStateFile(path, func(name string) bool {
		return slices.ContainsFunc(s.tables, func(t anyTable) bool { return t.tableName() == name })
	})
	if err != nil {
		return nil, stateError(path, err)
	}
	file, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: stateLockWait,
		// A killed process loses nothing without fsync, since the page cache
		// outlives it; a power cut may lose the state of a test server.
		NoSync: true,
		// The free pages are what the checked tree does not use.
		NoFreelistSync: true,
	})
	if err != nil {
		return nil, stateError(path, err)
	}
	s.file, s.sum = file, sum
	err = file.View(func(b *bbolt.Tx) error {
		for _, t := range s.tables {
			bucket := b.Bucket([]byte(t.tableName()))
			if bucket == nil {
				continue
			}
			if err := bucket.ForEach(t.load); err != nil {
				return stateError(path, errStateVersion) // its checksum is right
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Sync(), s.file.Close())
}

// view runs fn while nothing changes. fn must not keep references into rows
// that it could later change: a row is a value, its slices and maps are shared
// and are replaced, never edited in place.
func (s *store) view(fn func()) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	fn()
}

// update runs fn alone; what fn puts and deletes is kept when it returns nil
// and forgotten otherwise.
func (s *store) update(fn func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := fn()
	if err == nil && s.file != nil {
		err = s.flush()
	}
	for _, t := range s.tables {
		if err == nil {
			t.commit()
		} else {
			t.rollback()
		}
	}
	return err
}

// flush writes what is pending, and the new sum, in one transaction.
func (s *store) flush() error {
	sum := s.sum
	err := s.file.Update(func(b *bbolt.Tx) error {
		for _, t := range s.tables {
			if err := t.flush(b, &sum); err != nil {
				return err
			}
		}
		bucket, err := b.CreateBucketIfNotExists([]byte(checksumBucket))
		if err != nil {
			return err
		}
		return bucket.Put([]byte(checksumKey), binary.BigEndian.AppendUint64(nil, sum))
	})
	if err == nil {
		s.sum = sum
	}
	return err
}

// clear forgets everything, for a reset. It must run inside update.
func (s *store) clear() {
	for _, t := range s.tables {
		t.clear()
	}
}

// table holds entities of one kind by id. Its methods must run inside the
// store's view or update; inside an update they see what it has put so far.
type table[T any] struct {
	name    string
	rows    map[string]T
	pending map[string]*T // nil: deleted
}

func (t *table[T]) get(id string) (T, bool) {
	if p, ok := t.pending[id]; ok {
		if p == nil {
			var zero T
			return zero, false
		}
		return *p, true
	}
	v, ok := t.rows[id]
	return v, ok
}

func (t *table[T]) put(id string, v T) { t.pending[id] = &v }

func (t *table[T]) delete(id string) { t.pending[id] = nil }

func (t *table[T]) clear() {
	for id := range t.rows {
		t.pending[id] = nil
	}
	for id := range t.pending {
		t.pending[id] = nil
	}
}

// all gives the rows in the order of their ids.
func (t *table[T]) all() []T {
	ids := slices.Collect(maps.Keys(t.rows))
	for id := range t.pending {
		if _, ok := t.rows[id]; !ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	rows := make([]T, 0, len(ids))
	for _, id := range ids {
		if v, ok := t.get(id); ok {
			rows = append(rows, v)
		}
	}
	return rows
}

func (t *table[T]) tableName() string { return t.name }

func (t *table[T]) load(id, value []byte) error {
	var v T
	if err := json.Unmarshal(value, &v); err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	t.rows[string(id)] = v
	return nil
}

func (t *table[T]) flush(b *bbolt.Tx, sum *uint64) error {
	if len(t.pending) == 0 {
		return nil
	}
	bucket, err := b.CreateBucketIfNotExists([]byte(t.name))
	if err != nil {
		return err
	}
	for id, v := range t.pending {
		key := []byte(id)
		if old := bucket.Get(key); old != nil {
			*sum -= rowSum(t.name, key, old)
		}
		if v == nil {
			err = bucket.Delete(key)
		} else {
			var value []byte
			if value, err = json.Marshal(*v); err == nil {
				*sum += rowSum(t.name, key, value)
				err = bucket.Put(key, value)
			}
		}
		if err != nil {
			return fmt.Errorf("table %s, %s: %w", t.name, id, err)
		}
	}
	return nil
}

func (t *table[T]) commit() {
	for id, v := range t.pending {
		if v == nil {
			delete(t.rows, id)
		} else {
			t.rows[id] = *v
		}
	}
	clear(t.pending)
}

func (t *table[T]) rollback() { clear(t.pending) }
