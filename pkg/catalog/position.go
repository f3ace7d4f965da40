package catalog

import "github.com/gobiz-cli/gobiz/internal/document"

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
