package gobiz_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/gobiz-cli/gobiz/internal/contract"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
)

const (
	uuid1 = "0d9f4f0a-2d4b-4b5e-8a2e-6d0f6a7b8c9d"
	uuid2 = "3f0c1f6e-1111-4222-8333-444455556666"
)

const pngImage = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"

// canned are answers as the documentation shows them, by "METHOD path".
var canned = map[string]struct {
	status int
	body   string
}{
	"GET /integrations/partner/v1/token-info": {200, `{"success":true,"data":{"user":{"roles":["manager"]},"outlets":[
		{"id":"G100000001","name":"Warung Contoh Tebet","address":"Jl. Contoh 1, Jakarta","email":"","phone":""}]}}`},
	"PUT /integrations/partner/outlets/G100000001/v1/link/gofood":    {200, linkedAnswer},
	"DELETE /integrations/partner/outlets/G100000001/v1/link/gofood": {200, `{"success":true,"data":{}}`},
	"PUT /integrations/partner/v1/outlet-link":                       {200, linkedAnswer},
	"DELETE /integrations/partner/v1/outlet-link":                    {200, `{"success":true,"data":{}}`},
	"GET /integrations/partner/v1/linked-outlets": {200, `{"success":true,"data":{"outlets":[
		{"id":"G100000001","external_outlet_id":"POS-TEBET","created_at":"2026-01-05T03:00:00Z","updated_at":"2026-01-05T03:00:00Z"}]}}`},
	"GET /integrations/partner/outlets/G100000001/v1": {200, `{"success":true,"data":{"outlet":{
		"id":"G100000001","merchant_name":"PT Contoh Boga","name":"Warung Contoh Tebet","status":"active","email":"owner@example.test",
		"payment_settings":{"gopay":{"active":true},"qris":{"active":true}},"applications":{"midtrans":{"active":false},"gopay":{"active":true}}}}}`},
	"GET /integrations/gofood/outlets/G100000001/v2/catalog":                                   {200, catalogAnswer},
	"PUT /integrations/gofood/outlets/G100000001/v1/catalog":                                   {200, `{"success":true,"data":{"request_id":"` + uuid1 + `"}}`},
	"PATCH /integrations/gofood/outlets/G100000001/v2/menu_item_stocks":                        {200, `{"success":true,"data":{}}`},
	"PATCH /integrations/gofood/outlets/G100000001/v2/variant_stocks":                          {200, `{"success":true,"data":{}}`},
	"PATCH /integrations/gofood/outlets/G100000001/v1/properties":                              {200, `{"success":true,"data":{"force_close":true}}`},
	"PUT /integrations/gofood/outlets/G100000001/v1/orders/delivery/F-100200300/accepted":      {200, `{"success":true,"data":{}}`},
	"PUT /integrations/gofood/outlets/G100000001/v1/orders/pickup/F-100200301/cancelled":       {200, `{"success":true,"data":{}}`},
	"PUT /integrations/gofood/outlets/G100000001/v1/orders/delivery/F-100200300/food-prepared": {200, `{"success":true,"data":{}}`},
	"POST /integrations/promo/outlets/G100000001/v1/food-promos": {200, `{"success":true,"data":{
		"success":[{"id":"` + uuid1 + `","external_menu_id":"MI-001","errors":null}],"failure":[]}}`},
	"GET /integrations/promo/outlets/G100000001/v1/food-promos":                          {200, `{"success":true,"data":{"promotions":[` + promoAnswer + `],"total_count":1,"limit":10,"page":1}}`},
	"GET /integrations/promo/outlets/G100000001/v1/food-promos/" + uuid1:                 {200, `{"success":true,"data":` + promoAnswer + `}`},
	"DELETE /integrations/promo/outlets/G100000001/v1/food-promos/" + uuid1:              {200, `{"success":true,"data":{}}`},
	"PUT /integrations/promo/outlets/G100000001/v1/food-promos/" + uuid1 + "/deactivate": {200, `{"success":true,"data":{}}`},
	"POST /integrations/payment/outlets/G100000001/v2/transactions":                      {201, paymentAnswer},
	"GET /integrations/payment/outlets/G100000001/v1/transactions/" + uuid1:              {200, paymentAnswer},
	"GET /transactions/" + uuid1 + "/qr-code":                                            {200, pngImage},
	"GET /integrations/partner/v1/notification-subscriptions":                            {200, `{"success":true,"data":{"subscriptions":[` + subscriptionAnswer + `]}}`},
	"POST /integrations/partner/v1/notification-subscriptions":                           {201, `{"success":true,"data":{"subscription":` + subscriptionAnswer + `}}`},
	"GET /integrations/partner/v1/notification-subscriptions/" + uuid2:                   {200, `{"success":true,"data":{"subscription":` + subscriptionAnswer + `}}`},
	"PUT /integrations/partner/v1/notification-subscriptions/" + uuid2:                   {200, `{"success":true,"data":{"subscription":` + subscriptionAnswer + `}}`},
	"DELETE /integrations/partner/v1/notification-subscriptions/" + uuid2:                {200, `{"success":true,"data":{}}`},
	"GET /integrations/partner/notifications": {200, `{"success":true,"data":{"notifications":[{"entity_id":"F-100200300","created_at":"2026-01-05T05:30:03.120+00:00",
		"partner_id":"` + uuid1 + `","event_type":"gofood.order.merchant_accepted","delivery_status":"dead","endpoint":"https://pos.example.test/gofood",
		"headers":{"X-Go-Signature":"` + strings.Repeat("ab", 32) + `","X-Go-Idempotency-Key":"` + uuid2 + `","Content-Type":"application/json","Accept":"application/json"},
		"payload":"{\"header\":{},\"body\":{}}",
		"history":[{"time":"2026-01-05T05:30:03.120+00:00","exception_message":"connect timed out","delivered":false}]}]}}`},
	"PUT /outlets/M123456/catalog":                                          {200, `{"success":true,"data":{"request_id":"` + uuid1 + `"}}`},
	"POST /enterprises/" + uuid1 + "/notification-subscriptions":            {201, `{"success":true,"data":{"subscription":` + enterpriseAnswer + `}}`},
	"GET /enterprises/" + uuid1 + "/notification-subscriptions":             {200, `{"success":true,"data":{"subscriptions":[` + enterpriseAnswer + `]}}`},
	"DELETE /enterprises/" + uuid1 + "/notification-subscriptions/" + uuid2: {200, `{"success":true}`},
}

const (
	linkedAnswer = `{"success":true,"data":{"outlet":{"id":"G100000001","external_outlet_id":"POS-TEBET",
		"created_at":"2026-01-05T03:00:00Z","updated_at":"2026-01-05T03:00:00Z","linked_at":"2026-01-05T03:00:00Z"}}}`
	promoAnswer   = `{"id":"` + uuid1 + `","status":"created","start_date":"2026-02-01","end_date":"2026-02-28"}`
	paymentAnswer = `{"success":true,"data":{"outlet":{"id":"G100000001","pop_id":"` + uuid2 + `"},
		"transaction":{"id":"` + uuid1 + `","payment_type":"qris","status":"pending","qris_string":"000201","order_id":"INV-1","gross_amount":15000,
			"currency":"IDR","created_at":"2026-01-05T03:00:00Z","settlement_at":null},
		"actions":[{"name":"generate-qr-code","method":"GET","url":"http://{host}/transactions/` + uuid1 + `/qr-code"}]}}`
	subscriptionAnswer = `{"id":"` + uuid2 + `","event":"gofood.order.merchant_accepted","url":"https://pos.example.test/gofood","active":true,
		"created_at":"2026-01-05T03:00:00Z","updated_at":"2026-01-05T03:00:00Z","aggregator_id":"a-1"}`
	enterpriseAnswer = `{"id":"` + uuid2 + `","event":"gofood.order.driver_arrived","url":"https://chain.example.test/orders",
		"enterprise_id":"` + uuid1 + `","active":true,"created_at":"2026-01-05T03:00:00.000000Z","updated_at":"2026-01-05T03:00:00.000000Z"}`
	catalogAnswer = `{"success":true,"data":{
		"variant_categories":[{"id":"5a0c6f1e-1111-4222-8333-444455556666","name":"Level Pedas","internal_name":"Level pedas - mi",
			"rules":{"selection":{"min_quantity":1,"max_quantity":1}},
			"variants":[{"id":"0b1d2c3e-aaaa-4bbb-8ccc-ddddeeeeffff","external_id":"V-PEDAS-1","name":"Sedang","price":0,"in_stock":true}]}],
		"menus":[{"name":"Mi","menu_items":[{"id":"9f8e7d6c-1234-4567-89ab-0123456789ab","external_id":"MI-001","name":"Bakmi Ayam","internal_name":"Bakmi ayam biasa",
			"description":"Bakmi dengan ayam jamur","price":27000,"image":"https://img.example.test/mi-001.png","in_stock":true,
			"operational_hours":{"monday":[{"start":"09:00","end":"21:00"}],"tuesday":[]},
			"variant_category_ids":["5a0c6f1e-1111-4222-8333-444455556666"]}]}]}}`
)

func cannedServer(t *testing.T) *server {
	answers := make(map[string]http.HandlerFunc, len(canned))
	add := func(call string, status int, body string) {
		contentType := "application/json"
		if strings.HasPrefix(body, "\x89PNG") {
			contentType = "image/png"
		}
		answers[call] = func(w http.ResponseWriter, r *http.Request) {
			answer(status, contentType, strings.ReplaceAll(body, "{host}", r.Host))(w, r)
		}
	}
	for call, a := range canned {
		add(call, a.status, a.body)
		// The outlet's subscriptions answer like the general ones.
		if strings.Contains(call, "/partner/v1/notification-subscriptions") {
			add(strings.Replace(call, "/partner/v1/", "/partner/outlets/G100000001/v1/", 1), a.status, a.body)
		}
	}
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		handler, ok := answers[r.Method+" "+r.URL.Path]
		if !ok {
			t.Errorf("no canned answer for %s %s", r.Method, r.URL.Path)
			handler = answer(404, "application/json", `{"success":false,"errors":[{"message_title":"Not found","message":"not canned"}]}`)
		}
		handler(w, r)
	})
}

func sampleMenu(t testing.TB) gobiz.CatalogBody {
	t.Helper()
	pedas := catalog.PayloadVariantCategory{
		ExternalID: "VC-PEDAS", InternalName: "Level pedas - mi", Name: "Level Pedas",
		Variants: []catalog.PayloadVariant{{ExternalID: "V-PEDAS-1", Name: "Sedang", InStock: true}},
	}
	pedas.Rules.Selection.MinQuantity, pedas.Rules.Selection.MaxQuantity = 1, 1
	return catalogBody(t, &catalog.Payload{
		Menus: []catalog.PayloadMenu{{Name: "Mi", MenuItems: []catalog.PayloadItem{{
			ExternalID: "MI-001", Name: "Bakmi <Ayam> & Jamur", InternalName: "Bakmi ayam biasa", Description: "Bakmi dengan ayam jamur",
			InStock: true, Price: catalog.Price{Rupiah: 27000}, Image: "https://img.example.test/mi-001.png",
			OperationalHours:           &catalog.Hours{{{Start: "00:00", End: "23:59"}}, {}, {}, {}, {}, {}, {}},
			VariantCategoryExternalIDs: []string{"VC-PEDAS"},
		}}}},
		VariantCategories: []catalog.PayloadVariantCategory{pedas},
	})
}

func catalogBody(t testing.TB, payload *catalog.Payload) gobiz.CatalogBody {
	t.Helper()
	body, err := gobiz.NewCatalogBody(payload.Encode().Menu)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestContract calls every method and holds each request and each answer
// against the description of the wire.
func TestContract(t *testing.T) {
	wire := contract.Load(t)
	server := cannedServer(t)
	source := &tokens{}
	client := newClient(t, server.URL, func(o *gobiz.Options) {
		o.Tokens = source
		o.Transport = wire.Transport(http.DefaultTransport, func(err error) { t.Error(err) })
	})
	for name, call := range everyCall(t, client) {
		if err := call(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, operation := range wire.Unseen() {
		if operation != "createToken" && operation != "authorize" { // of the OAuth host
			t.Errorf("no method called %s", operation)
		}
	}
	// The token source is asked by the same names.
	for _, operation := range wire.Operations() {
		if !operation.OAuth && !slices.Contains(source.operations, operation.ID) {
			t.Errorf("no token was asked for %s", operation.ID)
		}
	}
}

// everyCall calls each method of the client, by its name.
func everyCall(t *testing.T, client *gobiz.Client) map[string]func(context.Context) error {
	eim := enterprise.New(client)
	order := gobiz.OrderRef{OutletID: "G100000001", Type: gobiz.OrderDelivery, Number: "F-100200300"}
	pickup := gobiz.OrderRef{OutletID: "G100000001", Type: gobiz.OrderPickup, Number: "F-100200301"}
	subscription := gobiz.SubscriptionRequest{Event: "gofood.order.merchant_accepted", URL: "https://pos.example.test/gofood", Active: ptr(false)}
	const outlet = "G100000001"

	calls := map[string]func(context.Context) error{
		"TokenInfo": func(ctx context.Context) error { _, err := client.TokenInfo(ctx); return err },
		"LinkOutlet": func(ctx context.Context) error {
			_, err := client.LinkOutlet(ctx, outlet, gobiz.ProductGoFood, "")
			return err
		},
		"UnlinkOutlet":        func(ctx context.Context) error { return client.UnlinkOutlet(ctx, outlet, gobiz.ProductGoFood) },
		"LinkPrimaryOutlet":   func(ctx context.Context) error { _, err := client.LinkPrimaryOutlet(ctx, "POS-TEBET"); return err },
		"UnlinkPrimaryOutlet": client.UnlinkPrimaryOutlet,
		"LinkedOutlets": func(ctx context.Context) error {
			_, err := client.LinkedOutlets(ctx, gobiz.Page{Number: 1, Size: 50})
			return err
		},
		"Outlet":  func(ctx context.Context) error { _, err := client.Outlet(ctx, outlet); return err },
		"Catalog": func(ctx context.Context) error { _, err := client.Catalog(ctx, outlet, &catalog.Live{}); return err },
		"PutCatalog": func(ctx context.Context) error {
			_, err := client.PutCatalog(ctx, outlet, sampleMenu(t), "")
			return err
		},
		"UpdateMenuItemStocks": func(ctx context.Context) error {
			return client.UpdateMenuItemStocks(ctx, outlet, []gobiz.StockUpdate{{ExternalID: "MI-001"}, {ExternalID: "MI-002", InStock: true}})
		},
		"UpdateVariantStocks": func(ctx context.Context) error {
			return client.UpdateVariantStocks(ctx, outlet, []gobiz.StockUpdate{{ID: uuid1, InStock: true}})
		},
		"UpdateOutletProperties": func(ctx context.Context) error {
			_, err := client.UpdateOutletProperties(ctx, outlet, gobiz.OutletProperties{ForceClose: true})
			return err
		},
		"AcceptOrder": func(ctx context.Context) error { return client.AcceptOrder(ctx, order) },
		"CancelOrder": func(ctx context.Context) error {
			return client.CancelOrder(ctx, pickup, gobiz.ReasonItemsOutOfStock, "ayam habis")
		},
		"MarkFoodPrepared": func(ctx context.Context) error { return client.MarkFoodPrepared(ctx, order, "") },
		"CreatePromo": func(ctx context.Context) error {
			_, err := client.CreatePromo(ctx, outlet, gobiz.PromoRequest{Detail: gobiz.PromoDetail{
				StartDate: "2026-02-01", EndDate: "2026-02-28", StartTime: "10:00:00", EndTime: "14:00:00",
				ApplicableDays: []string{"monday"}, SellingPrice: 15000, ExternalMenuID: "MI-001",
			}})
			return err
		},
		"Promos": func(ctx context.Context) error {
			_, err := client.Promos(ctx, outlet, gobiz.Page{Number: 1, Size: 10})
			return err
		},
		"Promo":           func(ctx context.Context) error { _, err := client.Promo(ctx, outlet, uuid1); return err },
		"DeletePromo":     func(ctx context.Context) error { return client.DeletePromo(ctx, outlet, uuid1) },
		"DeactivatePromo": func(ctx context.Context) error { return client.DeactivatePromo(ctx, outlet, uuid1) },
		"CreateTransaction": func(ctx context.Context) error {
			_, err := client.CreateTransaction(ctx, outlet, gobiz.PaymentRequest{
				Details:  gobiz.TransactionDetails{OrderID: "INV-1", GrossAmount: 15000},
				Items:    []gobiz.PaymentItem{{ID: "MI-001", Name: "Bakmi Ayam", Price: 15000, Quantity: 1}},
				Customer: &gobiz.PaymentCustomer{FirstName: "Budi"},
				Metadata: map[string]any{"table": "4"},
			})
			return err
		},
		"Transaction":       func(ctx context.Context) error { _, err := client.Transaction(ctx, outlet, uuid1); return err },
		"TransactionQRCode": func(ctx context.Context) error { _, err := client.TransactionQRCode(ctx, outlet, uuid1); return err },
		"Notifications":     func(ctx context.Context) error { _, err := client.Notifications(ctx, "F-100200300"); return err },
		"enterprise.PutCatalog": func(ctx context.Context) error {
			_, err := eim.PutCatalog(ctx, "M123456", catalogBody(t, &catalog.Payload{Menus: []catalog.PayloadMenu{{Name: "Mains", MenuItems: []catalog.PayloadItem{{
				Name: "Zinger Meal", Description: "Burger with Fries and Coke", Price: catalog.Price{Rupiah: 13200}, ExternalID: "m-menu-item-id", Image: "https://image.example.test/img1.png", InStock: true,
				OperationalHours: &catalog.Hours{{{Start: "00:00", End: "05:00"}, {Start: "10:00", End: "12:00"}}, {}, {}, {}, {}, {}, {}},
			}}}}}), "")
			return err
		},
		"enterprise.CreateSubscription": func(ctx context.Context) error {
			_, err := eim.CreateSubscription(ctx, uuid1, enterprise.EventDriverArrived, "https://chain.example.test/orders")
			return err
		},
		"enterprise.Subscriptions":      func(ctx context.Context) error { _, err := eim.Subscriptions(ctx, uuid1); return err },
		"enterprise.DeleteSubscription": func(ctx context.Context) error { return eim.DeleteSubscription(ctx, uuid1, uuid2) },
	}
	for name, scope := range map[string]gobiz.SubscriptionScope{"general": gobiz.AllOutlets, "outlet": gobiz.ForOutlet(outlet)} {
		subs := client.Subscriptions(scope)
		calls[name+" Subscriptions.List"] = func(ctx context.Context) error { _, err := subs.List(ctx); return err }
		calls[name+" Subscriptions.Create"] = func(ctx context.Context) error { _, err := subs.Create(ctx, subscription); return err }
		calls[name+" Subscriptions.Get"] = func(ctx context.Context) error { _, err := subs.Get(ctx, uuid2); return err }
		calls[name+" Subscriptions.Update"] = func(ctx context.Context) error { _, err := subs.Update(ctx, uuid2, subscription); return err }
		calls[name+" Subscriptions.Delete"] = func(ctx context.Context) error { return subs.Delete(ctx, uuid2) }
	}
	return calls
}

// tamperer changes answers on their way.
type tamperer struct {
	change func(answer map[string]any)
	data   any // of the last answer, before the change
}

func (c *tamperer) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || resp.Header.Get("Content-Type") != "application/json" {
		return resp, err
	}
	defer resp.Body.Close()
	answer := map[string]any{}
	if err := json.UnmarshalRead(resp.Body, &answer); err != nil {
		return nil, err
	}
	c.data = answer["data"]
	if c.change != nil {
		c.change(answer)
	}
	body, err := json.Marshal(answer)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, err
}

// members lists the members of an answer's data, and of the first entry of a list.
func members(value any, path ...string) (all [][]string) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			at := append(slices.Clone(path), name)
			all = append(append(all, at), members(member, at...)...)
		}
	case []any:
		if len(v) > 0 {
			all = members(v[0], append(slices.Clone(path), "0")...)
		}
	}
	return all
}

// TestRequiredMembers takes each member out of each answer, and has it be null: what
// the description requires, the client requires, and nothing else.
func TestRequiredMembers(t *testing.T) {
	lenient := map[string]string{
		"CreatePromo data.success.0.external_menu_id":                   "the id alone says that it was made",
		"CreatePromo data.success.0.errors":                             "the id alone says that it was made",
		"CreatePromo data.failure":                                      "some servers leave out what is empty",
		"TransactionQRCode data.actions":                                "the image is at one of their URLs",
		"CreatePromo data.success.0.id":                                 "null belongs to a failure",
		"enterprise.Subscriptions data.subscriptions.0.enterprise_id":   "the call names it",
		"enterprise.CreateSubscription data.subscription.enterprise_id": "the call names it",
		"Catalog data.menus.0.menu_items.0.id":                          "an external id is taken where there is none",
		"Catalog data.variant_categories.0.variants.0.id":               "an external id is taken where there is none",
	}
	wire := contract.Load(t)
	server := cannedServer(t)
	tamper, violated := &tamperer{}, false
	client := newClient(t, server.URL, func(o *gobiz.Options) {
		o.Transport = wire.Transport(tamper, func(error) { violated = true })
	})
	for name, call := range everyCall(t, client) {
		tamper.change, tamper.data = nil, nil
		if err := call(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		paths := members(tamper.data, "data")
		if len(paths) > 0 {
			paths = append(paths, []string{"data"})
		}
		for _, path := range paths {
			_, known := lenient[name+" "+strings.Join(path, ".")]
			for _, gone := range []bool{true, false} {
				violated = false
				tamper.change = func(answer map[string]any) { spoil(answer, path, gone) }
				err := call(t.Context())
				switch {
				case known:
				case violated && gone && !errors.Is(err, gobiz.ErrMalformed):
					t.Errorf("%s takes an answer without %s: %v", name, strings.Join(path, "."), err)
				case !violated && err != nil:
					t.Errorf("%s refuses an answer that is allowed, %s spoilt: %v", name, strings.Join(path, "."), err)
				}
			}
		}
	}
}

// spoil removes the member at path, or makes it null.
func spoil(value any, path []string, remove bool) {
	switch v := value.(type) {
	case []any:
		spoil(v[0], path[1:], remove)
	case map[string]any:
		switch {
		case len(path) > 1:
			spoil(v[path[0]], path[1:], remove)
		case remove:
			delete(v, path[0])
		default:
			v[path[0]] = nil
		}
	}
}

// TestEndpoints compares the client's table with the description.
func TestEndpoints(t *testing.T) {
	described := map[string]contract.Operation{}
	for _, operation := range contract.Load(t).Operations() {
		if !operation.OAuth {
			described[operation.ID] = operation
		}
	}
	for _, e := range gobiz.Endpoints() {
		operation, ok := described[e.Operation]
		if !ok {
			t.Errorf("%s is not described", e.Operation)
			continue
		}
		if e.Method != operation.Method || e.Path != operation.Path || e.Enterprise != operation.EIM {
			t.Errorf("%s is %s %s, described as %s %s", e.Operation, e.Method, e.Path, operation.Method, operation.Path)
		}
		delete(described, e.Operation)
	}
	for id := range described {
		t.Errorf("%s is described and not in the table", id)
	}
}
