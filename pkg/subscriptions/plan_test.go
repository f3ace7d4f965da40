package subscriptions_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

const placed, cancelled = "gofood.order.placed", "gofood.order.cancelled"

func wanted(event, url string) subscriptions.Wanted {
	return subscriptions.Wanted{Event: event, URL: url, Active: true}
}

func live(id, event, url string, active bool) gobiz.Subscription {
	return gobiz.Subscription{ID: id, Event: event, URL: url, Active: active}
}

// told writes the changes of a plan in short.
func told(p *subscriptions.Plan) []string {
	out := []string{}
	for _, c := range append(slices.Clone(p.Changes), p.Kept...) {
		out = append(out, strings.Join(strings.Fields(fmt.Sprintf("%s %s %s: %s", c.Action, c.ID, c.URL, c.Reason)), " "))
	}
	return out
}

func TestPlan(t *testing.T) {
	const a, b = "https://a.example.com/x", "https://b.example.com/x"
	for _, tt := range []struct {
		name    string
		wanted  []subscriptions.Wanted
		live    []gobiz.Subscription
		options subscriptions.Options
		want    []string
	}{
		{name: "nothing", want: []string{}},
		{name: "missing", wanted: []subscriptions.Wanted{wanted(placed, a)}, want: []string{"create " + a + ": missing"}},
		{name: "right", wanted: []subscriptions.Wanted{wanted(placed, a)}, live: []gobiz.Subscription{live("1", placed, a, true)}, want: []string{}},
		{
			name: "the same to a server", wanted: []subscriptions.Wanted{wanted(placed, "https://a.example.com")},
			live: []gobiz.Subscription{live("1", placed, "HTTPS://A.example.com:443/", true)}, want: []string{},
		},
		{
			name: "inactive", wanted: []subscriptions.Wanted{wanted(placed, a)}, live: []gobiz.Subscription{live("1", placed, a, false)},
			want: []string{"update 1 " + a + ": inactive"},
		},
		{
			name: "should be inactive", wanted: []subscriptions.Wanted{{Event: placed, URL: a}}, live: []gobiz.Subscription{live("1", placed, a, true)},
			want: []string{"update 1 " + a + ": active, and should not be"},
		},
		{
			name: "wrong host and inactive", wanted: []subscriptions.Wanted{wanted(placed, a)}, live: []gobiz.Subscription{live("1", placed, b, false)},
			want: []string{"update 1 " + a + ": wrong host: b.example.com, inactive"},
		},
		{
			name: "wrong in other ways", want: []string{
				"update 1 https://a.example.com/x: wrong path: /y?z=1", "update 2 https://a.example.com/x: wrong scheme: http",
				"update 3 https://a.example.com/x: wrong port: 8443", "update 4 https://a.example.com/x: wrong url: nonsense",
			},
			wanted: []subscriptions.Wanted{wanted("e1", a), wanted("e2", a), wanted("e3", a), wanted("e4", a)},
			live: []gobiz.Subscription{
				live("1", "e1", "https://a.example.com/y?z=1", true), live("2", "e2", "http://a.example.com/x", true),
				live("3", "e3", "https://a.example.com:8443/x", true), live("4", "e4", "nonsense", true),
			},
		},
		{
			name: "twice, the exact one stays", wanted: []subscriptions.Wanted{wanted(placed, a)},
			live: []gobiz.Subscription{live("1", placed, b, true), live("2", placed, a, true)},
			want: []string{"delete 1 " + b + ": duplicate of 2"},
		},
		{
			name: "twice the same url, the active one stays", wanted: []subscriptions.Wanted{wanted(placed, a)},
			live: []gobiz.Subscription{live("1", placed, a, false), live("2", placed, a, true)},
			want: []string{"delete 1 " + a + ": duplicate of 2"},
		},
		{
			name: "the nearest partner", wanted: []subscriptions.Wanted{wanted(placed, a), wanted(placed, "https://b.example.com/y")},
			live: []gobiz.Subscription{live("1", placed, "https://b.example.com/z", true), live("2", placed, "https://c.example.com/x", true)},
			want: []string{"update 2 " + a + ": wrong host: c.example.com", "update 1 https://b.example.com/y: wrong path: /z"},
		},
		{
			name: "an event not named is kept", wanted: []subscriptions.Wanted{wanted(placed, a)},
			live: []gobiz.Subscription{live("1", placed, a, true), live("2", cancelled, a, true)},
			want: []string{"keep 2 " + a + ": not in the file"},
		},
		{
			name: "an event not named is pruned, last", wanted: []subscriptions.Wanted{wanted(placed, a)}, options: subscriptions.Options{Prune: true},
			live: []gobiz.Subscription{live("2", cancelled, a, true)},
			want: []string{"create " + a + ": missing", "delete 2 " + a + ": not in the file"},
		},
		{
			name: "no call for an update", wanted: []subscriptions.Wanted{wanted(placed, a)}, options: subscriptions.Options{NoUpdate: true},
			live: []gobiz.Subscription{live("1", placed, b, true)},
			want: []string{"replace 1 " + a + ": wrong host: b.example.com"},
		},
	} {
		f := &subscriptions.File{Subscriptions: tt.wanted}
		all := subscriptions.Scope{}
		p := f.Plan(map[subscriptions.Scope][]gobiz.Subscription{all: tt.live}, []subscriptions.Scope{all}, tt.options)
		if diff := cmp.Diff(tt.want, told(p)); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.name, diff)
		}
	}
}

func TestScopes(t *testing.T) {
	one := subscriptions.Scope{OutletID: "G1"}
	f := &subscriptions.File{Subscriptions: []subscriptions.Wanted{
		{Event: placed, URL: "https://a.example.com", Active: true, Scope: one}, wanted(cancelled, "https://a.example.com"),
	}}
	scopes := f.Scopes(subscriptions.Rules{})
	if diff := cmp.Diff([]subscriptions.Scope{{}, one}, scopes); diff != "" {
		t.Error(diff)
	}
	// The event is named for the outlet, and not for all.
	p := f.Plan(map[subscriptions.Scope][]gobiz.Subscription{{}: {live("1", placed, "https://a.example.com", true)}}, scopes, subscriptions.Options{})
	want := []string{"create https://a.example.com: missing", "create https://a.example.com: missing", "keep 1 https://a.example.com: not in the file"}
	if diff := cmp.Diff(want, told(p)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	legacy := (&subscriptions.File{}).Scopes(subscriptions.Rules{Enterprise: true, EnterpriseID: "e-1"})
	if diff := cmp.Diff([]subscriptions.Scope{{EnterpriseID: "e-1"}}, legacy); diff != "" {
		t.Error(diff)
	}
}

// server keeps subscriptions as the API does, and fails where it is told to.
type server struct {
	next int
	all  map[subscriptions.Scope][]gobiz.Subscription
	log  []string
	fail map[string]error // by "create event", "update id", "delete id"
}

func (s *server) of(scope subscriptions.Scope) subscriptions.Calls { return &serverScope{s, scope} }

type serverScope struct {
	*server
	scope subscriptions.Scope
}

func (s *serverScope) did(what string) error {
	s.log = append(s.log, what)
	return s.fail[what]
}

func (s *serverScope) find(id string) int {
	return slices.IndexFunc(s.all[s.scope], func(sub gobiz.Subscription) bool { return sub.ID == id })
}

func (s *serverScope) List(context.Context) ([]gobiz.Subscription, error) {
	return s.all[s.scope], nil
}

func (s *serverScope) Get(context.Context, string) (*gobiz.Subscription, error) {
	return nil, errors.New("not used")
}

func (s *serverScope) Create(_ context.Context, r gobiz.SubscriptionRequest) (*gobiz.Subscription, error) {
	if err := s.did("create " + r.Event); err != nil {
		return nil, err
	}
	for _, sub := range s.all[s.scope] {
		if sub.Event == r.Event && sub.URL == r.URL {
			return nil, &gobiz.Error{Status: 409}
		}
	}
	s.next++
	made := live(fmt.Sprintf("new-%d", s.next), r.Event, r.URL, *r.Active)
	s.all[s.scope] = append(s.all[s.scope], made)
	return &made, nil
}

func (s *serverScope) Update(_ context.Context, id string, r gobiz.SubscriptionRequest) (*gobiz.Subscription, error) {
	if err := s.did("update " + id); err != nil {
		return nil, err
	}
	i := s.find(id)
	if i < 0 {
		return nil, &gobiz.Error{Status: 404}
	}
	s.all[s.scope][i] = live(id, r.Event, r.URL, *r.Active)
	return &s.all[s.scope][i], nil
}

func (s *serverScope) Delete(_ context.Context, id string) error {
	if err := s.did("delete " + id); err != nil {
		return err
	}
	i := s.find(id)
	if i < 0 {
		return &gobiz.Error{Status: 404}
	}
	s.all[s.scope] = slices.Delete(s.all[s.scope], i, i+1)
	return nil
}

// Whatever is wanted and whatever is live, one run brings what is wanted, and
// the next has nothing to do.
func TestOneRunIsEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := []string{"e1", "e2", "e3"}
		urls := []string{"https://a.example.com/x", "https://a.example.com/y", "https://b.example.com/x", "https://c.example.com"}
		scopes := []subscriptions.Scope{{}, {OutletID: "G1"}}
		f := &subscriptions.File{}
		named := map[string]bool{}
		for range rapid.IntRange(0, 6).Draw(t, "wanted") {
			w := wanted(rapid.SampledFrom(events).Draw(t, "event"), rapid.SampledFrom(urls).Draw(t, "url"))
			w.Active, w.Scope = rapid.Bool().Draw(t, "active"), rapid.SampledFrom(scopes).Draw(t, "scope")
			if key := fmt.Sprint(w.Event, w.URL, w.Scope); !named[key] {
				named[key] = true
				f.Subscriptions = append(f.Subscriptions, w)
			}
		}
		s := &server{all: map[subscriptions.Scope][]gobiz.Subscription{}}
		for i := range rapid.IntRange(0, 6).Draw(t, "live") {
			scope := rapid.SampledFrom(scopes).Draw(t, "scope")
			s.all[scope] = append(s.all[scope], live(fmt.Sprint(i), rapid.SampledFrom(events).Draw(t, "event"), rapid.SampledFrom(urls).Draw(t, "url"), rapid.Bool().Draw(t, "active")))
		}
		options := subscriptions.Options{Prune: rapid.Bool().Draw(t, "prune"), NoUpdate: rapid.Bool().Draw(t, "no update")}
		p := f.Plan(clone(s.all), scopes, options)
		p.Apply(t.Context(), s.of)
		for _, c := range p.Changes {
			if c.Err != nil || c.Status != subscriptions.Done && c.Status != subscriptions.Unchanged {
				t.Fatalf("%+v", c)
			}
		}
		for _, w := range f.Subscriptions {
			if !slices.ContainsFunc(s.all[w.Scope], func(l gobiz.Subscription) bool { return l.Event == w.Event && l.URL == w.URL && l.Active == w.Active }) {
				t.Fatalf("%+v is not there: %+v", w, s.all)
			}
		}
		again := f.Plan(clone(s.all), scopes, options)
		if len(again.Changes) > 0 || again.Unchanged != len(f.Subscriptions) || options.Prune && len(again.Kept) > 0 {
			t.Fatalf("the second run: %q", told(again))
		}
	})
}

func clone(all map[subscriptions.Scope][]gobiz.Subscription) map[subscriptions.Scope][]gobiz.Subscription {
	out := map[subscriptions.Scope][]gobiz.Subscription{}
	for scope, list := range all {
		out[scope] = slices.Clone(list)
	}
	return out
}
