package catalog

import "github.com/gobiz-cli/gobiz/internal/document"

// SchemaURL is where editors find the JSON Schema of a catalog file.
const SchemaURL = "https://raw.githubusercontent.com/gobiz-cli/gobiz/main/docs/catalog.schema.json"

// A File is a catalog file: the shape of the API's own PUT body, with short
// forms resolved as far as they do not depend on the live menu. An empty text
// means "not stated", and so does a nil pointer.
type File struct {
	Name              string // name given to Parse, for messages
	PulledFrom        string // outlet that it was pulled from; empty when nobody knows
	RequestID         string // replaced at every push
	Defaults          Defaults
	Menus             []Menu
	VariantCategories []VariantCategory
	Origin            Origin
}

// Defaults hold for the items that do not say.
type Defaults struct {
	OperationalHours *Hours
	InStock          *bool
	Origin           Origin
}

// A Menu is a section of the catalog as the customer sees it, "Mains". Its name
// is its only key.
type Menu struct {
	Name   string
	Items  []Item
	Origin Origin
}

// An Item is a dish. Its external id is the partner's own; an order refers to
// it. InStock nil means that a push keeps what is live.
type Item struct {
	ExternalID                 string
	Name                       string
	InternalName               string // seen by the merchant only
	Description                string
	Price                      Price
	InStock                    *bool
	Image                      string // URL
	OperationalHours           *Hours // nil: not stated
	VariantCategoryExternalIDs []string
	Origin                     Origin
}

// A VariantCategory is a group of options, "Level pedas", shared by the items
// that refer to it. A customer chooses between MinQuantity and MaxQuantity of
// its variants.
type VariantCategory struct {
	ExternalID   string
	Name         string
	InternalName string // seen by the merchant only
	MinQuantity  int
	MaxQuantity  int // a null in a file means as many as there are variants
	Variants     []Variant
	Origin       Origin
}

// A Variant is one option. Its price is added to the item's and may be negative.
type Variant struct {
	ExternalID string
	Name       string
	Price      Price
	InStock    *bool
	Origin     Origin
}

// Items counts the items of all menus.
func (s *File) Items() int {
	n := 0
	for _, m := range s.Menus {
		n += len(m.Items)
	}
	return n
}

// The entities of a catalog, as changes and notes name them.
const (
	EntityMenu            = "menu"
	EntityItem            = "item"
	EntityVariantCategory = "variant_category"
	EntityVariant         = "variant"
)

// A Position is a place in a file. Both count from 1, columns in characters;
// zero means that the value came from no file.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// An Origin tells where an entity and its fields stand in the file. It is empty
// for an entity that was made by other means.
type Origin struct {
	Position
	fields     []document.Place
	references []Position // the elements of variant_category_external_ids
	windows    []Position // those of operational_hours, Monday's first; they begin again where all days are the same
}

// reference returns the place of an element of variant_category_external_ids.
func (o Origin) reference(i int) Position {
	if i < len(o.references) {
		return o.references[i]
	}
	return o.Field("variant_category_external_ids")
}

// window returns the place of a window of operational_hours, counted over the
// whole week.
func (o Origin) window(i int) Position {
	if len(o.windows) > 0 {
		return o.windows[i%len(o.windows)]
	}
	return o.Field(hoursKey)
}

// Field returns the place of a field's value, by its key in the file ("price"),
// or the place of the entity when the field is not there.
func (o Origin) Field(name string) Position {
	for _, f := range o.fields {
		if f.Field == name {
			return Position(f.At)
		}
	}
	return o.Position
}
