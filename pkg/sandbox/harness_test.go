package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/contract"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// noon is the time of sandboxes in these tests: it only moves when a test
// advances it.
var noon = time.Date(2026, 1, 5, 12, 0, 0, 0, sender.WIB)

// harness is a sandbox with the people around it: partners who call the API, and
// customers, drivers and wallets behind the control API. Every answer is held
// against the contract.
type harness struct {
	*testing.T
	s        *Sandbox
	contract *contract.Contract
	client   *http.Client
}

func newHarness(t *testing.T, o Options) *harness {
	t.Helper()
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	o.CatalogDelay = -1
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	d := &harness{T: t, s: s, contract: contract.Load(t)}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	d.client = &http.Client{Transport: d.contract.ResponsesOnly().Transport(transport, func(err error) { t.Errorf("contract: %v", err) })}
	return d
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// as gets a client-credentials token with the given scopes, or all scopes of the
// client.
func (d *harness) as(client string, scopes ...string) caller {
	d.Helper()
	var p partner
	d.s.store.view(func() { p, _ = d.s.store.partners.get(client) })
	if len(scopes) == 0 {
		scopes = p.Scopes
	}
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {strings.Join(scopes, " ")}}
	r, err := http.NewRequestWithContext(d.Context(), http.MethodPost, d.s.oauthOrigin+"/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		d.Fatal(err)
	}
	r.SetBasicAuth(p.ID, p.Secret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := d.do(r)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(a.body, &token); err != nil || token.AccessToken == "" {
		d.Fatalf("no token for %s: %d %s", client, a.status, a.body)
	}
	return caller{harness: d, token: token.AccessToken}
}

// caller is a partner with a token.
type caller struct {
	*harness
	token string
}

// call sends a body as JSON, a string as it is; header holds names and values in
// turn.
func (c caller) call(method, path string, body any, header ...string) answer {
	c.Helper()
	return c.request(method, path, body, append([]string{"Authorization", "Bearer " + c.token}, header...)...)
}

func (d *harness) control(method, path string, body any) answer {
	d.Helper()
	return d.request(method, "/_sandbox/"+path, body)
}

func (d *harness) request(method, path string, body any, header ...string) answer {
	d.Helper()
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			d.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	if !strings.HasPrefix(path, "http") {
		path = d.s.origin + path
	}
	r, err := http.NewRequestWithContext(d.Context(), method, path, content)
	if err != nil {
		d.Fatal(err)
	}
	if content != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return d.do(r)
}

func (d *harness) do(r *http.Request) answer {
	d.Helper()
	client := d.client
	if strings.HasPrefix(r.URL.Path, "/_sandbox/") {
		client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no part of GoBiz's contract
	}
	got, err := client.Do(r)
	if err != nil {
		d.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		d.Fatal(err)
	}
	return answer{status: got.StatusCode, header: got.Header, body: body}
}

// decode wants a success and reads its data, or the whole answer of the control
// API, into v.
func (d *harness) decode(a answer, v any) {
	d.Helper()
	if a.status < 200 || a.status > 299 {
		d.Fatalf("answer %d: %s", a.status, a.body)
	}
	envelope := struct{ Data json.RawMessage }{}
	if err := json.Unmarshal(a.body, &envelope); err != nil {
		d.Fatalf("%v: %s", err, a.body)
	}
	text := []byte(envelope.Data)
	if text == nil {
		text = a.body
	}
	if err := json.Unmarshal(text, v); err != nil {
		d.Fatalf("%v: %s", err, text)
	}
}

// refused wants an error with a status and a message that contains text.
func (d *harness) refused(a answer, status int, text string) {
	d.Helper()
	if a.status != status || !strings.Contains(string(a.body), text) {
		d.Errorf("answer %d %s, want %d with %q", a.status, a.body, status, text)
	}
}

// done wants a success.
func (d *harness) done(a answer) {
	d.Helper()
	if a.status != http.StatusOK {
		d.Errorf("answer %d %s, want 200", a.status, a.body)
	}
}

// setAcceptance returns an outlet an acceptance mode.
func (d *harness) setAcceptance(outletID, mode string) {
	d.Helper()
	d.done(d.control(http.MethodPatch, "outlets/"+outletID, map[string]any{"acceptance": mode}))
}

// advance moves the sandbox's clock.
func (d *harness) advance(by string) {
	d.Helper()
	d.done(d.control(http.MethodPost, "clock", map[string]any{"advance": by}))
}

// order places an order and gives its number.
func (d *harness) order(body any) orderView {
	d.Helper()
	var v struct{ Order orderView }
	d.decode(d.control(http.MethodPost, "orders", body), &v)
	return v.Order
}

// orderView is an order as the control API shows it.
type orderView struct {
	Number string  `json:"order_number"`
	Status string  `json:"status"`
	Total  float64 `json:"order_total"`
	Items  []struct {
		Name       string
		ExternalID string `json:"external_id"`
		Quantity   int
		Price      float64
		Variants   []struct {
			Name       string
			ExternalID string `json:"external_id"`
		}
	}
}

func (d *harness) OrderStatus(number string) string {
	d.Helper()
	var v struct{ Order orderView }
	d.decode(d.control(http.MethodGet, "orders/"+number, nil), &v)
	return v.Order.Status
}

// await polls until the sandbox has caught up with what happens in its own
// goroutines.
func (d *harness) await(what string, reached func() bool) {
	d.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	giveUp := time.After(20 * time.Second)
	for !reached() {
		select {
		case <-tick.C:
		case <-giveUp:
			d.Fatalf("%s: never happened", what)
		}
	}
}

// delivery waits until the n-th attempt for an entity is recorded, and shows the
// delivery as the troubleshooting call does.
func (d *harness) delivery(as caller, entity string, attempts int) notificationView {
	d.Helper()
	var v struct{ Notifications []notificationView }
	d.await("attempt", func() bool {
		recorded := 0
		d.s.store.view(func() {
			for _, row := range d.s.store.deliveries.all() {
				if row.EntityID == entity {
					recorded = len(row.Attempts)
				}
			}
		})
		return recorded >= attempts
	})
	d.decode(as.call(http.MethodGet, "/integrations/partner/notifications?entity_id="+entity, nil), &v)
	if len(v.Notifications) != 1 {
		d.Fatalf("%d notifications of %s", len(v.Notifications), entity)
	}
	return v.Notifications[0]
}

// awaitAttempts waits until so many attempts to URLs with that end are recorded.
func (d *harness) awaitAttempts(end string, attempts int) {
	d.Helper()
	d.await("attempts to "+end, func() bool {
		recorded := 0
		d.s.store.view(func() {
			for _, row := range d.s.store.deliveries.all() {
				if strings.HasSuffix(row.URL, end) {
					recorded += len(row.Attempts)
				}
			}
		})
		return recorded == attempts
	})
}

type notificationView struct {
	EntityID  string `json:"entity_id"`
	PartnerID string `json:"partner_id"`
	EventType string `json:"event_type"`
	Status    string `json:"delivery_status"`
	Endpoint  string
	Headers   map[string]string
	Payload   string
	History   []struct {
		Time             time.Time
		ExceptionMessage *string `json:"exception_message"`
		Delivered        bool
	}
}

// receiver is a partner's server for webhooks.
type receiver struct {
	t   *testing.T
	url string
	got chan received

	mu     sync.Mutex
	answer http.HandlerFunc // nil: 200
}

type received struct {
	path   string
	header http.Header
	body   []byte
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, got: make(chan received, 100)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return // the sandbox hung up
		}
		r.mu.Lock()
		answer := r.answer
		r.mu.Unlock()
		r.got <- received{path: request.Method + " " + request.URL.Path, header: request.Header, body: body}
		if answer != nil {
			answer(w, request)
		}
	}))
	t.Cleanup(func() {
		server.CloseClientConnections() // ends handlers that wait for it
		server.Close()
	})
	r.url = server.URL + "/hook"
	return r
}

func (r *receiver) answers(h http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = h
}

func (r *receiver) answersStatus(status int) {
	r.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

func (r *receiver) next() received {
	r.t.Helper()
	select {
	case got := <-r.got:
		return got
	case <-time.After(20 * time.Second):
		r.t.Fatal("no webhook came")
		return received{}
	}
}

func (r *receiver) nothing() {
	r.t.Helper()
	select {
	case got := <-r.got:
		r.t.Errorf("unexpected webhook: %s", got.body)
	default:
	}
}

// event waits for the next webhook, holds it against contract and signature, and
// reads it.
func (d *harness) event(r *receiver, client, want string) eventView {
	d.Helper()
	got := r.next()
	var e eventView
	if err := json.Unmarshal(got.body, &e); err != nil {
		d.Fatalf("%v: %s", err, got.body)
	}
	e.header, e.raw = got.header, got.body
	name := want
	if strings.HasPrefix(want, "eim.") {
		e.Header.Name = want
	}
	if e.Header.Name != want {
		d.Fatalf("event %s, want %s: %s", e.Header.Name, want, got.body)
	}
	if err := d.contract.CheckWebhook(name, got.body); err != nil {
		d.Errorf("contract: %v", err)
	}
	if err := d.contract.CheckWebhookHeader(name, got.header); err != nil {
		d.Errorf("contract: %v", err)
	}
	var p partner
	d.s.store.view(func() { p, _ = d.s.store.partners.get(client) })
	if webhook.Verify(got.body, got.header.Get(webhook.SignatureHeader), p.RelaySecret) != 0 {
		d.Errorf("signature of %s does not verify", want)
	}
	return e
}

type eventView struct {
	header http.Header
	raw    []byte

	Header struct {
		Name      string `json:"event_name"`
		ID        string `json:"event_id"`
		Timestamp string
	}
	Body struct {
		Customer struct{ Name *string }
		Driver   *struct{ Name string }
		Outlet   struct {
			ID         string
			ExternalID *string `json:"external_outlet_id"`
		}
		Order struct {
			Status string
			PIN    string
			Number string  `json:"order_number"`
			Total  float64 `json:"order_total"`
			Items  []struct {
				ID         string
				ExternalID string `json:"external_id"`
				Price      float64
				Quantity   int
				Notes      *string
				Variants   []struct {
					ExternalID string `json:"external_id"`
				}
			} `json:"order_items"`
			Takeaway     float64                  `json:"takeaway_charges"`
			Cancellation *struct{ Reason string } `json:"cancellation_detail"`
			Scheduled    *struct {
				Start string `json:"schedule_delivery_time_start"`
			} `json:"scheduled_flag"`
			Promotions []struct{ ID string } `json:"applied_promotions"`
		}
		Transaction struct {
			ID        string
			Status    string
			SettledAt string `json:"settlement_at"`
		}
	}
}

// subscribe registers the receiver for events, for all outlets.
func (c caller) subscribe(r *receiver, events ...string) {
	c.Helper()
	for _, event := range events {
		a := c.call(http.MethodPost, "/integrations/partner/v1/notification-subscriptions", map[string]any{"event": event, "url": r.url})
		if a.status != http.StatusCreated {
			c.Fatalf("subscribe to %s: %d %s", event, a.status, a.body)
		}
	}
}
