package gobiz

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// A CatalogRequest is the menu as it is written (PUT v1). Entities are known
// by the partner's external ids.
type CatalogRequest struct {
	// RequestID names the write for support and in the mapping event.
	RequestID         string                   `json:"request_id,omitzero"`
	Menus             []MenuRequest            `json:"menus"`
	VariantCategories []VariantCategoryRequest `json:"variant_categories"`
}

// A MenuRequest is a menu with its items. Name: at most 150 characters.
type MenuRequest struct {
	Name      string            `json:"name"`
	MenuItems []MenuItemRequest `json:"menu_items"`
}

// A MenuItemRequest is an item. Names have at most 150 characters, internal
// names and descriptions 200 (developer documentation, menu structure).
type MenuItemRequest struct {
	ExternalID   string `json:"external_id"`
	Name         string `json:"name"`
	InternalName string `json:"internal_name,omitzero"`
	Description  string `json:"description,omitzero"`
	InStock      bool   `json:"in_stock"`
	Price        Rupiah `json:"price"`
	// Image is a public http or https URL of a square JPEG or PNG of at most 1 MB.
	Image string `json:"image,omitzero"`
	// OperationalHours left out means always available (seen live).
	OperationalHours           *OperationalHours `json:"operational_hours,omitzero"`
	VariantCategoryExternalIDs []string          `json:"variant_category_external_ids,omitzero"`
}

// OperationalHours are written with all seven days; a day without windows is
// a day on which the item is not sold (Enterprise Integration Middleware).
type OperationalHours struct {
	Sunday    []Window `json:"sunday"`
	Monday    []Window `json:"monday"`
	Tuesday   []Window `json:"tuesday"`
	Wednesday []Window `json:"wednesday"`
	Thursday  []Window `json:"thursday"`
	Friday    []Window `json:"friday"`
	Saturday  []Window `json:"saturday"`
}

// A VariantCategoryRequest is a group of options.
type VariantCategoryRequest struct {
	ExternalID   string           `json:"external_id"`
	InternalName string           `json:"internal_name,omitzero"`
	Name         string           `json:"name"`
	Rules        RulesRequest     `json:"rules"`
	Variants     []VariantRequest `json:"variants"`
}

// RulesRequest holds the selection rule of a category.
type RulesRequest struct {
	Selection SelectionRequest `json:"selection"`
}

// SelectionRequest bounds how many variants are chosen: 0 <= min <= max <= number of variants.
type SelectionRequest struct {
	MinQuantity int `json:"min_quantity"`
	MaxQuantity int `json:"max_quantity"`
}

// A VariantRequest is one option; Price is added to the item's price.
type VariantRequest struct {
	ExternalID string `json:"external_id"`
	Name       string `json:"name"`
	Price      Rupiah `json:"price"`
	InStock    bool   `json:"in_stock"`
}

// Marshal writes the menu once for any number of writes. RequestID is not part
// of it.
func (r CatalogRequest) Marshal() (CatalogBody, error) {
	r.RequestID = ""
	return MarshalCatalog(r)
}

// MarshalCatalog writes a menu of any type that becomes a JSON object. The type
// must leave request_id to the write.
func MarshalCatalog(menu any) (CatalogBody, error) {
	body, err := JSONBody(menu)
	if err != nil {
		return CatalogBody{}, err
	}
	return RawCatalogBody(body[0])
}

// RawCatalogBody takes a menu that the caller's own program has marshalled, a JSON
// object without white space and without request_id. The text is neither copied
// nor judged; [ParseCatalogBody] takes what comes from elsewhere.
func RawCatalogBody(object []byte) (CatalogBody, error) {
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

// ParseCatalogBody takes a menu that is JSON already. A request_id in it is
// dropped, since every write needs its own. Members keep their order. It does not
// judge the menu; wrong JSON and duplicate members are errors.
func ParseCatalogBody(data []byte) (CatalogBody, error) {
	// The checks run over the document once; the bytes themselves are kept.
	dec := jsontext.NewDecoder(bytes.NewBuffer(data))
	token, err := dec.ReadToken()
	if err != nil {
		return CatalogBody{}, fmt.Errorf("the catalog is not JSON: %w", err)
	}
	if token.Kind() != '{' {
		return CatalogBody{}, errors.New("the catalog is not a JSON object")
	}
	rest := make([]byte, 0, len(data))
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return CatalogBody{}, fmt.Errorf("the catalog is not JSON: %w", err)
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return CatalogBody{}, fmt.Errorf("the catalog is not JSON: %w", err)
		}
		if key == "request_id" {
			continue
		}
		if len(rest) > 0 {
			rest = append(rest, ',')
		}
		if rest, err = jsontext.AppendQuote(rest, key); err != nil {
			return CatalogBody{}, fmt.Errorf("the catalog is not JSON: %w", err)
		}
		rest = append(rest, ':')
		rest = append(rest, value...)
	}
	if _, err := dec.ReadToken(); err != nil {
		return CatalogBody{}, fmt.Errorf("the catalog is not JSON: %w", err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return CatalogBody{}, errors.New("the catalog has text after the end of its JSON")
	}
	return CatalogBody{rest: append(rest, '}')}, nil
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
