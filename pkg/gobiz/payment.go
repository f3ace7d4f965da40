package gobiz

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// PaymentTypeQRIS is the only type of payment.
const PaymentTypeQRIS = "qris"

// A PaymentRequest asks for a payment. Amounts are whole rupiah.
type PaymentRequest struct {
	// Type is PaymentTypeQRIS when empty.
	Type     string             `json:"payment_type"`
	Details  TransactionDetails `json:"transaction_details"`
	Items    []PaymentItem      `json:"item_details,omitempty"`
	Customer *PaymentCustomer   `json:"customer_details,omitzero"`
	Metadata map[string]any     `json:"metadata,omitempty"`
	// IdempotencyKey has at most 32 characters; empty for a fresh one. The same
	// key gets the earlier answer, for a month.
	IdempotencyKey string `json:"-"`
}

// TransactionDetails of a payment.
type TransactionDetails struct {
	OrderID     string `json:"order_id"` // the partner's; letters, digits, "-", "_", "~", "."
	GrossAmount Rupiah `json:"gross_amount"`
	Currency    string `json:"currency"` // "IDR" when empty
}

// A PaymentItem is a line of what is paid for.
type PaymentItem struct {
	ID           string `json:"id,omitzero"`
	Name         string `json:"name"`
	Price        Rupiah `json:"price"`
	Quantity     int    `json:"quantity"`
	Brand        string `json:"brand,omitzero"`
	Category     string `json:"category,omitzero"`
	MerchantName string `json:"merchant_name,omitzero"`
}

// PaymentCustomer is who pays.
type PaymentCustomer struct {
	FirstName string `json:"first_name,omitzero"`
	LastName  string `json:"last_name,omitzero"`
	Email     string `json:"email,omitzero"`
	Phone     string `json:"phone,omitzero"`
}

// A Payment is a transaction with its outlet and what can be done next.
type Payment struct {
	Outlet      PaymentOutlet `json:"outlet"`
	Transaction Transaction   `json:"transaction" answer:"required"`
	Actions     []Action      `json:"actions"`
}

// PaymentOutlet is the outlet of a payment.
type PaymentOutlet struct {
	ID    string  `json:"id" answer:"nonempty"`
	PopID *string `json:"pop_id"` // proof of payment
}

// A Transaction is the state of a payment.
type Transaction struct {
	ID           string         `json:"id" answer:"nonempty"` // UUID
	PaymentType  string         `json:"payment_type"`
	Status       string         `json:"status" answer:"required"` // "pending" seen; settlement by the event's name
	QRISString   string         `json:"qris_string"`
	OrderID      string         `json:"order_id"`
	GrossAmount  Rupiah         `json:"gross_amount"`
	Currency     string         `json:"currency"`
	CreatedAt    Time           `json:"created_at"`
	SettlementAt Time           `json:"settlement_at"` // null until paid
	Unknown      jsontext.Value `json:",embed"`
}

// An Action is a call that the server offers for a payment.
type Action struct {
	Name   string `json:"name" answer:"required"` // "generate-qr-code"
	Method string `json:"method"`
	URL    string `json:"url" answer:"required"`
}

// QRCodeURL is the URL of the action that gives the QR image, empty if there
// is none.
func (p *Payment) QRCodeURL() string {
	for _, action := range p.Actions {
		if action.Name == "generate-qr-code" {
			return action.URL
		}
	}
	return ""
}

var orderIDPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[\pL\pN\-_~.]+$`) })

// CreateTransaction asks for a payment; it needs the product payment linked.
func (c *Client) CreateTransaction(ctx context.Context, outletID string, payment PaymentRequest) (*Payment, error) {
	if payment.Type == "" {
		payment.Type = PaymentTypeQRIS
	}
	if payment.Details.Currency == "" {
		payment.Details.Currency = "IDR"
	}
	if !orderIDPattern().MatchString(payment.Details.OrderID) {
		return nil, &ArgumentError{Name: "order_id", Value: payment.Details.OrderID, Reason: `may have letters, digits and - _ ~ . only`}
	}
	key, err := idempotencyKey(payment.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	return c.payment(ctx, Call{
		Operation: "createTransaction", Params: []string{outletID}, Content: payment,
		Header: http.Header{"Idempotency-Key": {key}},
	})
}

// Transaction reads a payment.
func (c *Client) Transaction(ctx context.Context, outletID, transactionID string) (*Payment, error) {
	return c.payment(ctx, Call{Operation: "getTransaction", Params: []string{outletID, transactionID}})
}

func (c *Client) payment(ctx context.Context, call Call) (*Payment, error) {
	var payment Payment
	call.Into = &payment
	if _, err := c.Invoke(ctx, call); err != nil {
		return nil, err
	}
	return &payment, nil
}

// TransactionQRCode returns the QR image of a payment (PNG): it reads the
// payment and calls QRCode with the URL that comes with it.
func (c *Client) TransactionQRCode(ctx context.Context, outletID, transactionID string) ([]byte, error) {
	payment, err := c.Transaction(ctx, outletID, transactionID)
	if err != nil {
		return nil, err
	}
	return c.QRCode(ctx, payment.QRCodeURL())
}

// QRCode returns the QR image (PNG) at the URL that the server gave with a
// payment, Payment.QRCodeURL; the documentation says to use it as it is. A URL of
// another host is read without the token, and only over https.
func (c *Client) QRCode(ctx context.Context, rawURL string) ([]byte, error) {
	target, err := url.Parse(rawURL)
	if err != nil || target.Host == "" || target.User != nil {
		return nil, &ArgumentError{Name: "QR code URL", Reason: "is not a URL of a host"}
	}
	if target.Scheme != "https" && !sameOrigin(target, c.base) {
		return nil, &ArgumentError{Name: "QR code URL", Reason: "is neither https nor of the API host"}
	}
	state := c.newState("getTransactionQRCode", http.MethodGet, target.EscapedPath())
	state.foreign = true
	return c.image(ctx, state, target)
}

func (c *Client) image(ctx context.Context, state *callState, target *url.URL) ([]byte, error) {
	endpoint, _ := lookupEndpoint(state.operation)
	resp, err := c.send(ctx, state, target, endpoint.header(nil, false), nil)
	if err != nil {
		return nil, err
	}
	body, err := readAll(resp)
	if err != nil {
		return nil, state.transportFailure(ctx, err)
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, state.statusFailure(resp.StatusCode, resp.Header, body)
	}
	if !isPNG(body) {
		e := state.failure(resp.StatusCode, state.requestID)
		e.Kind, e.Message = ErrMalformed, "the answer is not a PNG image"
		e.fill(nil, body, state.hide)
		return nil, state.hideIn(e)
	}
	return body, nil
}

func isPNG(data []byte) bool {
	const signature = "\x89PNG\r\n\x1a\n"
	return len(data) > len(signature) && string(data[:len(signature)]) == signature
}
