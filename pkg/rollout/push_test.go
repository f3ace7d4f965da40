package rollout_test

import (
	"context"
	"errors"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// atOnce shows a pushed menu at once.
var atOnce = sandbox.Options{CatalogDelay: -1}

func TestPush(t *testing.T) {
	p := start(t, atOnce)
	var asked rollout.Proposal
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	result, err := rollout.Push(t.Context(), p.partner(), outletID, p.file("menu.yaml", smallMenu, catalog.Partner), rollout.Options{
		Consent: func(_ context.Context, proposal rollout.Proposal) error {
			if n := p.puts(); n != 0 {
				t.Errorf("%d menus were written before consent", n)
			}
			asked = proposal
			return nil
		},
		Now: func() time.Time { now = now.Add(time.Second); return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	if asked.OutletID != outletID || asked.Diff.LiveItems != 8 || asked.Items != 6 || asked.Diff.Summary.Total() != result.Changes {
		t.Errorf("consent was asked for %+v", asked)
	}
	if text := strings.Join(asked.Diff.Sentences(), "\n"); !strings.Contains(text, `"NEW-1" is missing live`) || !strings.Contains(text, "price is 27000 live, and 28000 in the payload") {
		t.Errorf("the differences are:\n%s", text)
	}
	if result.Status != rollout.Pushed || result.RequestID == "" || result.RequestID != result.Payload.RequestID || result.Attempts != 1 || result.Duration < time.Second {
		t.Errorf("result: %+v", result)
	}
	if n := p.puts(); n != 1 {
		t.Errorf("%d menus were written", n)
	}
	if differences := catalog.Differences(result.Payload, p.live()); len(differences) != 0 {
		t.Errorf("the pushed menu reads back differently: %v", differences)
	}
}

func TestPushOfWhatIsLiveWritesNothing(t *testing.T) {
	p := start(t, atOnce)
	refuse := func(context.Context, rollout.Proposal) error { return errors.New("asked for nothing") }
	for _, stock := range []catalog.StockPolicy{"", catalog.StockKeep, catalog.StockLive} {
		result, err := rollout.Push(t.Context(), p.partner(), outletID, p.pulled(), rollout.Options{Stock: stock, Consent: refuse})
		if err != nil || result.Status != rollout.Unchanged || result.Changes != 0 || result.RequestID != "" {
			t.Errorf("stock %q: %+v, %v", stock, result, err)
		}
	}
	if n := p.puts(); n != 0 {
		t.Errorf("%d menus were written", n)
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	p := start(t, atOnce)
	result, err := rollout.Push(t.Context(), p.partner(), outletID, p.file("menu.yaml", smallMenu, catalog.Partner), rollout.Options{
		DryRun:  true,
		Consent: func(context.Context, rollout.Proposal) error { return errors.New("asked for a dry run") },
	})
	if err != nil || result.Status != rollout.Skipped || result.Changes == 0 || result.RequestID != "" {
		t.Errorf("%+v, %v", result, err)
	}
	if result.Payload == nil || result.Payload.Items() != 6 {
		t.Errorf("the payload is %+v", result.Payload)
	}
	if n := p.puts(); n != 0 {
		t.Errorf("%d menus were written", n)
	}
}

func TestWithoutConsentNothingIsWritten(t *testing.T) {
	p := start(t, atOnce)
	no := errors.New("the person said no")
	result, err := rollout.Push(t.Context(), p.partner(), outletID, p.file("menu.yaml", smallMenu, catalog.Partner), rollout.Options{
		Consent: func(context.Context, rollout.Proposal) error { return no },
	})
	if !errors.Is(err, no) || result.Status != rollout.Refused || result.RequestID != "" {
		t.Errorf("%+v, %v", result, err)
	}
	if n := p.puts(); n != 0 {
		t.Errorf("%d menus were written", n)
	}
}

func TestStock(t *testing.T) {
	for policy, want := range map[catalog.StockPolicy]struct{ items, variants map[string]bool }{
		// The file says that MI-001 is sold out and nothing about MI-003, which is sold out live; so is V-PEDAS-0.
		catalog.StockKeep: {
			items:    map[string]bool{"MI-001": false, "MI-003": false, "NEW-1": true, "MI-002": true, "NA-001": true, "NA-002": true},
			variants: map[string]bool{"V-PEDAS-0": false, "V-PEDAS-9": true, "V-PANGSIT": true, "V-BAKSO": true, "V-TELUR": true},
		},
		catalog.StockFile: {
			items:    map[string]bool{"MI-001": false, "MI-003": true, "NEW-1": true, "MI-002": true, "NA-001": true, "NA-002": true},
			variants: map[string]bool{"V-PEDAS-0": true, "V-PEDAS-9": true, "V-PANGSIT": true, "V-BAKSO": true, "V-TELUR": true},
		},
		catalog.StockLive: {
			items:    map[string]bool{"MI-001": true, "MI-003": false, "NEW-1": true, "MI-002": true, "NA-001": true, "NA-002": true},
			variants: map[string]bool{"V-PEDAS-0": false, "V-PEDAS-9": true, "V-PANGSIT": true, "V-BAKSO": true, "V-TELUR": true},
		},
	} {
		t.Run(string(policy), func(t *testing.T) {
			p := start(t, atOnce)
			if err := p.client.UpdateVariantStocks(t.Context(), outletID, []gobiz.StockUpdate{{ExternalID: "V-PEDAS-0"}}); err != nil {
				t.Fatal(err)
			}
			result, err := rollout.Push(t.Context(), p.partner(), outletID, p.file("menu.yaml", smallMenu, catalog.Partner), rollout.Options{Stock: policy})
			if err != nil || result.Status != rollout.Pushed {
				t.Fatalf("%+v, %v", result, err)
			}
			if diff := cmp.Diff(want.items, inStock(p.live())); diff != "" {
				t.Errorf("items in stock (-want +live):\n%s", diff)
			}
			if diff := cmp.Diff(want.variants, p.live().Stock(nil).Variants); diff != "" {
				t.Errorf("variants in stock (-want +live):\n%s", diff)
			}
		})
	}
}

func TestPushThatFails(t *testing.T) {
	p := start(t, atOnce)
	file := p.file("menu.yaml", smallMenu, catalog.Partner)
	push := func(id string, faults ...sandbox.Fault) (rollout.Result, error) {
		t.Helper()
		if err := p.control.SetFaults(t.Context(), faults...); err != nil {
			t.Fatal(err)
		}
		return rollout.Push(t.Context(), p.partner(), id, file, rollout.Options{})
	}
	result, err := push(unknownOutlet)
	if !errors.Is(err, gobiz.ErrNotFound) || !strings.Contains(err.Error(), "read the live menu of "+unknownOutlet) || result.Status != rollout.Failed {
		t.Errorf("unknown outlet: %+v, %v", result, err)
	}
	result, err = push(outletID, sandbox.Fault{Target: "putCatalog", Status: 503})
	if !errors.Is(err, gobiz.ErrServer) || !strings.Contains(err.Error(), "push the menu to "+outletID) || result.Status != rollout.Failed || result.Payload == nil {
		t.Errorf("server error: %+v, %v", result, err)
	}
	result, err = push(outletID, sandbox.Fault{Target: "getCatalog", Status: 200, Body: "html"})
	if !errors.Is(err, gobiz.ErrMalformed) || result.Status != rollout.Failed {
		t.Errorf("a page instead of a menu: %+v, %v", result, err)
	}
	// A write that the server refuses names what is wrong.
	result, err = push(outletID, sandbox.Fault{Target: "putCatalog", Status: 422})
	var refused *gobiz.Error
	if !errors.As(err, &refused) || refused.Status != 422 || result.Status != rollout.Failed {
		t.Errorf("refused: %+v, %v", result, err)
	}
	// A file that breaks a rule is not sent.
	file.Menus[0].Items[0].Name = strings.Repeat("x", 151)
	before := p.puts()
	result, err = push(outletID)
	var invalid *catalog.InvalidError
	if !errors.As(err, &invalid) || result.Status != rollout.Failed || p.puts() != before {
		t.Errorf("a name that is too long: %+v, %v, %d writes", result, err, p.puts()-before)
	}
	if _, there := inStock(p.live())["NEW-1"]; there {
		t.Error("a push that failed changed the menu")
	}
}

// An interruption before the write writes nothing.
func TestInterruptedBeforeTheWrite(t *testing.T) {
	p := start(t, atOnce)
	file := p.file("menu.yaml", smallMenu, catalog.Partner)
	for name, prepare := range map[string]func(cancel func()) rollout.Target{
		"before the read":  func(cancel func()) rollout.Target { cancel(); return p.partner() },
		"before the write": func(cancel func()) rollout.Target { return watched{Target: p.partner(), afterLive: cancel} },
	} {
		ctx, cancel := context.WithCancel(t.Context())
		result, err := rollout.Push(ctx, prepare(cancel), outletID, file, rollout.Options{})
		if !errors.Is(err, context.Canceled) || result.Status != rollout.Failed || result.RequestID != "" {
			t.Errorf("%s: %+v, %v", name, result, err)
		}
	}
	if n := p.puts(); n != 0 {
		t.Errorf("%d menus were written", n)
	}
}

// After an interruption during the write nobody knows whether the menu was
// accepted: the push ends at once, and says which write that is.
func TestInterruptedDuringTheWrite(t *testing.T) {
	p := start(t, atOnce)
	if err := p.control.SetFaults(t.Context(), sandbox.Fault{Target: "putCatalog", Delay: time.Hour}); err != nil {
		t.Fatal(err)
	}
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	var compared atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) {
		if compared.Load() {
			cancel(interrupted)
		}
	}})
	target := watched{Target: p.partner(), afterLive: func() { compared.Store(true) }}
	result, err := rollout.Push(ctx, target, outletID, p.file("menu.yaml", smallMenu, catalog.Partner), rollout.Options{Wait: true})
	var unanswered *rollout.UnansweredError
	if !errors.Is(err, gobiz.ErrCancelled) || !errors.Is(err, interrupted) || !errors.As(err, &unanswered) || result.Status != rollout.Failed ||
		unanswered.RequestID != result.Payload.RequestID || result.RequestID != unanswered.RequestID {
		t.Errorf("%+v, %v", result, err)
	}
}

// watched is a target that tells when it was used.
type watched struct {
	rollout.Target
	afterLive, afterPut func()
}

func (w watched) Live(ctx context.Context, id string) (*catalog.Live, error) {
	live, err := w.Target.Live(ctx, id)
	if w.afterLive != nil {
		w.afterLive()
	}
	return live, err
}

func (w watched) Put(ctx context.Context, id string, body *catalog.EncodedPayload) (*gobiz.CatalogReceipt, error) {
	receipt, err := w.Target.Put(ctx, id, body)
	if w.afterPut != nil {
		w.afterPut()
	}
	return receipt, err
}
