package subscriptions

import (
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// Action is what is to be done with one subscription.
type Action string

// The actions.
const (
	Create Action = "create"
	Update Action = "update"
	// Replace is an update on the legacy API, which has no call for one: a new
	// subscription, and the old one deleted.
	Replace Action = "replace"
	Delete  Action = "delete"
	Keep    Action = "keep" // live and not in the file
)

// Status is what became of a change.
type Status string

// The statuses.
const (
	Planned   Status = "planned"
	Done      Status = "done"
	Unchanged Status = "unchanged" // it was so already
	Failed    Status = "failed"
	Skipped   Status = "skipped" // not tried
	Kept      Status = "kept"
)

// A Change is a step from what is live to what is wanted.
type Change struct {
	Action Action
	Scope
	Event   string
	ID      string // of the live subscription; of the new one once it is created
	URL     string // wanted; of the one that goes or stays, for Delete and Keep
	FromURL string // live, where it differs from URL
	Active  bool
	Reason  string // in a few words; may hold text of the server
	Status  Status
	Err     error // why it failed or was skipped

	deleteFirst bool // Replace: the old one stands in the way of the new one
	inTheWay    bool // Delete: so does this one
}

// A Plan brings what is live to what a file says.
type Plan struct {
	// Changes are in the order in which they are made: creations, updates,
	// deletions, so that no event is lost in between.
	Changes []Change
	// Kept are live subscriptions of events that the file does not name.
	Kept []Change
	// Unchanged counts the subscriptions that are as the file says.
	Unchanged int
}

// Options of a plan.
type Options struct {
	// Prune deletes what would be kept.
	Prune bool
	// NoUpdate is for an API without a call that changes a subscription.
	NoUpdate bool
}

// Scopes are those that a plan looks at: the partner's own, and every one that
// the file names; on the legacy API the enterprises. Other outlets' are left
// alone.
func (f *File) Scopes(rules Rules) []Scope {
	scopes := []Scope{{}}
	if rules.Enterprise {
		scopes = nil
		if rules.EnterpriseID != "" {
			scopes = append(scopes, Scope{EnterpriseID: rules.EnterpriseID})
		}
	}
	for _, w := range f.Subscriptions {
		if !slices.Contains(scopes, w.Scope) {
			scopes = append(scopes, w.Scope)
		}
	}
	return scopes
}

// Plan compares a checked file with what is live in its scopes.
func (f *File) Plan(live map[Scope][]gobiz.Subscription, scopes []Scope, o Options) *Plan {
	p := &Plan{}
	for _, scope := range scopes {
		m := &matcher{scope: scope, options: o, plan: p, live: slices.Clone(live[scope])}
		for i, w := range f.Subscriptions {
			if w.Scope == scope {
				w.place = i
				m.wanted = append(m.wanted, w)
			}
		}
		m.match()
	}
	slices.SortStableFunc(p.Changes, func(a, b Change) int { return a.turn() - b.turn() })
	return p
}

// turn is when a change is made. What frees the way of a replacement comes before
// it; that is inactive, so no event is lost.
func (c Change) turn() int {
	switch {
	case c.Action == Create:
		return 0
	case c.inTheWay:
		return 1
	case c.Action == Delete:
		return 4
	case c.deleteFirst:
		return 3
	}
	return 2
}

// matcher pairs what is wanted in one scope with what is live there.
type matcher struct {
	scope   Scope
	options Options
	plan    *Plan
	wanted  []Wanted // without a partner yet
	live    []gobiz.Subscription
	pairs   []pair
}

type pair struct {
	wanted Wanted
	live   gobiz.Subscription
}

func (m *matcher) match() {
	named := map[string]bool{}
	for _, w := range m.wanted {
		named[w.Event] = true
	}
	// The likeliest partners first: the same, the same but inactive, one with
	// another path, one with another host, any.
	for _, fits := range []func(w Wanted, s gobiz.Subscription) bool{
		func(w Wanted, s gobiz.Subscription) bool { return sameURL(w.URL, s.URL) && w.Active == s.Active },
		func(w Wanted, s gobiz.Subscription) bool { return sameURL(w.URL, s.URL) },
		func(w Wanted, s gobiz.Subscription) bool { return sameHost(w.URL, s.URL) },
		func(w Wanted, s gobiz.Subscription) bool { return samePath(w.URL, s.URL) },
		func(Wanted, gobiz.Subscription) bool { return true },
	} {
		m.wanted = slices.DeleteFunc(m.wanted, func(w Wanted) bool {
			i := slices.IndexFunc(m.live, func(s gobiz.Subscription) bool { return s.Event == w.Event && fits(w, s) })
			if i < 0 {
				return false
			}
			m.pairs = append(m.pairs, pair{w, m.live[i]})
			m.live = slices.Delete(m.live, i, i+1)
			return true
		})
	}
	for _, w := range m.wanted {
		m.plan.Changes = append(m.plan.Changes, Change{
			Action: Create, Scope: m.scope, Event: w.Event, URL: w.URL, Active: w.Active, Reason: "missing", Status: Planned,
		})
	}
	slices.SortFunc(m.pairs, func(a, b pair) int { return a.wanted.place - b.wanted.place })
	for _, p := range m.pairs {
		m.change(p)
	}
	for _, s := range m.live {
		m.leftover(s, named[s.Event])
	}
}

// change is an update, unless the two are the same.
func (m *matcher) change(p pair) {
	var reasons []string
	same := sameURL(p.wanted.URL, p.live.URL)
	if !same {
		reasons = append(reasons, wrongURL(p.live.URL, p.wanted.URL))
	}
	switch {
	case p.live.Active == p.wanted.Active:
	case p.wanted.Active:
		reasons = append(reasons, "inactive")
	default:
		reasons = append(reasons, "active, and should not be")
	}
	if len(reasons) == 0 {
		m.plan.Unchanged++
		return
	}
	c := Change{
		Action: Update, Scope: m.scope, Event: p.wanted.Event, ID: p.live.ID, URL: p.wanted.URL, Active: p.wanted.Active,
		Reason: strings.Join(reasons, ", "), Status: Planned,
	}
	if !same {
		c.FromURL = p.live.URL
	}
	if m.options.NoUpdate {
		c.Action, c.deleteFirst = Replace, same
	}
	m.plan.Changes = append(m.plan.Changes, c)
}

// leftover is a live subscription that no line of the file stands for.
func (m *matcher) leftover(s gobiz.Subscription, named bool) {
	c := Change{Action: Delete, Scope: m.scope, Event: s.Event, ID: s.ID, URL: s.URL, Active: s.Active, Status: Planned}
	switch {
	case named:
		c.Reason = m.duplicateOf(s)
		c.inTheWay = m.options.NoUpdate && slices.ContainsFunc(m.pairs, func(p pair) bool {
			return p.wanted.Event == s.Event && sameURL(p.wanted.URL, s.URL) && sameURL(p.live.URL, s.URL) && p.wanted.Active != p.live.Active
		})
	case m.options.Prune:
		c.Reason = "not in the file"
	default:
		c.Action, c.Status, c.Reason = Keep, Kept, "not in the file"
		m.plan.Kept = append(m.plan.Kept, c)
		return
	}
	m.plan.Changes = append(m.plan.Changes, c)
}

// duplicateOf names the subscription that stays: the one of the same URL before
// another of the event.
func (m *matcher) duplicateOf(s gobiz.Subscription) string {
	id := ""
	for _, p := range m.pairs {
		if p.wanted.Event == s.Event && (id == "" || sameURL(p.wanted.URL, s.URL)) {
			id = p.live.ID
		}
	}
	return "duplicate of " + id
}

// Summary counts what a plan does, or has done.
type Summary struct {
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Deleted   int `json:"deleted"`
	Unchanged int `json:"unchanged"`
	Kept      int `json:"kept"`
	Failed    int `json:"failed"` // tried in vain, or not tried
}

// Summary counts the changes that are planned or done.
func (p *Plan) Summary() Summary {
	s := Summary{Unchanged: p.Unchanged, Kept: len(p.Kept)}
	for _, c := range p.Changes {
		switch {
		case c.Status == Failed, c.Status == Skipped:
			s.Failed++
		case c.Status == Unchanged:
			s.Unchanged++
		case c.Action == Create:
			s.Created++
		case c.Action == Delete:
			s.Deleted++
		default:
			s.Updated++
		}
	}
	return s
}
