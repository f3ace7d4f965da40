package contract_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gobiz-cli/gobiz/internal/contract"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// The client gets through every documented call at the sandbox, with every
// grant, and receives every documented event. Each request, each answer and
// each event follows the contract.
func TestClientAndSandboxTogether(t *testing.T) {
	w := start(t)
	client := w.client(w.strict, w.facilitator())
	legacy := w.enterprise(w.strict)
	partner := w.receiver(w.info.NotificationSecret)
	chain := w.receiver(w.info.Enterprise.NotificationSecret)

	w.linkOutlets(client)
	w.subscribe(client, partner)
	w.changeMenu(client, partner)
	w.takeOrders(client, partner)
	w.takePayment(client, partner)
	w.useLegacyAPI(legacy, chain)
	w.makePromos(client) // a day passes, so that all tokens end

	for _, operation := range w.wire.Unseen() {
		t.Errorf("%s was never answered with a success", operation)
	}
	received := slices.Concat(partner.received, chain.received)
	for _, event := range w.wire.Webhooks() {
		if !slices.Contains(received, event) {
			t.Errorf("%s was never received", event)
		}
	}
}

func (w *together) linkOutlets(client *gobiz.Client) {
	w.Helper()
	ctx := w.Context()
	info := must(client.TokenInfo(ctx))(w.T)
	if !slices.Equal(info.User.Roles, []string{"owner"}) || len(info.Outlets) != 4 || info.Outlets[0].ID != linkedOutlet {
		w.Errorf("token info: %+v", info)
	}
	linked := must(client.LinkOutlet(ctx, unlinkedOutlet, gobiz.ProductGoFood, "POS-KEMANG"))(w.T)
	if linked.ID != unlinkedOutlet || *linked.ExternalOutletID != "POS-KEMANG" || linked.LinkedAt.IsZero() {
		w.Errorf("linked: %+v", linked)
	}
	if got := w.linkedOutlets(client); !slices.Contains(got, unlinkedOutlet) {
		w.Errorf("linked outlets: %v", got)
	}
	w.done(client.UnlinkOutlet(ctx, unlinkedOutlet, gobiz.ProductGoFood))
	if got := w.linkedOutlets(client); slices.Contains(got, unlinkedOutlet) {
		w.Errorf("still linked: %v", got)
	}
	w.done(client.UnlinkPrimaryOutlet(ctx))
	primary := must(client.LinkPrimaryOutlet(ctx, "POS-TEBET"))(w.T)
	if primary.ID != linkedOutlet || *primary.ExternalOutletID != "POS-TEBET" {
		w.Errorf("primary outlet: %+v", primary)
	}
	first := must(client.LinkedOutlets(ctx, gobiz.Page{Number: 1, Size: 1}))(w.T)
	if len(first) != 1 {
		w.Errorf("a page of one has %d outlets", len(first))
	}
	outlet := must(client.Outlet(ctx, linkedOutlet))(w.T)
	if outlet.Name != "Warung Contoh Tebet" || outlet.MerchantName != "PT Contoh Boga" || outlet.Status != "active" {
		w.Errorf("outlet: %+v", outlet)
	}
	for _, closed := range []bool{true, false} {
		if got := must(client.UpdateOutletProperties(ctx, linkedOutlet, gobiz.OutletProperties{ForceClose: closed}))(w.T); got.ForceClose != closed {
			w.Errorf("force_close is %v, want %v", got.ForceClose, closed)
		}
	}
}

func (w *together) linkedOutlets(client *gobiz.Client) []string {
	w.Helper()
	var ids []string
	for outlet, err := range client.AllLinkedOutlets(w.Context()) {
		w.done(err)
		ids = append(ids, outlet.ID)
	}
	return ids
}

// subscribe leaves the receiver subscribed to all events of all outlets, after
// all calls on subscriptions were made in both scopes.
func (w *together) subscribe(client *gobiz.Client, to *receiver) {
	w.Helper()
	ctx := w.Context()
	for _, scope := range []gobiz.SubscriptionScope{gobiz.AllOutlets, gobiz.ForOutlet(linkedOutlet)} {
		calls := client.Subscriptions(scope)
		off := false
		made := must(calls.Create(ctx, gobiz.SubscriptionRequest{Event: "gofood.order.created", URL: to.url, Active: &off}))(w.T)
		if made.Active || made.ID == "" || made.CreatedAt.IsZero() {
			w.Errorf("created: %+v", made)
		}
		changed := must(calls.Update(ctx, made.ID, gobiz.SubscriptionRequest{Event: "gofood.order.placed", URL: to.url}))(w.T)
		read := must(calls.Get(ctx, made.ID))(w.T)
		if read.ID != made.ID || read.Event != "gofood.order.placed" || !read.Active || read.URL != to.url || changed.Event != read.Event {
			w.Errorf("after the change: %+v", read)
		}
		if list := must(calls.List(ctx))(w.T); len(list) != 1 || list[0].ID != made.ID {
			w.Errorf("list: %+v", list)
		}
		w.done(calls.Delete(ctx, made.ID))
		if list := must(calls.List(ctx))(w.T); len(list) != 0 {
			w.Errorf("after the deletion: %+v", list)
		}
	}
	for _, event := range webhook.Events() {
		must(client.Subscriptions(gobiz.AllOutlets).Create(ctx, gobiz.SubscriptionRequest{Event: string(event.Name), URL: to.url}))(w.T)
	}
}

func (w *together) changeMenu(client *gobiz.Client, to *receiver) {
	w.Helper()
	ctx := w.Context()
	before := w.menu(client)
	if mi003 := before.Menus[0].Items[2]; mi003.ExternalID != "MI-003" || *mi003.InStock {
		w.Errorf("MI-003 is not sold out: %+v", before.Menus[0])
	}
	w.done(client.UpdateMenuItemStocks(ctx, linkedOutlet, []gobiz.StockUpdate{{ExternalID: "MI-003", InStock: true}}))
	w.done(client.UpdateVariantStocks(ctx, linkedOutlet, []gobiz.StockUpdate{{ID: before.VariantCategories[0].Variants[0].ID}}))
	after := w.menu(client)
	if !*after.Menus[0].Items[2].InStock || *after.VariantCategories[0].Variants[0].InStock {
		w.Errorf("stocks after the change: %+v", after)
	}

	pedas := catalog.PayloadVariantCategory{
		ExternalID: "VC-PEDAS", InternalName: "Level pedas - mi", Name: "Level Pedas",
		Variants: []catalog.PayloadVariant{{ExternalID: "V-1", Name: "Sedang", Price: catalog.Price{Rupiah: -500}, InStock: true}},
	}
	pedas.Rules.Selection.MinQuantity, pedas.Rules.Selection.MaxQuantity = 1, 1
	menu := catalog.Payload{
		Menus: []catalog.PayloadMenu{{Name: "Mi", MenuItems: []catalog.PayloadItem{
			{
				ExternalID: "MI-001", Name: "Bakmi <Ayam> & Jamur", InternalName: "Bakmi ayam biasa", Description: "Bakmi “enak”",
				InStock: true, Price: catalog.Price{Rupiah: 27000}, Image: "https://img.example.test/mi-001.png",
				OperationalHours:           &catalog.Hours{{{Start: "09:00", End: "14:00"}, {Start: "16:00", End: "21:00"}}, {}, {}, {}, {}, {}, {}},
				VariantCategoryExternalIDs: []string{"VC-PEDAS"},
			},
			{ExternalID: "MI-002", Name: "Bakmi Pangsit", Price: catalog.Price{Rupiah: 32000}},
		}}},
		VariantCategories: []catalog.PayloadVariantCategory{pedas},
	}
	const requestID = "0d9f4f0a2d4b4b5e8a2e6d0f6a7b8c9d"
	receipt := must(client.PutCatalog(ctx, linkedOutlet, body(menu), requestID))(w.T)
	if receipt.RequestID != requestID || receipt.Attempts != 1 {
		w.Errorf("receipt: %+v", receipt)
	}
	live := w.menu(client)
	if diff := cmp.Diff(menu, payloadOf(live), cmpopts.EquateEmpty()); diff != "" {
		w.Errorf("the menu reads back differently (-pushed +live):\n%s", diff)
	}
	if was, is := before.Menus[0].Items[0].ID, live.Menus[0].Items[0].ID; was != is {
		w.Errorf("MI-001 was %s and is %s", was, is)
	}
	to.next("gofood.catalog.menu_mapping_updated")
}

// menu reads the live menu of the linked outlet.
func (w *together) menu(client *gobiz.Client) *catalog.Live {
	w.Helper()
	var live catalog.Live
	must(client.Catalog(w.Context(), linkedOutlet, &live))(w.T)
	return &live
}

// body is a payload as it is sent. A test's own cannot be one that is refused.
func body(menu catalog.Payload) gobiz.CatalogBody {
	b, err := gobiz.NewCatalogBody(menu.Encode().Menu)
	if err != nil {
		panic(err)
	}
	return b
}

// payloadOf turns a live menu back into what would write it.
func payloadOf(live *catalog.Live) catalog.Payload {
	var p catalog.Payload
	external := map[string]string{}
	for _, c := range live.VariantCategories {
		external[c.ID] = c.ExternalID
		out := catalog.PayloadVariantCategory{ExternalID: c.ExternalID, InternalName: c.InternalName, Name: c.Name}
		out.Rules.Selection.MinQuantity, out.Rules.Selection.MaxQuantity = c.MinQuantity, *c.MaxQuantity
		for _, v := range c.Variants {
			out.Variants = append(out.Variants, catalog.PayloadVariant{ExternalID: v.ExternalID, Name: v.Name, Price: v.Price, InStock: *v.InStock})
		}
		p.VariantCategories = append(p.VariantCategories, out)
	}
	for _, m := range live.Menus {
		menu := catalog.PayloadMenu{Name: m.Name}
		for _, i := range m.Items {
			item := catalog.PayloadItem{
				ExternalID: i.ExternalID, Name: i.Name, InternalName: i.InternalName, Description: i.Description,
				InStock: *i.InStock, Price: i.Price, Image: i.Image, OperationalHours: i.OperationalHours,
			}
			for _, id := range i.VariantCategoryIDs {
				item.VariantCategoryExternalIDs = append(item.VariantCategoryExternalIDs, external[id])
			}
			menu.MenuItems = append(menu.MenuItems, item)
		}
		p.Menus = append(p.Menus, menu)
	}
	return p
}

func (w *together) takeOrders(client *gobiz.Client, to *receiver) {
	w.Helper()
	ctx := w.Context()
	order := must(w.control.CreateOrder(ctx, sandbox.OrderRequest{OutletID: manualOutlet}))(w.T)
	ref := gobiz.OrderRef{OutletID: manualOutlet, Type: gobiz.OrderDelivery, Number: order.Number}
	first := to.next("gofood.order.created", "gofood.order.awaiting_merchant_acceptance")
	w.done(client.AcceptOrder(ctx, ref))
	to.next("gofood.order.merchant_accepted")
	w.done(client.MarkFoodPrepared(ctx, ref, ""))
	must(w.control.AdvanceOrder(ctx, order.Number, "completed"))(w.T)
	to.next("gofood.order.driver_otw_pickup", "gofood.order.driver_arrived", "gofood.order.placed", "gofood.order.completed")

	sent := must(client.Notifications(ctx, order.Number))(w.T)
	i := slices.IndexFunc(sent, func(n gobiz.Notification) bool { return n.EventType == "gofood.order.created" })
	if len(sent) != 7 || i < 0 {
		w.Fatalf("%d notifications: %+v", len(sent), sent)
	}
	n := sent[i]
	if !bytes.Equal([]byte(n.Payload), first[0].body) || n.Endpoint != to.url || n.EntityID != order.Number || n.PartnerID == "" {
		w.Errorf("notification: %+v", n)
	}
	if webhook.Verify([]byte(n.Payload), n.Headers[webhook.SignatureHeader], w.info.NotificationSecret) != 0 {
		w.Error("the notification's payload does not verify")
	}

	pickup := must(w.control.CreateOrder(ctx, sandbox.OrderRequest{OutletID: manualOutlet, ServiceType: "gofood_pickup"}))(w.T)
	w.done(client.CancelOrder(ctx, gobiz.OrderRef{OutletID: manualOutlet, Type: gobiz.OrderPickup, Number: pickup.Number}, gobiz.ReasonItemsOutOfStock, "ayam habis"))
	to.next("gofood.order.created", "gofood.order.awaiting_merchant_acceptance", "gofood.order.cancelled")

	unmapped := must(w.control.CreateOrder(ctx, sandbox.OrderRequest{OutletID: unmappedOutlet, Items: []sandbox.OrderRequestItem{{Name: "Es Campur"}}}))(w.T)
	if !unmapped.Unmapped {
		w.Errorf("order: %+v", unmapped)
	}
	to.next("gofood.order.webhook_error")
}

func (w *together) takePayment(client *gobiz.Client, to *receiver) {
	w.Helper()
	ctx := w.Context()
	must(client.LinkOutlet(ctx, linkedOutlet, gobiz.ProductPayment, "POS-TEBET"))(w.T)
	request := gobiz.PaymentRequest{
		Details:  gobiz.TransactionDetails{OrderID: "INV-1", GrossAmount: 15000},
		Items:    []gobiz.PaymentItem{{ID: "MI-001", Name: "Bakmi Ayam", Price: 15000, Quantity: 1}},
		Customer: &gobiz.PaymentCustomer{FirstName: "Budi"}, Metadata: map[string]any{"table": "4"},
		IdempotencyKey: gobiz.NewIdempotencyKey(),
	}
	made := must(client.CreateTransaction(ctx, linkedOutlet, request))(w.T)
	again := must(client.CreateTransaction(ctx, linkedOutlet, request))(w.T)
	id := made.Transaction.ID
	if id == "" || again.Transaction.ID != id || made.Transaction.GrossAmount != 15000 || made.Transaction.Status != "pending" {
		w.Errorf("payments with one key: %+v, %+v", made.Transaction, again.Transaction)
	}
	picture := must(client.QRCode(ctx, made.QRCodeURL()))(w.T)
	if documented := must(client.TransactionQRCode(ctx, linkedOutlet, id))(w.T); !bytes.Equal(picture, documented) || !bytes.HasPrefix(picture, []byte("\x89PNG")) {
		w.Errorf("the QR codes are %d and %d bytes", len(picture), len(documented))
	}
	w.done(w.control.SettlePayment(ctx, id))
	to.next("payment.transaction.settlement")
	settled := must(client.Transaction(ctx, linkedOutlet, id))(w.T)
	if settled.Transaction.Status != "settlement" || settled.Transaction.SettlementAt.IsZero() {
		w.Errorf("after the payment: %+v", settled.Transaction)
	}
}

func (w *together) makePromos(client *gobiz.Client) {
	w.Helper()
	ctx := w.Context()
	create := func(item string) string {
		result := must(client.CreatePromo(ctx, linkedOutlet, promoFrom(time.Now().Add(day), item)))(w.T)
		if len(result.Success) != 1 || result.Success[0].ExternalMenuID != item {
			w.Fatalf("promotion: %+v", result)
		}
		return result.Success[0].ID
	}
	w.done(client.UpdateMenuItemStocks(ctx, linkedOutlet, []gobiz.StockUpdate{{ExternalID: "MI-002", InStock: true}}))
	withdrawn, running := create("MI-001"), create("MI-002")
	if promo := must(client.Promo(ctx, linkedOutlet, running))(w.T); promo.ID != running || promo.Status != "created" || promo.StartDate == "" {
		w.Errorf("promotion: %+v", promo)
	}
	page := must(client.Promos(ctx, linkedOutlet, gobiz.Page{Number: 2, Size: 1}))(w.T)
	if page.TotalCount != 2 || page.Page != 2 || len(page.Promotions) != 1 || page.Promotions[0].ID != running {
		w.Errorf("second page: %+v", page)
	}
	w.done(client.DeletePromo(ctx, linkedOutlet, withdrawn))
	must(w.control.AdvanceClock(ctx, day))(w.T)
	w.done(client.DeactivatePromo(ctx, linkedOutlet, running)) // with a new token by client credentials
	must(client.TokenInfo(ctx))(w.T)                           // with a new token by the refresh token
	for promo, err := range client.AllPromos(ctx, linkedOutlet) {
		w.done(err)
		if promo.ID != running || promo.Status != "deactivated" {
			w.Errorf("promotion: %+v", promo)
		}
	}
}

func (w *together) useLegacyAPI(legacy *enterprise.Client, to *receiver) {
	w.Helper()
	ctx := w.Context()
	receipt := must(legacy.PutCatalog(ctx, enterpriseOutlet, legacyMenu(), ""))(w.T)
	if receipt.RequestID == "" {
		w.Errorf("receipt: %+v", receipt)
	}
	id := w.info.Enterprise.EnterpriseID
	made := must(legacy.CreateSubscription(ctx, id, enterprise.EventDriverArrived, to.url))(w.T)
	if list := must(legacy.Subscriptions(ctx, id))(w.T); len(list) != 1 || list[0].ID != made.ID || *list[0].EnterpriseID != id {
		w.Errorf("list: %+v", list)
	}
	order := must(w.control.CreateOrder(ctx, sandbox.OrderRequest{OutletID: enterpriseOutlet}))(w.T)
	must(w.control.AdvanceOrder(ctx, order.Number, "driver_arrived"))(w.T)
	to.next(contract.EIMOrderEvent)
	w.done(legacy.DeleteSubscription(ctx, id, made.ID))
	if list := must(legacy.Subscriptions(ctx, id))(w.T); len(list) != 0 {
		w.Errorf("after the deletion: %+v", list)
	}
}

func legacyMenu() gobiz.CatalogBody {
	return body(catalog.Payload{Menus: []catalog.PayloadMenu{{Name: "Mains", MenuItems: []catalog.PayloadItem{{
		Name: "Zinger Meal", Description: "Burger with Fries and Coke", Price: catalog.Price{Rupiah: 13200}, ExternalID: "m-menu-item-id", InStock: true,
		OperationalHours: &catalog.Hours{{{Start: "00:00", End: "05:00"}, {Start: "10:00", End: "12:00"}}, {}, {}, {}, {}, {}, {}},
	}}}}})
}

// receiver is a partner's server for webhooks. It judges each event by the
// contract and verifies its signature.
type receiver struct {
	w      *together
	url    string
	secret string
	events chan event
	// received are the events so far that the test waited for.
	received []string
}

type event struct {
	name   string // as CheckWebhook knows it
	header http.Header
	body   []byte
}

func (w *together) receiver(secret string) *receiver {
	w.Helper()
	r := &receiver{w: w, secret: secret, events: make(chan event, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return // the sandbox hung up
		}
		e := event{name: contract.EIMOrderEvent, header: request.Header, body: body}
		if request.Header.Get(webhook.IdempotencyKeyHeader) != "" {
			e.name = string(webhook.Summarize(body).Event)
		}
		r.events <- e
	}))
	w.Cleanup(server.Close)
	r.url = server.URL + "/hook"
	return r
}

// next waits for these events, in this order.
func (r *receiver) next(names ...string) []event {
	r.w.Helper()
	patience := r.w.patience()
	var got []event
	for _, name := range names {
		got = append(got, r.wait(patience, name))
	}
	return got
}

func (r *receiver) wait(patience context.Context, name string) event {
	r.w.Helper()
	var e event
	select {
	case e = <-r.events:
	case <-patience.Done():
		r.w.Fatalf("%s did not come", name)
	}
	if e.name != name {
		r.w.Fatalf("%s came, want %s: %s", e.name, name, e.body)
	}
	if err := r.w.wire.CheckWebhook(e.name, e.body); err != nil {
		r.w.Errorf("contract: %v", err)
	}
	if err := r.w.wire.CheckWebhookHeader(e.name, e.header); err != nil {
		r.w.Errorf("contract: %v", err)
	}
	if webhook.Verify(e.body, e.header.Get(webhook.SignatureHeader), "another secret", r.secret) != 1 {
		r.w.Errorf("%s does not verify", e.name)
	}
	if webhook.Verify(append(slices.Clone(e.body), '\n'), e.header.Get(webhook.SignatureHeader), r.secret) != -1 {
		r.w.Errorf("%s verifies with another body", e.name)
	}
	r.received = append(r.received, name)
	return e
}
