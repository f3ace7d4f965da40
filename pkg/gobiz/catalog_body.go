package gobiz

import (
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

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
