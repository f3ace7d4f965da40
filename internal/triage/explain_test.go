package triage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/internal/triage"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func explain(t *testing.T, body string, with triage.Explaining) *triage.Explanation {
	t.Helper()
	n, err := webhook.Parse([]byte(body))
	if err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return triage.Explain(n, with)
}

// orderBody is an order's event with a status, as live ones are: with nulls.
func orderBody(event, status, order string) string {
	return fmt.Sprintf(`{"header":{"event_name":%q,"event_id":"6f1c","version":1,"timestamp":"2026-01-05T12:30:00.123+07:00"},
		"body":{"customer":{"id":"0F","name":null},"driver":null,"service_type":"gofood","outlet":{"id":"G100000001","external_outlet_id":null},
		"order":{"status":%q,"pin":"4821","order_number":"F-100200300","order_total":58000,"currency":"IDR","cutlery_requested":null,
		"takeaway_charges":2000,"created_at":"2026-01-05T12:29:58.000+07:00","applied_promotions":[],"cancellation_detail":null,"scheduled_flag":null,
		"order_items":[{"external_id":"MI-001","name":"Bakmi Ayam","quantity":2,"price":28000,"notes":"tanpa bawang","variants":[{"external_id":"V-1","name":"Sedang"}]}]%s}}}`,
		event, status, order)
}

// facts gives what is said under a name, also on the lines without one.
func facts(e *triage.Explanation, name string) []string {
	var out []string
	current := ""
	for _, f := range e.Facts {
		if f.Name != "" {
			current = f.Name
		}
		if current == name {
			out = append(out, f.Value)
		}
	}
	return out
}

func TestExplainOrders(t *testing.T) {
	for _, tt := range []struct {
		event, status, order string
		meaning, next        string
		commands             int
	}{
		{"created", "CREATED", "", "A customer has placed the order.", "Wait for gofood.order.merchant_accepted", 0},
		{
			"created", "CREATED", `,"scheduled_flag":{"is_catering":false,"schedule_delivery_time_start":"2026-01-05T18:00:00+07:00","schedule_delivery_time_end":"2026-01-05T18:30:00+07:00"}`,
			"A customer has placed", "about 30 minutes before the delivery slot", 0,
		},
		{"awaiting_merchant_acceptance", "AWAITING_MERCHANT_ACCEPTANCE", "", "waits for the merchant", "Accept or cancel it now", 2},
		{"merchant_accepted", "MERCHANT_ACCEPTED", "", "The order is accepted", "Prepare it", 1},
		{"driver_otw_pickup", "DRIVER_OTW_PICKUP", "", "A driver is on the way", "gofood.order.driver_arrived follows", 0},
		{"driver_arrived", "DRIVER_ARRIVED", "", "The driver is at the outlet", "against the PIN. gofood.order.placed follows.", 0},
		{"placed", "PLACED", "", "handed over, and the transaction is settled", "gofood.order.completed follows", 0},
		{"completed", "COMPLETED", "", "This is final", "Nothing to do", 0},
		{"cancelled", "CANCELLED", "", "The order is cancelled", "Stop preparing it", 0},
		{"eaten", "EATEN", "", `does not know the event "gofood.order.eaten"`, "Answer it with 2xx", 0},
	} {
		body := orderBody("gofood.order."+tt.event, tt.status, "")
		if tt.order != "" {
			body = strings.Replace(body, `"scheduled_flag":null`, strings.TrimPrefix(tt.order, ","), 1)
		}
		e := explain(t, body, triage.Explaining{})
		if got := strings.Join(e.Meaning, " "); !strings.Contains(got, tt.meaning) {
			t.Errorf("%s means %q, want %q", tt.event, got, tt.meaning)
		}
		if got := strings.Join(e.Next, " "); !strings.Contains(got, tt.next) {
			t.Errorf("after %s: %q, want %q", tt.event, got, tt.next)
		}
		if e.OrderNumber != "F-100200300" || e.Status != tt.status || e.Event != "gofood.order."+tt.event {
			t.Errorf("%s: %+v", tt.event, e)
		}
		commands := 0
		for _, f := range e.Findings {
			if f.Severity != triage.SeverityInfo || !strings.HasPrefix(f.Command, "gobiz api PUT /integrations/gofood/outlets/G100000001/v1/orders/delivery/F-100200300/") {
				t.Errorf("%s: finding %+v", tt.event, f)
			}
			commands++
		}
		if commands != tt.commands {
			t.Errorf("%s: %d commands, want %d", tt.event, commands, tt.commands)
		}
	}
}

func TestExplainWhatAnOrderCarries(t *testing.T) {
	jakarta := time.FixedZone("WIB", 7*60*60)
	with := triage.Explaining{Zone: jakarta, Money: func(n int64) string { return fmt.Sprint("Rp ", n) }}
	e := explain(t, orderBody("gofood.order.merchant_accepted", "MERCHANT_ACCEPTED", ""), with)
	want := []triage.Fact{
		{Name: "order", Value: "F-100200300"},
		{Name: "outlet", Value: "G100000001, without an external id (null when the outlet is not linked)"},
		{Name: "status", Value: "MERCHANT_ACCEPTED"},
		{Name: "service", Value: "delivery"},
		{Name: "customer", Value: "not told (null: GoBiz often leaves the name out)"},
		{Name: "driver", Value: "none yet (null until GoBiz has found one)"},
		{Name: "items", Value: "2 × Bakmi Ayam (MI-001)  Rp 28000 each, with its variants"},
		{Value: "    + Sedang (V-1)"},
		{Value: "    note: tanpa bawang"},
		{Name: "takeaway", Value: "Rp 2000"},
		{Name: "total", Value: "Rp 58000"},
		{Name: "cutlery", Value: "not told (null)"},
		{Name: "pin", Value: "4821"},
		{Name: "ordered", Value: "2026-01-05 12:29:58 +07:00"},
		{Name: "event id", Value: "6f1c"},
		{Name: "event time", Value: "2026-01-05 12:30:00 +07:00"},
	}
	if diff := cmp.Diff(want, e.Facts); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for change, check := range map[string]func(*triage.Explanation) bool{
		`"service_type":"gofood_pickup"`: func(e *triage.Explanation) bool {
			return facts(e, "driver")[0] == "none: the customer comes" && strings.Contains(strings.Join(e.Next, " "), "no driver's events follow") &&
				strings.Contains(e.Findings[0].Command, "/orders/pickup/")
		},
		`"currency":"VND"`:          func(e *triage.Explanation) bool { return facts(e, "total")[0] == "58000 VND" },
		`"cutlery_requested":false`: func(e *triage.Explanation) bool { return facts(e, "cutlery")[0] == "not wanted" },
		`"cutlery_requested":true`:  func(e *triage.Explanation) bool { return facts(e, "cutlery")[0] == "wanted" },
		`"driver":{"name":"Pak"}`:   func(e *triage.Explanation) bool { return facts(e, "driver")[0] == "Pak" },
		`"status":"CANCELLED"`: func(e *triage.Explanation) bool {
			return facts(e, "cancelled because")[0] == "not told (null or empty)" && facts(e, "driver")[0] == "none (null)" &&
				slices.ContainsFunc(e.Findings, func(f triage.Finding) bool { return strings.Contains(f.Message, "trust the status") })
		},
		`"cancellation_detail":{"reason":"sold out"}`:            func(e *triage.Explanation) bool { return facts(e, "cancelled because")[0] == "sold out" },
		`"order_items":[],"x":`:                                  func(e *triage.Explanation) bool { return facts(e, "items")[0] == "none" },
		`"outlet":{"id":"G1","external_outlet_id":"POS-1"},"y":`: func(e *triage.Explanation) bool { return facts(e, "outlet")[0] == "G1, yours: POS-1" },
		`"outlet":{},"y":`:                                       func(e *triage.Explanation) bool { return facts(e, "outlet")[0] == "not told" },
	} {
		key, _, _ := strings.Cut(change, ":")
		body := orderBody("gofood.order.merchant_accepted", "MERCHANT_ACCEPTED", "")
		i := strings.Index(body, key+":")
		end := i + strings.IndexAny(body[i:], ",")
		if strings.HasSuffix(change, ":") {
			end = i + len(key) + 1 // keeps the old value under another key
		}
		if e := explain(t, body[:i]+change+body[end:], with); !check(e) {
			t.Errorf("%s: %+v", change, e)
		}
	}
}

func TestExplainOtherEvents(t *testing.T) {
	money := func(n int64) string { return fmt.Sprint("Rp ", n) }
	e := explain(t, `{"header":{"event_name":"payment.transaction.settlement"},"body":{"outlet":{"id":"G1"},"transaction":{"id":"t-1","order_id":"INV-1","gross_amount":96000,
		"currency":"IDR","payment_type":"qris","status":"settlement","settlement_at":"2026-01-05T05:00:00Z"}}}`, triage.Explaining{Money: money})
	if e.Meaning[0] != "A payment of Rp 96000 has been completed." || e.Status != "settlement" || e.OrderNumber != "" || facts(e, "settled")[0] != "2026-01-05 05:00:00 +00:00" {
		t.Errorf("%+v", e)
	}

	source := parse(t, "menus: [{name: M, menu_items: [{external_id: MI-1, name: A, price: 1}]}]\n")
	e = explain(t, `{"header":{"event_name":"gofood.catalog.menu_mapping_updated"},"body":{"request_id":"r-1","outlet":{"id":"G1"},"menus":[
		{"id":"u-1","external_menu_id":"MI-1"},{"id":"u-2","external_menu_id":"MI-2"},{"id":"u-3","external_menu_id":null}]}}`,
		triage.Explaining{File: source, FileName: "menu.yaml"})
	want := []triage.Finding{
		{Severity: triage.SeverityWarning, Message: `external id "MI-2" is not in menu.yaml`},
		{Severity: triage.SeverityError, Message: `item "u-3" has no external id: its orders are not relayed`, Command: "gobiz catalog audit G1"},
	}
	if diff := cmp.Diff(want, e.Findings); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"u-1 is MI-1", "u-2 is MI-2", "u-3 is (none)"}, facts(e, "items")); diff != "" {
		t.Error(diff)
	}

	e = explain(t, `{"status":"DRIVER_ARRIVED","order_number":"F-394903031","outlet_id":"M123456","pin":"1234","order_total":13200.0,"currency":"IDR","created_on":"2026-01-05T12:00:00+07:00",
		"customer":{"name":"Budi","phone":"+628123","email":"budi@example.test"},"driver":[{"name":"Pak","phone":"+628124"}],"order_items":[{"external_id":"m-1","name":"Zinger","quantity":1,"price":13200}]}`,
		triage.Explaining{Money: money})
	if text := strings.Join(append(e.Meaning, e.Next...), " "); !strings.Contains(text, "legacy API") || !strings.Contains(text, "no other event of this order") {
		t.Errorf("%s", text)
	}
	if facts(e, "customer")[0] != "Budi, with phone and e-mail" || facts(e, "driver")[0] != "Pak, with phone" || facts(e, "total")[0] != "Rp 13200" || len(e.Findings) > 0 {
		t.Errorf("%+v", e)
	}
	if strings.Contains(fmt.Sprint(e), "+62812") || strings.Contains(fmt.Sprint(e), "budi@") {
		t.Errorf("a phone number or an e-mail address is shown: %+v", e)
	}

	e = explain(t, `{"header":{"event_name":"gofood.table.booked"},"body":{}}`, triage.Explaining{})
	if e.Meaning[0] != `This program does not know the event "gofood.table.booked".` || e.Next == nil {
		t.Errorf("%+v", e)
	}
	e = explain(t, `{"header":{"event_name":"gofood.order.placed"},"body":null}`, triage.Explaining{})
	if !strings.Contains(e.Meaning[0], "not the body that belongs to it") {
		t.Errorf("%+v", e)
	}
}

func parse(t *testing.T, yaml string) *catalog.File {
	t.Helper()
	source, _ := catalog.Parse("menu.yaml", []byte(yaml), catalog.Partner)
	if source == nil {
		t.Fatalf("does not parse: %s", yaml)
	}
	return source
}

// mappingBody is a gofood.order.webhook_error about items and variants.
func mappingBody(outlet string, items, variants []string) string {
	list := func(names []string) string {
		var out []string
		for _, name := range names {
			out = append(out, fmt.Sprintf(`{"name":%q}`, name))
		}
		return "[" + strings.Join(out, ",") + "]"
	}
	return fmt.Sprintf(`{"header":{"event_type":"gofood.order.webhook_error","event_id":"c1d2"},"body":{"error_type":"mapping_not_found",
		"mapping_not_found":{"items":%s,"variants":%s},"order":{"number":"F-100200301"},"outlet":{"id":%q,"external_outlet_id":"POS-TEBET"}}}`, list(items), list(variants), outlet)
}

func TestExplainMappingErrorWithAFile(t *testing.T) {
	source := parse(t, `menus:
  - name: Mi
    menu_items:
      - external_id: MN-001
        name: Es Jeruk
        price: 12000
      - name: Es Campur
        price: 20000
      - {external_id: MN-009, name: Es Jeruk Nipis, price: 1}
variant_categories:
  - external_id: VC
    name: Ukuran
    rules: {selection: {min_quantity: 1, max_quantity: 1}}
    variants:
      - {external_id: V-J, name: Jumbo, price: 4000}
      - {external_id: gobiz-7c1d, name: Kecil, price: 4000}
`)
	e := explain(t, mappingBody("G100000001", []string{"Es Jeruk", "es  campur", "Es Jeruk Nipi"}, []string{"Jumbo", "Kecil", "Es Jeruk"}),
		triage.Explaining{File: source, FileName: "menus/it's menu.yaml"})
	if text := strings.Join(e.Meaning, " "); !strings.Contains(text, "Order F-100200301 was NOT relayed to you: 6 things in it had no external id.") {
		t.Error(text)
	}
	if text := strings.Join(e.Next, " "); !strings.Contains(text, "on the merchant's device") {
		t.Error(text)
	}
	const (
		file = "menus/it's menu.yaml"
		diff = `gobiz catalog diff G100000001 -f 'menus/it'\''s menu.yaml'`
		push = `gobiz catalog push G100000001 -f 'menus/it'\''s menu.yaml'`
		edit = `${EDITOR:-vi} 'menus/it'\''s menu.yaml' && ` + push
		pull = `gobiz catalog pull G100000001 -f 'menus/it'\''s menu.yaml' && ` + edit
	)
	want := []triage.Finding{
		{
			Severity: triage.SeverityWarning, Name: "Es Jeruk", File: file, Line: 4, Command: diff,
			Message: `item "Es Jeruk" has the external id "MN-001" in the file; it was not live when the order came: compare the file with the live menu, and push it if they differ`,
		},
		{
			Severity: triage.SeverityError, Name: "es  campur", File: file, Line: 7, Command: edit,
			Message: `item "es  campur" is "Es Campur" here and has no external_id: add one, then push`,
		},
		{
			Severity: triage.SeverityError, Name: "Es Jeruk Nipi", Nearest: []string{"Es Jeruk Nipis", "Es Jeruk"}, Command: pull,
			Message: `item "Es Jeruk Nipi" is not in menus/it's menu.yaml, so it was made in the merchant app: pull the menu, give it an external id of your own in place of gobiz-…, and push`,
		},
		{
			Severity: triage.SeverityWarning, Name: "Jumbo", File: file, Line: 15, Command: diff,
			Message: `variant "Jumbo" has the external id "V-J" in the file; it was not live when the order came: compare the file with the live menu, and push it if they differ`,
		},
		{
			Severity: triage.SeverityError, Name: "Kecil", File: file, Line: 16, Command: edit,
			Message: `variant "Kecil" has the external id "gobiz-7c1d", which a pull has made up: put one of your own in its place, then push`,
		},
		{
			Severity: triage.SeverityError, Name: "Es Jeruk", Command: pull,
			Message: `variant "Es Jeruk" is not in menus/it's menu.yaml, so it was made in the merchant app: pull the menu, give it an external id of your own in place of gobiz-…, and push`,
		},
	}
	if diff := cmp.Diff(want, e.Findings); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Of several that a name may stand for, the exact one counts, and of these the one
// that has no external id.
func TestExplainNamesThatAreThereTwice(t *testing.T) {
	for _, tt := range []struct{ items, says string }{
		{"{external_id: A, name: ES CAMPUR, price: 1}, {external_id: B, name: Es Campur, price: 1}", `item "Es Campur" has the external id "B"`},
		{"{external_id: B, name: Es Campur, price: 1}, {name: ES CAMPUR, price: 1}", `item "Es Campur" has the external id "B"`},
		{"{external_id: A, name: Es Campur, price: 1}, {name: Es Campur, price: 1}", `item "Es Campur" has no external_id`},
		{"{name: Es Campur, price: 1}, {external_id: A, name: Es Campur, price: 1}", `item "Es Campur" has no external_id`},
	} {
		source := parse(t, "menus: [{name: M, menu_items: ["+tt.items+"]}]\n")
		e := explain(t, mappingBody("G1", []string{"Es Campur"}, nil), triage.Explaining{File: source, FileName: "menu.yaml"})
		if len(e.Findings) != 1 || !strings.HasPrefix(e.Findings[0].Message, tt.says) {
			t.Errorf("%s: %+v", tt.items, e.Findings)
		}
	}
}

func TestExplainMappingErrorLive(t *testing.T) {
	live := &catalog.Live{
		Menus:             []catalog.LiveMenu{{Name: "Menu Baru", Items: []catalog.LiveItem{{Name: "Es Campur"}, {Name: "Es Jeruk", ExternalID: "MN-001"}}}},
		VariantCategories: []catalog.LiveVariantCategory{{Name: "Pilihan Es", Variants: []catalog.LiveVariant{{Name: "Tanpa Es"}}}},
	}
	e := explain(t, mappingBody("G1", []string{"Es Campur", "Es Jeruk", "Es Camput"}, []string{"Tanpa Es"}), triage.Explaining{Live: live, LiveOutlet: "G1"})
	const repair = "gobiz catalog pull G1 -f G1.yaml && ${EDITOR:-vi} G1.yaml && gobiz catalog push G1 -f G1.yaml"
	want := []triage.Finding{
		{
			Severity: triage.SeverityError, Name: "Es Campur", Command: repair,
			Message: `item "Es Campur" is live in "Menu Baru" without an external id: pull the menu, give it one of your own in place of gobiz-…, and push`,
		},
		{Severity: triage.SeverityInfo, Name: "Es Jeruk", Message: `item "Es Jeruk" has the external id "MN-001" by now: the next order is relayed`},
		{
			Severity: triage.SeverityWarning, Name: "Es Camput", Nearest: []string{"Es Campur"},
			Message: `item "Es Camput" is not on the live menu of G1: it was removed or renamed since`,
		},
		{
			Severity: triage.SeverityError, Name: "Tanpa Es", Command: repair,
			Message: `variant "Tanpa Es" is live in "Pilihan Es" without an external id: pull the menu, give it one of your own in place of gobiz-…, and push`,
		},
	}
	if diff := cmp.Diff(want, e.Findings); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestExplainMappingErrorAlone(t *testing.T) {
	e := explain(t, mappingBody("G1", []string{"Es Jeruk"}, nil), triage.Explaining{})
	want := []triage.Finding{{Severity: triage.SeverityError, Name: "Es Jeruk", Message: `item "Es Jeruk" had no external id`, Command: "gobiz catalog audit G1"}}
	if diff := cmp.Diff(want, e.Findings); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// The documentation's other name for the reason, and one that nobody knows.
	for kind, says := range map[string]string{
		"missing_menu_mapping": "GoBiz does not name it", "mapping_not_found": "GoBiz does not name it", "on_fire": `GoBiz calls the reason "on_fire"`,
	} {
		body := strings.Replace(mappingBody("G1", nil, nil), "mapping_not_found", kind, 1)
		e := explain(t, body, triage.Explaining{})
		if text := strings.Join(e.Meaning, " "); !strings.Contains(text, says) || len(e.Findings) != 1 || e.Findings[0].Command != "gobiz catalog audit G1" {
			t.Errorf("%s: %+v", kind, e)
		}
	}
}

// An order may have items without an external id, or with one that the catalog
// does not have.
func TestExplainIDsOfAnOrder(t *testing.T) {
	source := parse(t, "menus: [{name: M, menu_items: [{external_id: MI-002, name: Bakmi Ayam Spesial, price: 1}]}]\n")
	body := strings.Replace(orderBody("gofood.order.placed", "PLACED", ""), `"external_id":"V-1"`, `"external_id":""`, 1)
	e := explain(t, body, triage.Explaining{File: source, FileName: "-"})
	want := []triage.Finding{
		{
			Severity: triage.SeverityWarning, Name: "Bakmi Ayam", Nearest: []string{"Bakmi Ayam Spesial"},
			Message: `item "Bakmi Ayam" has the external id "MI-001", which is not in stdin`,
		},
		{
			Severity: triage.SeverityError, Name: "Sedang", Command: "gobiz catalog pull G100000001 -f FILE && ${EDITOR:-vi} FILE && gobiz catalog push G100000001 -f FILE",
			Message: `variant "Sedang" is not in stdin, so it was made in the merchant app: pull the menu, give it an external id of your own in place of gobiz-…, and push`,
		},
	}
	if diff := cmp.Diff(want, e.Findings); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if e := explain(t, orderBody("gofood.order.placed", "PLACED", ""), triage.Explaining{}); len(e.Findings) > 0 {
		t.Errorf("without a catalog: %+v", e.Findings)
	}
}

// What comes with a notification never becomes part of a command.
func TestHostileWordsStayOutOfCommands(t *testing.T) {
	for _, outlet := range []string{"G1; rm -rf /", "$(reboot)", "`id`", "--allow-empty", "../..", "", "G1\n", strings.Repeat("G", 100)} {
		e := explain(t, mappingBody(outlet, []string{"'; rm -rf / #", "\u202ereversed", strings.Repeat("x", 10_000)}, nil), triage.Explaining{})
		for _, f := range e.Findings {
			if f.Command != "gobiz catalog audit OUTLET" {
				t.Errorf("%q: command %q", outlet, f.Command)
			}
			if strings.ContainsRune(f.Message, '\u202e') || len(f.Message) > 600 {
				t.Errorf("message %q", f.Message)
			}
		}
		body := strings.Replace(orderBody("gofood.order.merchant_accepted", "MERCHANT_ACCEPTED", ""), "F-100200300", "F-1/../../x?y", 1)
		if e := explain(t, body, triage.Explaining{}); len(e.Findings) > 0 {
			t.Errorf("a number that is none is in a command: %+v", e.Findings)
		}
	}
	many := make([]string, 5000)
	for i := range many {
		many[i] = fmt.Sprint("item ", i)
	}
	e := explain(t, mappingBody("G1", many, nil), triage.Explaining{})
	if n := len(e.Findings); n != 100 || e.Findings[n-1].Message != "and 4901 more like these" {
		t.Errorf("%d findings, the last %+v", n, e.Findings[n-1])
	}
}

func FuzzExplain(f *testing.F) {
	f.Add(mappingBody("G1", []string{"Es Jeruk"}, []string{"Jumbo"}), "menus: [{name: M, menu_items: [{external_id: A, name: Es Jeruk Peras, price: 1}]}]\n")
	f.Add(orderBody("gofood.order.placed", "PLACED", ""), "")
	f.Add(`{"order_number":"F-1","status":"DRIVER_ARRIVED"}`, "menus: []")
	f.Fuzz(func(t *testing.T, body, menu string) {
		n, err := webhook.Parse([]byte(body))
		if err != nil {
			return
		}
		source, _ := catalog.Parse("menu.yaml", []byte(menu), catalog.Partner)
		e := triage.Explain(n, triage.Explaining{File: source, FileName: "menu.yaml"})
		if len(e.Meaning) == 0 || len(e.Next) == 0 {
			t.Errorf("nothing is said about %s", body)
		}
		for _, f := range e.Findings {
			if strings.ContainsAny(strings.ReplaceAll(f.Command, "${EDITOR:-vi}", ""), "\n\x1b`$;|<>") {
				t.Errorf("command %q", f.Command)
			}
		}
	})
}
