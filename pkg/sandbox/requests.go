package sandbox

import (
	"maps"
	"sync"
	"time"
)

// Request is what a sandbox remembers of a request: no header values,
// no query values and no bodies, which may carry secrets.
type Request struct {
	Time      time.Time `json:"time"`
	Operation string    `json:"operation,omitempty"` // empty: no such endpoint
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Status    int       `json:"status"` // 0: closed without an answer
	RequestID string    `json:"request_id"`
	UserAgent string    `json:"user_agent,omitempty"`
	Fault     string    `json:"fault,omitempty"` // the rule that was applied
}

// Requests is what a sandbox was asked for since its start or reset.
type Requests struct {
	Counts map[string]int `json:"counts"` // by operation id
	Last   []Request      `json:"last"`   // the last 200, oldest first
}

// keptRequests bounds the memory of a sandbox that runs for weeks.
const keptRequests = 200

// requestLog counts requests by operation and keeps the last ones. It lives in
// memory only.
type requestLog struct {
	mu     sync.Mutex
	counts map[string]int
	last   []Request // oldest first
}

func (l *requestLog) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Operation != "" {
		l.counts[r.Operation]++
	}
	if len(l.last) == 2*keptRequests { // not for each request
		l.last = append(l.last[:0], l.last[keptRequests:]...)
	}
	l.last = append(l.last, r)
}

func (l *requestLog) snapshot() Requests {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Requests{maps.Clone(l.counts), append([]Request{}, l.last[max(0, len(l.last)-keptRequests):]...)}
}

func (l *requestLog) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.counts)
	l.last = nil
}
