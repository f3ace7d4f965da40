package gobiz

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// PromoTypeSKU is the only type of promotion: a special price for one item.
const PromoTypeSKU = "sku_promo"

// A PromoRequest asks for a special price on one item. The merchant pays the
// discount, which is at least 5 %, or 30 % when times of the day are given
// (developer documentation, how to promotions).
type PromoRequest struct {
	// Type is PromoTypeSKU when empty.
	Type   string      `json:"promo_type"`
	Detail PromoDetail `json:"promo_detail"`
	// IdempotencyKey has at most 32 characters; empty for a fresh one.
	IdempotencyKey string `json:"-"`
}

// PromoDetail is the content of a promotion.
type PromoDetail struct {
	StartDate      string   `json:"start_date"`                // YYYY-MM-DD
	EndDate        string   `json:"end_date"`                  // YYYY-MM-DD
	StartTime      string   `json:"start_time,omitzero"`       // HH:MM:SS
	EndTime        string   `json:"end_time,omitzero"`         // HH:MM:SS
	ApplicableDays []string `json:"applicable_days,omitempty"` // lower-case weekdays, "monday"
	SellingPrice   Rupiah   `json:"selling_price"`
	// ExternalMenuID is the external id of the item, despite its name.
	ExternalMenuID string `json:"external_menu_id"`
}

// A PromoResult tells for each item whether its promotion was made.
type PromoResult struct {
	Success []PromoOutcome `json:"success"`
	Failure []PromoOutcome `json:"failure"`
}

// A PromoOutcome is one entry of a PromoResult.
type PromoOutcome struct {
	ID             string `json:"id"` // empty in a failure
	ExternalMenuID string `json:"external_menu_id"`
	Errors         string `json:"errors"` // empty in a success
}

// UnmarshalJSON also takes errors as an array or an object.
func (o *PromoOutcome) UnmarshalJSON(data []byte) error {
	var loose struct {
		ID             string `json:"id"`
		ExternalMenuID string `json:"external_menu_id"`
		Errors         any    `json:"errors"`
	}
	if err := json.Unmarshal(data, &loose, tolerant()...); err != nil {
		return err
	}
	var messages []string
	for _, p := range problemList(loose.Errors) {
		messages = append(messages, strings.TrimPrefix(p.Title+": "+p.Message, ": "))
	}
	*o = PromoOutcome{ID: loose.ID, ExternalMenuID: loose.ExternalMenuID, Errors: strings.Join(messages, "; ")}
	return nil
}

// A Promo is an existing promotion. Only id, status and the dates are
// documented.
type Promo struct {
	ID             string         `json:"id" answer:"nonempty"`
	Status         string         `json:"status" answer:"required"` // "created" seen; others not documented
	StartDate      string         `json:"start_date"`
	EndDate        string         `json:"end_date"`
	StartTime      string         `json:"start_time,omitzero"`
	EndTime        string         `json:"end_time,omitzero"`
	ApplicableDays []string       `json:"applicable_days,omitzero"`
	SellingPrice   *Rupiah        `json:"selling_price,omitzero"`
	ExternalMenuID string         `json:"external_menu_id,omitzero"`
	Unknown        jsontext.Value `json:",embed"`
}

// A PromoPage is one page of promotions.
type PromoPage struct {
	Promotions []Promo `json:"promotions" answer:"required"`
	TotalCount Number  `json:"total_count" answer:"required"`
	Limit      Number  `json:"limit" answer:"required"`
	Page       Number  `json:"page" answer:"required"`
}

// CreatePromo makes a promotion. The API answers 200 also when it refuses an
// item: then the error is of kind ErrRejected and the result, which is not nil,
// has the entries.
func (c *Client) CreatePromo(ctx context.Context, outletID string, promo PromoRequest) (*PromoResult, error) {
	if promo.Type == "" {
		promo.Type = PromoTypeSKU
	}
	key, err := idempotencyKey(promo.IdempotencyKey)
	if err != nil {
		return nil, err
	}
	var data struct {
		Success oneOrMany[PromoOutcome] `json:"success"`
		Failure oneOrMany[PromoOutcome] `json:"failure"`
	}
	reply, err := c.Invoke(ctx, Call{
		Operation: "createPromo", Params: []string{outletID}, Content: promo, Into: &data,
		Header: http.Header{"X-Idempotency-Key": {key}},
	})
	if err != nil {
		return nil, err
	}
	result := &PromoResult{Success: data.Success, Failure: data.Failure}
	made := func(o PromoOutcome) bool { return o.ID != "" }
	switch {
	case len(result.Failure) == 0 && !slices.ContainsFunc(result.Success, made):
		return nil, reply.malformed("the answer lacks data.success", nil)
	case len(result.Failure) == 0:
		return result, nil
	}
	e := reply.state.failure(reply.Status, reply.RequestID)
	e.Kind, e.Title = ErrRejected, "promotion not created"
	for i := range result.Failure {
		failed := &result.Failure[i]
		failed.ExternalMenuID, failed.Errors = reply.state.hide(failed.ExternalMenuID), reply.state.hide(failed.Errors)
		p := Problem{Message: cleanText(fmt.Sprintf("item %s: %s", failed.ExternalMenuID, failed.Errors), maxProblemText)}
		if i == 0 {
			e.Message = p.Message
		} else {
			e.More = append(e.More, p)
		}
	}
	return result, reply.state.hideIn(e)
}

// Promos returns one page of an outlet's promotions.
func (c *Client) Promos(ctx context.Context, outletID string, page Page) (*PromoPage, error) {
	var list PromoPage
	if _, err := c.Invoke(ctx, Call{Operation: "listPromos", Params: []string{outletID}, Query: page.query("limit"), Into: &list}); err != nil {
		return nil, err
	}
	return &list, nil
}

// Promo reads one promotion.
func (c *Client) Promo(ctx context.Context, outletID, promotionID string) (*Promo, error) {
	// The shape is not documented: the promotion stands in data itself, or in
	// data.promotion as with other resources.
	var data struct {
		Nested *Promo         `json:"promotion"`
		Bare   jsontext.Value `json:",embed"`
	}
	reply, err := c.Invoke(ctx, Call{Operation: "getPromo", Params: []string{outletID, promotionID}, Into: &data})
	if err != nil || data.Nested != nil {
		return data.Nested, err
	}
	var promo Promo
	if len(data.Bare) == 0 || decodeMember("data", data.Bare, &promo) != nil {
		return nil, reply.malformed("the answer lacks data.promotion", nil)
	}
	return &promo, nil
}

// DeletePromo deletes a promotion that has not begun.
func (c *Client) DeletePromo(ctx context.Context, outletID, promotionID string) error {
	_, err := c.Invoke(ctx, Call{Operation: "deletePromo", Params: []string{outletID, promotionID}})
	return err
}

// DeactivatePromo ends a promotion that is active.
func (c *Client) DeactivatePromo(ctx context.Context, outletID, promotionID string) error {
	_, err := c.Invoke(ctx, Call{Operation: "deactivatePromo", Params: []string{outletID, promotionID}})
	return err
}

// oneOrMany reads an array, a single object (seen from one client), or null.
type oneOrMany[T any] []T

func (l *oneOrMany[T]) UnmarshalJSON(data []byte) error {
	*l = nil
	if len(data) > 0 && data[0] == '{' {
		var one T
		if err := json.Unmarshal(data, &one, tolerant()...); err != nil {
			return err
		}
		*l = oneOrMany[T]{one}
		return nil
	}
	return json.Unmarshal(data, (*[]T)(l), tolerant()...)
}
