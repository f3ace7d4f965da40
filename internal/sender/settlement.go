package sender

// SettlementBody is the body of payment.transaction.settlement, known from
// integrators' code only.
type SettlementBody struct {
	Outlet      OutletID    `json:"outlet"`
	Transaction Transaction `json:"transaction"`
}

// OutletID names an outlet without more.
type OutletID struct {
	ID string `json:"id"`
}

// A Transaction is a payment by QR code that was made.
type Transaction struct {
	ID        string `json:"id"` // UUID
	Type      string `json:"payment_type"`
	Status    string `json:"status"`
	OrderID   string `json:"order_id"`     // the partner's own
	Amount    int64  `json:"gross_amount"` // rupiah
	Currency  string `json:"currency"`
	CreatedAt string `json:"created_at"` // RFC 3339, +07:00
	SettledAt string `json:"settlement_at"`
	Terminal  string `json:"terminal_label"`
}
