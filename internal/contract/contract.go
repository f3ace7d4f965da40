// Package contract holds HTTP traffic against docs/api/openapi.yaml, the description of the GoBiz wire that is
// written from public facts and not from our Go types. Only tests import it: it judges every request of the client
// and every answer of the sandbox, so neither can repeat the other's mistakes.
//
// Requests are judged strictly: an unknown property, query parameter or content type is a violation. Answers are
// judged tolerantly in what they add, and strictly in what is documented: status, content type, types and required fields.
package contract

import (
	"maps"
	"slices"
	"sync"
	"testing"
)

// Contract judges requests, answers and webhooks, and remembers which operations it has seen. Its methods may be
// used by several goroutines.
type Contract struct {
	doc           *document
	seen          *sightings
	responsesOnly bool
}

// Operation is one documented call.
type Operation struct {
	ID     string // operationId
	Method string // "GET", …
	Path   string // template, e.g. "/integrations/partner/outlets/{outlet_id}/v1"

	// Grants are the OAuth grants whose tokens the operation takes: "client_credentials", "authorization_code".
	// Empty for the two OAuth operations, which take no token.
	Grants []string
	// Scopes are alternatives: a token needs one of them. Empty when no scope is documented.
	Scopes []string
	// ScopesByGrant are the same alternatives, for each grant apart.
	ScopesByGrant map[string][]string

	EIM      bool     // belongs to the legacy Enterprise Integration Middleware
	OAuth    bool     // lives on the OAuth host
	Statuses []string // documented statuses, e.g. "200", "5XX"
}

// Load reads the document from the source tree, once per process, and returns a contract that has seen nothing yet.
// It ends the test when the document cannot be read.
func Load(t testing.TB) *Contract {
	t.Helper()
	doc, err := loadDocument()
	if err != nil {
		t.Fatalf("load contract: %v", err)
	}
	return &Contract{doc: doc, seen: &sightings{}}
}

// ResponsesOnly is the same contract for tests that send broken requests on purpose: it judges answers and takes any
// request. A path or method that is not documented must be answered with 404 or 405. It shares what has been seen with c.
func (c *Contract) ResponsesOnly() *Contract {
	return &Contract{doc: c.doc, seen: c.seen, responsesOnly: true}
}

// Operations lists all documented operations, in the order of paths and methods. Callers must not change their lists.
func (c *Contract) Operations() []Operation {
	out := make([]Operation, len(c.doc.operations))
	for i, op := range c.doc.operations {
		out[i] = op.Operation
	}
	return out
}

// Webhooks lists the keys that CheckWebhook knows: the event names, and EIMOrderEvent.
func (c *Contract) Webhooks() []string { return slices.Sorted(maps.Keys(c.doc.webhooks)) }

// Seen gives the statuses that were judged so far, by operation id, sorted.
func (c *Contract) Seen() map[string][]int { return c.seen.all() }

// Unseen lists the operation ids for which no successful answer (2xx, or 3xx for the authorization endpoint) was
// judged so far, sorted.
func (c *Contract) Unseen() []string {
	seen := c.seen.all()
	var out []string
	for _, op := range c.doc.operations {
		if !slices.ContainsFunc(seen[op.ID], func(status int) bool { return status >= 200 && status < 400 }) {
			out = append(out, op.ID)
		}
	}
	slices.Sort(out)
	return out
}

// sightings counts judged answers by operation and status.
type sightings struct {
	mu sync.Mutex
	m  map[string][]int
}

func (s *sightings) add(operation string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = map[string][]int{}
	}
	if at, found := slices.BinarySearch(s.m[operation], status); !found {
		s.m[operation] = slices.Insert(s.m[operation], at, status)
	}
}

func (s *sightings) all() map[string][]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string][]int, len(s.m))
	for id, statuses := range s.m {
		out[id] = slices.Clone(statuses)
	}
	return out
}
