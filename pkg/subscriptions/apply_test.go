package subscriptions_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

// statuses gives what became of each change.
func statuses(p *subscriptions.Plan) (out []string) {
	for _, c := range p.Changes {
		text := string(c.Action) + " " + c.Event + " " + string(c.Status)
		if c.Err != nil {
			text += ": " + c.Err.Error()
		}
		out = append(out, text)
	}
	return out
}

func apply(ctx context.Context, s *server, f *subscriptions.File, o subscriptions.Options) *subscriptions.Plan {
	scopes := []subscriptions.Scope{{}}
	p := f.Plan(clone(s.all), scopes, o)
	p.Apply(ctx, s.of)
	return p
}

func TestAFailureStopsOnlyItsEvent(t *testing.T) {
	const a, b, c = "https://a.example.com", "https://b.example.com", "https://c.example.com"
	broken := errors.New("no answer")
	s := &server{
		all: map[subscriptions.Scope][]gobiz.Subscription{{}: {
			live("1", "e1", b, true), live("2", "e1", c, true), // 1 is to go to a, 2 to be deleted
			live("3", "e2", a, true), live("4", "e2", b, true),
			live("5", "e3", a, true), live("6", "e3", b, true),
		}},
		fail: map[string]error{"update 1": broken, "create e4": broken, "delete 4": broken, "delete 6": &gobiz.Error{Status: 404}, "create e5": &gobiz.Error{Status: 409}},
	}
	p := apply(t.Context(), s, &subscriptions.File{Subscriptions: []subscriptions.Wanted{
		wanted("e1", a), wanted("e2", a), wanted("e3", a), wanted("e4", a), wanted("e5", a), wanted("e6", a),
	}}, subscriptions.Options{})
	want := []string{
		"create e4 failed: no answer", "create e5 unchanged", "create e6 done", "update e1 failed: no answer",
		"delete e1 skipped: not deleted, because another change of its event failed", "delete e2 failed: no answer", "delete e3 unchanged",
	}
	if diff := cmp.Diff(want, statuses(p)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff(subscriptions.Summary{Created: 1, Unchanged: 4, Failed: 4}, p.Summary()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestReplace(t *testing.T) {
	const a, b = "https://a.example.com", "https://b.example.com"
	f := &subscriptions.File{Subscriptions: []subscriptions.Wanted{wanted("e1", a)}}
	for _, tt := range []struct {
		name string
		live gobiz.Subscription
		fail map[string]error
		log  []string
		want []string
	}{
		{name: "another url: the new one first", live: live("1", "e1", b, true), log: []string{"create e1", "delete 1"}, want: []string{"replace e1 done"}},
		{name: "the same url: the old one is in the way", live: live("1", "e1", a, false), log: []string{"delete 1", "create e1"}, want: []string{"replace e1 done"}},
		{
			name: "no new one: the old one stays", live: live("1", "e1", b, true), fail: map[string]error{"create e1": errors.New("no answer")},
			log: []string{"create e1"}, want: []string{"replace e1 failed: no answer"},
		},
		{
			name: "the old one does not go", live: live("1", "e1", b, true), fail: map[string]error{"delete 1": errors.New("no answer")},
			log: []string{"create e1", "delete 1"}, want: []string{"replace e1 failed: delete the old one (1): no answer"},
		},
		{
			name: "gone, and no new one", live: live("1", "e1", a, false), fail: map[string]error{"create e1": errors.New("no answer")},
			log: []string{"delete 1", "create e1"}, want: []string{"replace e1 failed: the old one is deleted, create the new one: no answer"},
		},
	} {
		s := &server{all: map[subscriptions.Scope][]gobiz.Subscription{{}: {tt.live}}, fail: tt.fail}
		p := apply(t.Context(), s, f, subscriptions.Options{NoUpdate: true})
		if diff := cmp.Diff(tt.want, statuses(p)); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(tt.log, s.log); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.name, diff)
		}
	}
}

// Two inactive ones of the same url: with the second still there the API would
// call the new one a duplicate, and then it would be gone as well.
func TestReplaceOfTwins(t *testing.T) {
	const a = "https://a.example.com"
	s := &server{all: map[subscriptions.Scope][]gobiz.Subscription{{}: {live("1", "e1", a, false), live("2", "e1", a, false)}}}
	apply(t.Context(), s, &subscriptions.File{Subscriptions: []subscriptions.Wanted{wanted("e1", a)}}, subscriptions.Options{NoUpdate: true})
	if left := s.all[subscriptions.Scope{}]; len(left) != 1 || left[0].ID != "new-1" || !left[0].Active {
		t.Errorf("%+v", left)
	}
}

func TestInterruptedApply(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &server{all: map[subscriptions.Scope][]gobiz.Subscription{}}
	p := apply(ctx, s, &subscriptions.File{Subscriptions: []subscriptions.Wanted{wanted("e1", "https://a.example.com")}}, subscriptions.Options{})
	if p.Changes[0].Status != subscriptions.Skipped || !errors.Is(p.Changes[0].Err, context.Canceled) || len(s.log) > 0 {
		t.Errorf("%+v, calls %q", p.Changes[0], s.log)
	}
}
