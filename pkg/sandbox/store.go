package sandbox

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"
)

// store is everything the sandbox remembers: tables of entities in memory and,
// when a state file is named, a journal of what changed in them. A request
// changes state through one update, which is one line of the journal, so a kill
// leaves either the state before the request or after it.
type store struct {
	mu      sync.RWMutex
	journal *journal // nil: memory only

	meta          *table[string] // single values, by name
	partners      *table[partner]
	users         *table[UserInfo]  // by phone
	outlets       *table[outlet]    // by outlet id
	codes         *table[authCode]  // by code
	tokens        *table[tokenInfo] // access tokens, by token
	refreshes     *table[refreshToken]
	families      *table[tokenFamily] // by id
	subscriptions *table[subscription]
	orders        *table[Order] // by order number
	deliveries    *table[Delivery]
	promos        *table[promo]
	payments      *table[payment]
	idempotency   *table[idempotentAnswer] // by scope + key
	tables        []anyTable
}

// anyTable is a table without its element type, for what is done to all alike.
type anyTable interface {
	load(rows map[string]map[string]json.RawMessage) error
	changed(c *change[any])
	snapshot(c *change[any])
	end(kept bool)
	clear()
}

func newStore() *store {
	s := &store{}
	s.meta = addTable[string](s, "meta")
	s.partners = addTable[partner](s, "partners")
	s.users = addTable[UserInfo](s, "users")
	s.outlets = addTable[outlet](s, "outlets")
	s.codes = addTable[authCode](s, "codes")
	s.tokens = addTable[tokenInfo](s, "tokens")
	s.refreshes = addTable[refreshToken](s, "refreshes")
	s.families = addTable[tokenFamily](s, "families")
	s.subscriptions = addTable[subscription](s, "subscriptions")
	s.orders = addTable[Order](s, "orders")
	s.deliveries = addTable[Delivery](s, "deliveries")
	s.promos = addTable[promo](s, "promos")
	s.payments = addTable[payment](s, "payments")
	s.idempotency = addTable[idempotentAnswer](s, "idempotency")
	return s
}

func addTable[T any](s *store, name string) *table[T] {
	t := &table[T]{name: name, rows: map[string]T{}, undo: map[string]*T{}}
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
	j, rows, err := openJournal(path)
	if err != nil {
		return nil, stateError(path, err)
	}
	for _, t := range s.tables {
		err = errors.Join(err, t.load(rows))
	}
	if err != nil || len(rows) > 0 { // its checksums are right
		return nil, errors.Join(stateError(path, errStateVersion), j.close())
	}
	s.journal = j
	if err := j.rewrite(s.snapshot()); err != nil {
		return nil, errors.Join(stateError(path, err), j.close())
	}
	return s, nil
}

// snapshot returns all rows.
func (s *store) snapshot() change[any] {
	c := change[any]{Put: map[string]any{}}
	for _, t := range s.tables {
		t.snapshot(&c)
	}
	return c
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	return s.journal.close()
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
// and undone otherwise.
func (s *store) update(fn func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := false
	defer func() {
		for _, t := range s.tables {
			t.end(kept)
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	if s.journal != nil {
		if err := s.write(); err != nil {
			return err
		}
	}
	kept = true
	return nil
}

// write adds what has changed to the journal.
func (s *store) write() error {
	c := change[any]{Put: map[string]any{}, Delete: map[string][]string{}}
	for _, t := range s.tables {
		t.changed(&c)
	}
	if len(c.Put)+len(c.Delete) == 0 {
		return nil
	}
	if s.journal.full() {
		return s.journal.rewrite(s.snapshot()) // after an error the next update tries again
	}
	return s.journal.add(c)
}

// clear forgets everything, for a reset. It must run inside update.
func (s *store) clear() {
	for _, t := range s.tables {
		t.clear()
	}
}

// table holds entities of one kind by id. Its methods must run inside the
// store's view or update.
type table[T any] struct {
	name string
	rows map[string]T
	undo map[string]*T // what the update under way has changed, as it was; nil: no row

	// A bounded table drops rows when it has grown to pruneAt.
	bounds  bounds[T]
	pruneAt int
}

// bounds say which rows a table may forget.
type bounds[T any] struct {
	limit int // rows to keep
	stale func(T) bool
	age   func(T) time.Time // the oldest go first
}

// find reads one row, in a view of its own.
func find[T any](s *store, t *table[T], id string) (row T, ok bool) {
	s.view(func() { row, ok = t.get(id) })
	return row, ok
}

func (t *table[T]) get(id string) (T, bool) {
	v, ok := t.rows[id]
	return v, ok
}

func (t *table[T]) put(id string, v T) {
	t.keep(id)
	t.rows[id] = v
	if t.bounds.limit > 0 && len(t.rows) >= t.pruneAt {
		t.prune()
	}
}

func (t *table[T]) delete(id string) {
	t.keep(id)
	delete(t.rows, id)
}

// keep remembers a row before its first change.
func (t *table[T]) keep(id string) {
	if _, changed := t.undo[id]; changed {
		return
	}
	if old, ok := t.rows[id]; ok {
		t.undo[id] = &old
	} else {
		t.undo[id] = nil
	}
}

func (t *table[T]) clear() {
	for id := range t.rows {
		t.delete(id)
	}
}

// bound makes the table forget rows from now on.
func (t *table[T]) bound(b bounds[T]) { t.bounds, t.pruneAt = b, minPrune }

// minPrune keeps a small table from being looked through all the time.
const minPrune = 1000

// prune drops the rows that are stale, and the oldest above the limit. The next
// time is when the table has doubled, or is a quarter above its limit, so that
// what it costs for each new row does not depend on how many there are.
func (t *table[T]) prune() {
	var left []string
	for id, v := range t.rows {
		switch _, changed := t.undo[id]; {
		case changed: // it is new
		case t.bounds.stale(v):
			t.delete(id)
		default:
			left = append(left, id)
		}
	}
	limit := t.bounds.limit
	if excess := len(left) - limit; excess > 0 {
		slices.SortFunc(left, func(a, b string) int { return t.bounds.age(t.rows[a]).Compare(t.bounds.age(t.rows[b])) })
		for _, id := range left[:excess] {
			t.delete(id)
		}
		left = left[excess:]
	}
	t.pruneAt = max(minPrune, min(2*len(left), limit+limit/4))
}

// all returns the rows in the order of their ids.
func (t *table[T]) all() []T {
	rows := make([]T, 0, len(t.rows))
	for _, id := range slices.Sorted(maps.Keys(t.rows)) {
		rows = append(rows, t.rows[id])
	}
	return rows
}

// load takes the table's rows out of all that were read.
func (t *table[T]) load(rows map[string]map[string]json.RawMessage) error {
	for id, text := range rows[t.name] {
		var v T
		if err := json.Unmarshal(text, &v); err != nil {
			return err
		}
		t.rows[id] = v
	}
	delete(rows, t.name)
	return nil
}

func (t *table[T]) changed(c *change[any]) {
	put := map[string]any{}
	for id := range t.undo {
		if v, ok := t.rows[id]; ok {
			put[id] = v
		} else {
			c.Delete[t.name] = append(c.Delete[t.name], id)
		}
	}
	if len(put) > 0 {
		c.Put[t.name] = put
	}
}

func (t *table[T]) snapshot(c *change[any]) { c.Put[t.name] = t.rows }

// end ends an update, whose changes are kept or undone.
func (t *table[T]) end(kept bool) {
	for id, old := range t.undo {
		switch {
		case kept:
		case old == nil:
			delete(t.rows, id)
		default:
			t.rows[id] = *old
		}
	}
	clear(t.undo)
}

// next counts the named sequence up and gives its new value. It must run inside
// update.
func (s *store) next(name string) int {
	n := s.last(name) + 1
	s.meta.put("sequence_"+name, strconv.Itoa(n))
	return n
}

// last returns the named sequence's value, 0 when it has not begun.
func (s *store) last(name string) int {
	text, _ := s.meta.get("sequence_" + name)
	n, _ := strconv.Atoi(text)
	return n
}
