package catalog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// An EncodedPayload is a payload that was written as JSON, once: what is sent,
// shown, hashed and kept in a plan are the same bytes.
type EncodedPayload struct {
	RequestID string
	// Menu is the payload without its request id: compact, keys in a fixed order,
	// HTML characters as they are.
	Menu []byte
}

// Encode writes the payload as JSON.
func (p *Payload) Encode() (*EncodedPayload, error) {
	menu, err := json.Marshal(struct {
		Menus             []PayloadMenu            `json:"menus"`
		VariantCategories []PayloadVariantCategory `json:"variant_categories,omitempty"`
	}{p.Menus, p.VariantCategories}, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, fmt.Errorf("cannot write the catalog as JSON: %w", err)
	}
	return &EncodedPayload{RequestID: p.RequestID, Menu: menu}, nil
}

// JSON gives the body of the push, which begins with the request id.
func (e *EncodedPayload) JSON() []byte {
	body := make([]byte, 0, len(e.Menu)+len(e.RequestID)+len(`{"request_id":"",`))
	body, _ = jsontext.AppendQuote(append(body, `{"request_id":`...), e.RequestID) // what is not UTF-8 is replaced
	return append(append(body, ','), e.Menu[1:]...)
}

// Digest names the menu, "sha256:" and 64 hex digits. The request id is not part
// of it: the same menu has the same digest.
func (e *EncodedPayload) Digest() string {
	hash := sha256.New()
	hash.Write([]byte(`{"request_id":"",`))
	hash.Write(e.Menu[1:])
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}

// JSON is [Payload.Encode] for a payload that is written for one purpose.
func (p *Payload) JSON() ([]byte, error) {
	encoded, err := p.Encode()
	if err != nil {
		return nil, err
	}
	return encoded.JSON(), nil
}

// UnmarshalJSON reads a JSON number with at most two decimals.
func (p *Price) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return errors.New("a price is a number, not text")
	}
	price, problem, _ := parsePrice(string(data), true)
	if problem != "" {
		return errors.New(problem)
	}
	*p = price
	return nil
}
