package gobiz

import (
	"context"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// Catalog reads the live menu of an outlet in one pass (GET v2; Getting started
// (Facilitator), "Get existing Menu"): into points to what the answer's data is
// decoded to. A *catalog.Live of pkg/catalog becomes the menu that a push is
// compared with, or an error when the answer has no list of menus; any type of the
// caller's own does as well, and then that check is its own. A menu without the
// envelope is taken too. The API gives active
// menus and variant categories only. The reply has the whole answer as it came.
func (c *Client) Catalog(ctx context.Context, outletID string, into any) (*Reply, error) {
	return c.Invoke(ctx, Call{Operation: "getCatalog", Params: []string{outletID}, Into: into, bare: true})
}

// A CatalogReceipt is the answer to a catalog write. The server applies the
// menu within minutes.
type CatalogReceipt struct {
	RequestID string `json:"request_id"` // of the write; the mapping event carries it too
	Attempts  int    `json:"-"`          // requests sent
}

// PutCatalog replaces the whole menu of an outlet (PUT v1; Getting started
// (Facilitator), "Update Menu"): menus, items and variants that are not in the body
// are gone afterwards. One body can go to thousands of outlets at the cost of one;
// it is not copied. requestID may be empty; then a fresh one is sent.
func (c *Client) PutCatalog(ctx context.Context, outletID string, body CatalogBody, requestID string) (*CatalogReceipt, error) {
	return c.PutCatalogBy(ctx, "putCatalog", outletID, body, requestID)
}

// PutCatalogBy is PutCatalog by another operation of Endpoints, such as the legacy
// API's.
func (c *Client) PutCatalogBy(ctx context.Context, operation, outletID string, body CatalogBody, requestID string) (*CatalogReceipt, error) {
	if requestID == "" {
		requestID = NewRequestID()
	}
	content, err := body.Body(requestID)
	if err != nil {
		return nil, err
	}
	var data struct {
		RequestID *string `json:"request_id" answer:"required"` // echoed
	}
	reply, err := c.Invoke(ctx, Call{Operation: operation, Params: []string{outletID}, Body: content, Into: &data})
	if err != nil {
		return nil, err
	}
	if data.RequestID != nil {
		requestID = *data.RequestID
	}
	return &CatalogReceipt{RequestID: requestID, Attempts: reply.Attempts}, nil
}

// NewCatalogBody takes a menu that the caller's own program has marshalled, a JSON
// object without white space and without request_id. The text is neither copied
// nor judged. A catalog.Payload of pkg/catalog encodes itself so.
func NewCatalogBody(object []byte) (CatalogBody, error) {
	if len(object) < 2 || object[0] != '{' || object[len(object)-1] != '}' {
		return CatalogBody{}, errors.New("the catalog is not a JSON object")
	}
	return CatalogBody{rest: object[1:]}, nil
}

// A CatalogBody is a marshalled menu without its request id. It is read-only
// and may be used by any number of calls at once.
type CatalogBody struct {
	// rest is the object's members with the closing brace: `"menus":…}`, or "}".
	rest []byte
}

// Len is the size in bytes without the request id.
func (b CatalogBody) Len() int { return len(b.rest) + 1 }

// Body gives what is sent under a request id; the menu itself is not copied.
func (b CatalogBody) Body(requestID string) (Body, error) {
	head, err := jsontext.AppendQuote([]byte(`{"request_id":`), requestID)
	if err != nil {
		return nil, &ArgumentError{Name: "request_id", Reason: "is not valid UTF-8"}
	}
	rest := b.rest
	if len(rest) == 0 {
		rest = []byte("}") // the zero CatalogBody is the empty object
	}
	if rest[0] != '}' {
		head = append(head, ',')
	}
	return Body{head, rest}, nil
}
