package credentials

import (
	"context"
	"sync"
)

// Memory keeps records for the life of the process.
type Memory struct {
	mu      sync.Mutex
	records map[string]Record
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{records: map[string]Record{}} }

// Name is "memory".
func (m *Memory) Name() string { return KindMemory }

// Load returns a copy of the profile's record.
func (m *Memory) Load(ctx context.Context, profile string) (Record, error) {
	if err := ctx.Err(); err != nil {
		return Record{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.records[profile]
	if !ok {
		return Record{}, ErrNotFound
	}
	return r.Clone(), nil
}

// Save keeps a copy of the record.
func (m *Memory) Save(ctx context.Context, profile string, record Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records[profile] = record.Clone()
	return nil
}

// Delete forgets the profile's record.
func (m *Memory) Delete(ctx context.Context, profile string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.records, profile)
	return nil
}
