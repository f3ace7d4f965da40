package sandbox

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/sender"
)

// payment is a QRIS transaction.
type payment struct {
	ID        string          `json:"id"`
	Partner   string          `json:"partner"`
	Outlet    string          `json:"outlet"`
	Type      string          `json:"payment_type"`
	Status    string          `json:"status"`
	QRIS      string          `json:"qris_string"`
	OrderID   string          `json:"order_id"`     // the partner's
	Amount    int64           `json:"gross_amount"` // rupiah
	Currency  string          `json:"currency"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	CreatedAt time.Time       `json:"created_at"`
	SettledAt *time.Time      `json:"settlement_at"`
	PopID     string          `json:"pop_id"`
	Terminal  string          `json:"terminal_label"`
}

// Statuses of a payment. pending is documented; settlement is inferred from the
// event's name.
const (
	paymentPending = "pending"
	paymentSettled = "settlement"
)

const (
	paymentTypeQRIS = "qris"
	currencyIDR     = "IDR"
	maxPaymentKey   = 32 // characters of Idempotency-Key
)

// qrCodePath is where the official action URL leads, outside of /integrations
// (developer documentation, "Get transaction").
const qrCodePath = "/transactions/{transaction_id}/qr-code"

func paymentOperations() []operation {
	const v1 = "/integrations/payment/outlets/{outlet_id}/v1/transactions/{transaction_id}"
	const v2 = "/integrations/payment/outlets/{outlet_id}/v2/transactions"
	read, write := []string{"payment:transaction:read"}, []string{"payment:transaction:write"}
	return []operation{
		{id: "createTransaction", method: http.MethodPost, path: v2, grants: partnersGrant, scopes: write, outlet: paymentOutlet, handle: createTransaction},
		{id: "getTransaction", method: http.MethodGet, path: v1, grants: partnersGrant, scopes: read, outlet: paymentOutlet, handle: getTransaction},
		{id: "getTransactionQRCode", method: http.MethodGet, path: qrCodePath, grants: partnersGrant, scopes: read, answersWith: contentPNG, handle: getTransactionQRCode},
	}
}

// paymentRequest is the body of POST (developer documentation, "Create
// transaction").
type paymentRequest struct {
	Type    string `json:"payment_type"`
	Details *struct {
		OrderID  string   `json:"order_id"`
		Amount   *float64 `json:"gross_amount"`
		Currency string   `json:"currency"`
	} `json:"transaction_details"`
	Items []struct {
		ID       string   `json:"id"`
		Name     string   `json:"name"`
		Price    *float64 `json:"price"`
		Quantity *float64 `json:"quantity"`
	} `json:"item_details"`
	Metadata json.RawMessage `json:"metadata"` // any object
}

func createTransaction(s *Sandbox, c *call) (reply, error) {
	key, err := idempotencyKey(c, "Idempotency-Key", maxPaymentKey)
	if err != nil {
		return reply{}, err
	}
	var request paymentRequest
	invalid := decode(c.body, &request)
	if invalid == nil {
		invalid = request.check()
	}
	return s.once(c, "createTransaction", key, func() (reply, error) {
		if invalid != nil {
			return reply{}, invalid
		}
		p := payment{
			ID:        s.newUUID(),
			Partner:   c.token.Partner,
			Outlet:    c.outlet.ID,
			Type:      request.Type,
			Status:    paymentPending,
			OrderID:   request.Details.OrderID,
			Amount:    int64(*request.Details.Amount),
			Currency:  request.Details.Currency,
			Metadata:  request.Metadata,
			CreatedAt: s.now(),
			PopID:     entityID(c.outlet.ID, "pop", ""),
			Terminal:  "SANDBOX",
		}
		p.QRIS = qrisString(p, c.outlet)
		s.store.payments.put(p.ID, p)
		status := http.StatusCreated
		if s.switches().PaymentCreateOK {
			status = http.StatusOK
		}
		return reply{status: status, data: p.data(c.Host)}, nil
	})
}

func (r paymentRequest) check() error {
	d := r.Details
	switch {
	case r.Type == "":
		return errInvalid("payment_type: missing required field")
	case r.Type != paymentTypeQRIS:
		return errInvalid("payment_type: must be %s", paymentTypeQRIS)
	case d == nil:
		return errInvalid("transaction_details: missing required field")
	case d.OrderID == "":
		return errInvalid("transaction_details.order_id: missing required field")
	case strings.ContainsFunc(d.OrderID, notInOrderID):
		return errInvalid("transaction_details.order_id: only letters, digits and - _ ~ . are allowed")
	case d.Amount == nil:
		return errInvalid("transaction_details.gross_amount: missing required field")
	case *d.Amount <= 0 || *d.Amount != math.Trunc(*d.Amount) || *d.Amount >= 1e13:
		return errInvalid("transaction_details.gross_amount: must be a whole number of rupiah above 0")
	case d.Currency == "":
		return errInvalid("transaction_details.currency: missing required field")
	case d.Currency != currencyIDR:
		return errInvalid("transaction_details.currency: must be %s", currencyIDR)
	case len(r.Metadata) > 0 && r.Metadata[0] != '{' && string(r.Metadata) != "null":
		return errInvalid("metadata: must be an object")
	}
	sum := 0.0
	for i, item := range r.Items {
		path := fmt.Sprintf("item_details[%d]", i)
		switch {
		case item.Name == "":
			return errInvalid("%s.name: missing required field", path)
		case item.Price == nil:
			return errInvalid("%s.price: missing required field", path)
		case item.Quantity == nil:
			return errInvalid("%s.quantity: missing required field", path)
		case *item.Price != math.Trunc(*item.Price), *item.Quantity != math.Trunc(*item.Quantity):
			return errInvalid("%s: price and quantity must be whole numbers", path)
		}
		sum += *item.Price * *item.Quantity
	}
	if len(r.Items) > 0 && sum != *d.Amount {
		return errInvalid("transaction_details.gross_amount: must be the sum of item_details, %.0f", sum)
	}
	return nil
}

func notInOrderID(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_~.", r)
}

// paymentData is a payment in an answer.
type paymentData struct {
	Outlet      paymentOutletData `json:"outlet"`
	Transaction transactionData   `json:"transaction"`
	Actions     []paymentAction   `json:"actions"`
}

type paymentOutletData struct {
	ID    string `json:"id"`
	PopID string `json:"pop_id"`
}

type transactionData struct {
	ID        string          `json:"id"`
	Type      string          `json:"payment_type"`
	Status    string          `json:"status"`
	QRIS      string          `json:"qris_string"`
	OrderID   string          `json:"order_id"`
	Amount    int64           `json:"gross_amount"`
	Currency  string          `json:"currency"`
	CreatedAt string          `json:"created_at"`
	SettledAt *string         `json:"settlement_at"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`       // as it came
	Terminal  string          `json:"terminal_label,omitempty"` // only in events
}

type paymentAction struct {
	Name   string `json:"name"`
	Method string `json:"method"`
	URL    string `json:"url"`
}

// data has URLs at the host that was called.
func (p payment) data(host string) paymentData {
	data := paymentData{
		Outlet: paymentOutletData{ID: p.Outlet, PopID: p.PopID},
		Transaction: transactionData{
			ID:        p.ID,
			Type:      p.Type,
			Status:    p.Status,
			QRIS:      p.QRIS,
			OrderID:   p.OrderID,
			Amount:    p.Amount,
			Currency:  p.Currency,
			CreatedAt: apiTime(p.CreatedAt),
			Metadata:  p.Metadata,
		},
		Actions: []paymentAction{{
			Name:   "generate-qr-code",
			Method: http.MethodGet,
			URL:    "http://" + host + strings.Replace(qrCodePath, "{transaction_id}", p.ID, 1),
		}},
	}
	if p.SettledAt != nil {
		settled := apiTime(*p.SettledAt)
		data.Transaction.SettledAt = &settled
	}
	return data
}

func getTransaction(s *Sandbox, c *call) (reply, error) {
	p, err := s.payment(c)
	if err != nil {
		return reply{}, err
	}
	return reply{data: p.data(c.Host)}, nil
}

const contentPNG = "image/png"

func getTransactionQRCode(s *Sandbox, c *call) (reply, error) {
	p, err := s.payment(c)
	if err != nil {
		return reply{}, err
	}
	picture, err := qrPNG(p.QRIS)
	return reply{raw: picture, contentType: contentPNG}, err
}

// payment is the one that the path names. The picture's path names no outlet.
func (s *Sandbox) payment(c *call) (payment, error) {
	p, ok := find(s.store, s.store.payments, c.PathValue("transaction_id"))
	if !ok || p.Partner != c.token.Partner || c.outlet.ID != "" && p.Outlet != c.outlet.ID {
		return payment{}, errNotFound("Transaction not found")
	}
	return p, nil
}

// settlePayment is the customer paying. A payment is settled once.
func (s *Sandbox) settlePayment(id string) (settled payment, err error) {
	err = s.store.update(func() error {
		p, ok := s.store.payments.get(id)
		switch {
		case !ok:
			return errNotFound("payment %s does not exist; GET /_sandbox/payments lists all", id)
		case p.Status != paymentPending:
			return errConflict("payment %s cannot be settled: its status is %s", id, p.Status)
		}
		now := s.now()
		p.Status, p.SettledAt = paymentSettled, &now
		s.store.payments.put(id, p)
		s.publish(eventPaymentSettled, p.Outlet, p.ID, func() any {
			return sender.SettlementBody{Outlet: sender.OutletID{ID: p.Outlet}, Transaction: sender.Transaction{
				ID: p.ID, Type: p.Type, Status: p.Status, OrderID: p.OrderID, Amount: p.Amount, Currency: p.Currency, Terminal: p.Terminal,
				CreatedAt: p.CreatedAt.In(sender.WIB).Format(time.RFC3339), SettledAt: now.In(sender.WIB).Format(time.RFC3339),
			}}
		})
		settled = p
		return nil
	})
	return settled, err
}
