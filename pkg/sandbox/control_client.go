package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Control is a client of a sandbox's control API: it plays customers, drivers
// and GoBiz itself, and looks inside. It is safe for concurrent use.
type Control struct {
	url    string
	client *http.Client
}

// NewControl returns a client for the control API at controlURL, the control_url
// of Info. A nil client means http.DefaultClient.
func NewControl(controlURL string, client *http.Client) *Control {
	if client == nil {
		client = http.DefaultClient
	}
	return &Control{url: strings.TrimSuffix(controlURL, "/"), client: client}
}

// ControlError is a call that the sandbox refused, for example to advance an
// order that is completed.
type ControlError struct {
	Status  int // HTTP status: 404 unknown, 409 not in this state, 400 or 422 wrong input
	Message string
}

func (e *ControlError) Error() string { return "sandbox: " + e.Message }

// Info reports how to reach the sandbox.
func (c *Control) Info(ctx context.Context) (Info, error) {
	return control[Info](ctx, c, http.MethodGet, "/info", nil)
}

// State reports what the sandbox remembers.
func (c *Control) State(ctx context.Context) (State, error) {
	return control[State](ctx, c, http.MethodGet, "/state", nil)
}

// Reset goes back to the seeded state.
func (c *Control) Reset(ctx context.Context) error {
	_, err := control[struct{}](ctx, c, http.MethodPost, "/reset", nil)
	return err
}

type orderAnswerData struct {
	Order Order `json:"order"`
}

// CreateOrder places an order, as a customer would.
func (c *Control) CreateOrder(ctx context.Context, order OrderRequest) (Order, error) {
	answer, err := control[orderAnswerData](ctx, c, http.MethodPost, "/orders", order)
	return answer.Order, err
}

// AdvanceOrder moves an order to its next status, or through all of them up to
// the named one, each with its event.
func (c *Control) AdvanceOrder(ctx context.Context, number, to string) (Order, error) {
	return c.changeOrder(ctx, number, "advance", map[string]string{"to": to})
}

// CancelOrder cancels an order as the customer or GoBiz would. The reason may
// be empty.
func (c *Control) CancelOrder(ctx context.Context, number, reason string) (Order, error) {
	return c.changeOrder(ctx, number, "cancel", map[string]string{"reason": reason})
}

func (c *Control) changeOrder(ctx context.Context, number, action string, body any) (Order, error) {
	id, err := pathID("order number", number)
	if err != nil {
		return Order{}, err
	}
	answer, err := control[orderAnswerData](ctx, c, http.MethodPost, "/orders/"+id+"/"+action, body)
	return answer.Order, err
}

// Orders returns all orders.
func (c *Control) Orders(ctx context.Context) ([]Order, error) {
	answer, err := control[struct {
		Orders []Order `json:"orders"`
	}](ctx, c, http.MethodGet, "/orders", nil)
	return answer.Orders, err
}

// SettlePayment pays a QRIS transaction, as the customer would.
func (c *Control) SettlePayment(ctx context.Context, transactionID string) error {
	id, err := pathID("transaction id", transactionID)
	if err != nil {
		return err
	}
	_, err = control[struct{}](ctx, c, http.MethodPost, "/payments/"+id+"/settle", nil)
	return err
}

// Deliveries returns all notifications, those about one entity when entityID is
// not empty.
func (c *Control) Deliveries(ctx context.Context, entityID string) ([]Delivery, error) {
	path := "/deliveries"
	if entityID != "" {
		path += "?entity_id=" + url.QueryEscape(entityID)
	}
	answer, err := control[struct {
		Deliveries []Delivery `json:"deliveries"`
	}](ctx, c, http.MethodGet, path, nil)
	return answer.Deliveries, err
}

// Requests returns what the sandbox was asked for since its start or reset.
func (c *Control) Requests(ctx context.Context) (Requests, error) {
	return control[Requests](ctx, c, http.MethodGet, "/requests", nil)
}

// SetFaults puts these faults in force and ends all others.
func (c *Control) SetFaults(ctx context.Context, faults ...Fault) error {
	_, err := control[struct{}](ctx, c, http.MethodPut, "/faults", faultsData{orEmpty(faults)})
	return err
}

// SetSwitches puts these switches in force.
func (c *Control) SetSwitches(ctx context.Context, switches Switches) error {
	_, err := control[struct{}](ctx, c, http.MethodPut, "/switches", switches)
	return err
}

// AdvanceClock moves the sandbox's time and gives the new one.
func (c *Control) AdvanceClock(ctx context.Context, d time.Duration) (time.Time, error) {
	answer, err := control[clockData](ctx, c, http.MethodPost, "/clock", map[string]string{"advance": d.String()})
	return answer.Now, err
}

// ExpireTokens ends all access tokens and says how many there were. Refresh
// tokens stay valid.
func (c *Control) ExpireTokens(ctx context.Context) (int, error) {
	answer, err := control[struct {
		Expired int `json:"expired"`
	}](ctx, c, http.MethodPost, "/tokens/expire", nil)
	return answer.Expired, err
}

// An EmptyIDError is a call that was not made, since it names nothing.
type EmptyIDError struct{ What string } // "order number"

func (e *EmptyIDError) Error() string { return "sandbox: the " + e.What + " is empty" }

// pathID makes an id one segment of a path. what names it when it is empty.
func pathID(what, id string) (string, error) {
	if id == "" {
		return "", &EmptyIDError{what}
	}
	segment := url.PathEscape(id)
	if id == "." || id == ".." { // which would name another path
		segment = strings.ReplaceAll(id, ".", "%2E")
	}
	return segment, nil
}

// maxControlAnswer bounds what is read of an answer.
const maxControlAnswer = 256 << 20

func control[T any](ctx context.Context, c *Control, method, path string, body any) (T, error) {
	var answer T
	var sent io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return answer, fmt.Errorf("sandbox: %w", err)
		}
		sent = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, sent)
	if err != nil {
		return answer, fmt.Errorf("sandbox: control url %q: %w", c.url, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return answer, &NotRunningError{URL: c.url, Err: err}
	}
	defer resp.Body.Close()
	elsewhere := &NotRunningError{URL: c.url, Err: fmt.Errorf("something else answers there, with status %d", resp.StatusCode)}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return answer, elsewhere // the body is the connection, whose reading nothing would end
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxControlAnswer))
	if err != nil {
		return answer, fmt.Errorf("sandbox: read the answer to %s %s: %w", method, path, err)
	}
	if resp.StatusCode != http.StatusOK {
		var failure controlFailure
		if err := json.Unmarshal(b, &failure); err != nil || failure.Error == "" {
			return answer, elsewhere
		}
		return answer, &ControlError{Status: resp.StatusCode, Message: failure.Error}
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		return answer, &NotRunningError{URL: c.url, Err: errors.New("something else answers there")}
	}
	return answer, nil
}

// NotRunningError says that no sandbox answers where the control API should be.
type NotRunningError struct {
	URL string
	Err error
}

func (e *NotRunningError) Error() string {
	reason := e.Err
	// The URL stands in the sentence already.
	if op := (*url.Error)(nil); errors.As(reason, &op) {
		reason = op.Err
	}
	return fmt.Sprintf("no sandbox answers at %s: %v", e.URL, reason)
}

// Unwrap returns what came instead of an answer.
func (e *NotRunningError) Unwrap() error { return e.Err }
