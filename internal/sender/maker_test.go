package sender_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/gobiz-cli/gobiz/internal/contract"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

const secret = "relay-secret-for-tests-001"

// deliveries makes all of a plan, in the order in which they leave.
func deliveries(t *testing.T, m sender.Maker, p sender.Plan) []sender.Delivery {
	t.Helper()
	table, err := p.Timetable()
	if err != nil {
		t.Fatal(err)
	}
	m.URL, m.Secret = "http://127.0.0.1:9/hook", secret
	if m.Sample.CreatedAt.IsZero() {
		m.Sample.CreatedAt = time.Date(2026, 1, 5, 12, 0, 0, 0, sender.WIB)
	}
	var made []sender.Delivery
	for n := range table.Len() {
		d, err := m.Make(table, table.Place(n))
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, d)
	}
	return made
}

// TestContract holds every event, in both forms and of many orders, to the
// description of the wire, and its signature to what receivers check.
func TestContract(t *testing.T) {
	t.Parallel()
	wire := contract.Load(t)
	check := func(name string, d sender.Delivery) {
		if err := wire.CheckWebhook(name, d.Body); err != nil {
			t.Errorf("%v: %s", err, d.Body)
		}
		if err := wire.CheckWebhookHeader(name, d.Header); err != nil {
			t.Error(err)
		}
		if webhook.Verify(d.Body, d.Header.Get(webhook.SignatureHeader), secret) != 0 {
			t.Errorf("%s does not verify", name)
		}
	}
	for _, plain := range []bool{false, true} {
		for _, event := range webhook.Events() {
			for seed := range uint64(8) {
				m := sender.Maker{Plain: plain, Seed: seed}
				for _, d := range deliveries(t, m, sender.Plan{Scenario: sender.Single(event.Name), Repeat: 5}) {
					check(string(event.Name), d)
					key := uuid.MustParse(d.Header.Get(webhook.IdempotencyKeyHeader))
					if d.Summary.Event != event.Name || uuid.MustParse(d.Summary.EventID).Version() != 3 || key.Version() != 3 {
						t.Errorf("%s: %+v, %s", event.Name, d.Summary, key)
					}
					if nulls := bytes.Contains(d.Body, []byte(":null")); plain && nulls {
						t.Errorf("a null in a plain body: %s", d.Body)
					}
				}
			}
		}
	}
	for _, s := range sender.Scenarios() {
		for _, d := range deliveries(t, sender.Maker{}, sender.Plan{Scenario: s, Repeat: 3, TimeScale: 60}) {
			check(string(d.Summary.Event), d)
		}
	}
	legacy := deliveries(t, sender.Maker{Enterprise: true}, sender.Plan{Scenario: sender.Single(webhook.OrderDriverArrived), Repeat: 20})
	for _, d := range legacy {
		check(contract.EIMOrderEvent, d)
		if d.Header.Get(webhook.IdempotencyKeyHeader) != "" || d.Summary.Event != webhook.OrderDriverArrived {
			t.Errorf("%v %+v", d.Header, d.Summary)
		}
	}
}

// TestLiveForm looks for what trips receivers: nulls, and keys in another order
// each time.
func TestLiveForm(t *testing.T) {
	t.Parallel()
	var first []string
	for _, d := range deliveries(t, sender.Maker{}, sender.Plan{Scenario: sender.Single(webhook.OrderMerchantAccepted), Repeat: 20}) {
		for _, null := range []string{`"name":null`, `"driver":null`, `"cutlery_requested":null`, `"scheduled_flag":null`, `"sku_promo_id":null`} {
			if !bytes.Contains(d.Body, []byte(null)) {
				t.Errorf("no %s in %s", null, d.Body)
			}
		}
		first = append(first, string(d.Body[:12]))
	}
	slices.Sort(first)
	if first = slices.Compact(first); len(first) < 2 {
		t.Errorf("every body begins with %s", first)
	}
}

// TestRepeats: other orders each time, and copies that are the same in every
// byte of body and headers.
func TestRepeats(t *testing.T) {
	t.Parallel()
	m := sender.Maker{Seed: 7, Sample: sender.SampleOptions{OrderNumber: "F-1000"}}
	made := deliveries(t, m, sender.Plan{Scenario: sender.Single(webhook.OrderPlaced), Repeat: 200, Duplicate: 2, Shuffle: true})
	type identity struct{ body, key string }
	copies := map[identity]int{}
	ids, numbers := map[string]bool{}, map[string]bool{}
	for _, d := range made {
		copies[identity{string(d.Body), d.Header.Get(webhook.IdempotencyKeyHeader)}]++
		ids[d.Summary.EventID], numbers[d.Summary.OrderNumber] = true, true
	}
	if len(made) != 600 || len(copies) != 200 || len(ids) != 200 || len(numbers) != 200 {
		t.Errorf("%d deliveries, %d different, %d event ids, %d order numbers", len(made), len(copies), len(ids), len(numbers))
	}
	for id, n := range copies {
		if n != 3 {
			t.Errorf("%d of %s", n, id.body)
		}
	}
	inOrder := deliveries(t, m, sender.Plan{Scenario: sender.Single(webhook.OrderPlaced), Repeat: 200, Duplicate: 2})
	if byNumber := func(a, b sender.Delivery) int {
		return strings.Compare(a.Summary.OrderNumber, b.Summary.OrderNumber)
	}; slices.IsSortedFunc(made, byNumber) || !slices.IsSortedFunc(inOrder, byNumber) {
		t.Error("what is shuffled is in order, or what is not is not")
	}
	again := deliveries(t, m, sender.Plan{Scenario: sender.Single(webhook.OrderPlaced), Repeat: 200, Duplicate: 2, Shuffle: true})
	for i := range made {
		if !bytes.Equal(made[i].Body, again[i].Body) || made[i].Header.Get(webhook.IdempotencyKeyHeader) != again[i].Header.Get(webhook.IdempotencyKeyHeader) {
			t.Fatalf("the same seed gave\n%s\nand\n%s", made[i].Body, again[i].Body)
		}
	}
	other := deliveries(t, sender.Maker{Seed: 8}, sender.Plan{Scenario: sender.Single(webhook.OrderPlaced), Repeat: 1})
	if bytes.Equal(other[0].Body, made[0].Body) {
		t.Error("another seed gave the same")
	}
}

func TestOrderNumbers(t *testing.T) {
	t.Parallel()
	for first, want := range map[string]string{"F-99": "F-99 F-100 F-101", "F-0098": "F-0098 F-0099 F-0100", "abc": "abc abc-2 abc-3", "7": "7 8 9"} {
		var got []string
		m := sender.Maker{Sample: sender.SampleOptions{OrderNumber: first}}
		for _, d := range deliveries(t, m, sender.Plan{Scenario: sender.Single(webhook.OrderPlaced), Repeat: 3}) {
			got = append(got, d.Summary.OrderNumber)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", first, got)
		}
	}
}

type orderBody struct {
	Header struct{ Timestamp time.Time }
	Body   struct {
		Outlet struct {
			ID       string  `json:"id"`
			External *string `json:"external_outlet_id"`
		}
		Order struct {
			Status   string
			Total    float64   `json:"order_total"`
			Takeaway float64   `json:"takeaway_charges"`
			Created  time.Time `json:"created_at"`
			Items    []struct {
				ExternalID string `json:"external_id"`
				Name       string
				Quantity   float64
				Price      float64
				Variants   []struct {
					ExternalID string `json:"external_id"`
				}
			} `json:"order_items"`
		}
	}
}

func parse(t *testing.T, d sender.Delivery) (b orderBody) {
	t.Helper()
	if err := json.Unmarshal(d.Body, &b); err != nil {
		t.Fatalf("%v: %s", err, d.Body)
	}
	return b
}

// TestMenu takes orders from a menu: prices add up, and what must be chosen is.
func TestMenu(t *testing.T) {
	t.Parallel()
	menu := []sender.MenuItem{
		{ExternalID: "A", Name: "Soto", Price: 20000, Categories: []sender.VariantCategory{
			{Min: 2, Max: 2, Variants: []sender.MenuVariant{{"v1", "satu", 100}, {"v2", "dua", 200}, {"v3", "tiga", 400}}},
		}},
		{ExternalID: "B", Name: "Es Teh", Price: 5000},
	}
	seen := map[string]bool{}
	m := sender.Maker{Sample: sender.SampleOptions{Menu: menu, OutletID: "G777"}}
	for _, d := range deliveries(t, m, sender.Plan{Scenario: sender.Single(webhook.OrderCreated), Repeat: 50}) {
		b := parse(t, d)
		total := b.Body.Order.Takeaway
		for _, item := range b.Body.Order.Items {
			seen[item.ExternalID] = true
			total += item.Price * item.Quantity
			want := 5000.0
			if item.ExternalID == "A" {
				want = 20000
				for _, v := range item.Variants {
					want += map[string]float64{"v1": 100, "v2": 200, "v3": 400}[v.ExternalID]
				}
				if len(item.Variants) != 2 {
					t.Errorf("%d variants: %s", len(item.Variants), d.Body)
				}
			}
			if item.Price != want {
				t.Errorf("price %v, want %v: %s", item.Price, want, d.Body)
			}
		}
		if b.Body.Order.Total != total || b.Body.Outlet.ID != "G777" || b.Body.Outlet.External != nil {
			t.Errorf("total %v, want %v; outlet %+v", b.Body.Order.Total, total, b.Body.Outlet)
		}
	}
	if len(seen) != 2 {
		t.Errorf("only %v was ordered", seen)
	}
}

// TestScenarios follows each order through its life.
func TestScenarios(t *testing.T) {
	t.Parallel()
	ranks := map[string]webhook.Status{}
	for _, s := range sender.Scenarios() {
		if !slices.IsSortedFunc(s.Steps, func(a, b sender.Step) int { return int(a.After - b.After) }) {
			t.Errorf("%s is not in the order of time", s.Name)
		}
		clear(ranks)
		for _, d := range deliveries(t, sender.Maker{Plain: true}, sender.Plan{Scenario: s, Repeat: 1, TimeScale: 1}) {
			if d.Summary.Status == "" {
				continue // of a menu, or of an order that is not relayed
			}
			known := ranks[d.Summary.OrderNumber]
			if now := webhook.Status(d.Summary.Status); !now.Follows(known) || now == known {
				t.Errorf("%s: %s after %s", s.Name, now, known)
			}
			ranks[d.Summary.OrderNumber] = webhook.Status(d.Summary.Status)
			b := parse(t, d)
			if b.Header.Timestamp.Before(b.Body.Order.Created) {
				t.Errorf("%s: %s happened before the order", s.Name, d.Summary.Event)
			}
		}
		for number, status := range ranks {
			if !status.Final() {
				t.Errorf("%s leaves %s in %s", s.Name, number, status)
			}
		}
	}
	for name, want := range map[string]string{
		"pickup":        "created merchant_accepted placed completed",
		"cancelled":     "created awaiting_merchant_acceptance cancelled",
		"mapping-error": "webhook_error menu_mapping_updated created merchant_accepted driver_otw_pickup driver_arrived placed completed",
	} {
		s, err := sender.FindScenario(name)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, step := range s.Steps {
			got = append(got, string(step.Event[strings.LastIndexByte(string(step.Event), '.')+1:]))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTimetable(t *testing.T) {
	t.Parallel()
	paced, err := sender.Plan{Scenario: sender.Single(webhook.OrderPlaced), Repeat: 4, Duplicate: 1, Rate: 4}.Timetable()
	if err != nil {
		t.Fatal(err)
	}
	if paced.Len() != 8 || paced.At(7) != 7*time.Second/4 || paced.Place(7) != (sender.Place{Run: 3, Copy: 1}) {
		t.Errorf("%d, the last at %v: %+v", paced.Len(), paced.At(7), paced.Place(7))
	}
	delivery, err := sender.FindScenario("delivery")
	if err != nil {
		t.Fatal(err)
	}
	lives, err := sender.Plan{Scenario: delivery, Repeat: 3, Rate: 1, TimeScale: 60, Duplicate: 1, Shuffle: true}.Timetable()
	if err != nil {
		t.Fatal(err)
	}
	places := map[sender.Place]bool{}
	for n := range lives.Len() {
		places[lives.Place(n)] = true
		if n > 0 && lives.At(n) < lives.At(n-1) {
			t.Errorf("the %d-th leaves before the one before it", n)
		}
	}
	if len(places) != 36 || lives.At(0) != 0 || lives.At(35) != 37*time.Second {
		t.Errorf("%d places, from %v to %v", len(places), lives.At(0), lives.At(35))
	}
	for _, p := range []sender.Plan{
		{Scenario: delivery, Repeat: sender.MaxPlanned, TimeScale: 1},
		{Scenario: sender.Single(webhook.OrderPlaced), Repeat: sender.MaxPlanned + 1, Shuffle: true},
		{Scenario: delivery, Repeat: 1 << 62, TimeScale: 1},
		{Scenario: sender.Single(webhook.OrderPlaced), Repeat: 1 << 40, Duplicate: 1 << 40},
	} {
		if table, err := p.Timetable(); err == nil {
			t.Errorf("%d times and %d: %d notifications", p.Repeat, p.Duplicate, table.Len())
		}
	}
}

func TestUnfitTarget(t *testing.T) {
	t.Parallel()
	for _, fit := range []string{"http://127.0.0.1:3000/gofood", "https://pos.example.com", "http://[::1]:80/a?b=c", "https://gobiz.co.id.example.com/x", "https://notgojek.com"} {
		if reason := sender.UnfitTarget(fit); reason != "" {
			t.Errorf("%s %s", fit, reason)
		}
	}
	for _, unfit := range []string{
		"", "pos.example.com", "ftp://pos.example.com", "http://", "http:///x", "https://user:pw@pos.example.com", "http://x y",
		"https://api.gobiz.co.id/x", "https://GOBIZ.CO.ID.", "https://integration-goauth.gojekapi.com", "https://accounts.go-jek.com", "https://www.gojek.com",
	} {
		if sender.UnfitTarget(unfit) == "" {
			t.Errorf("%q is fit", unfit)
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := sender.Headers("relay-secret-for-tests-001", "", []byte("{}"))
	want := http.Header{
		"Accept": {"application/json"}, "Content-Type": {"application/json"},
		"X-Go-Signature": {"c1f00565ac429b88abdb580d38a96a5dab2829854942ec1d37dd6bde736e0945"},
	}
	if len(h) != len(want) {
		t.Errorf("%v", h)
	}
	for name := range want {
		if !slices.Equal(h[name], want[name]) {
			t.Errorf("%s: %v", name, h[name])
		}
	}
}
