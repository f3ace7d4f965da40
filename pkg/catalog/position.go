package catalog

// A Position is a place in a file. Both count from 1, columns in characters;
// zero means that the value came from no file.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// before tells whether a place of the same file is further down.
func (at Position) before(other Position) bool {
	return at.Line < other.Line || at.Line == other.Line && at.Column < other.Column
}

// An Origin tells where an entity and its fields stand in the file. It is empty
// for an entity that was made by other means.
type Origin struct {
	Position
	fields []fieldPosition
	lists  *listPositions // nil when it has none
}

// A spot is a Position in half the memory: a large menu has a million of them.
type spot struct{ line, column int32 }

func (at Position) spot() spot    { return spot{int32(at.Line), int32(at.Column)} }
func (s spot) position() Position { return Position{int(s.line), int(s.column)} }

// listPositions has the places of what is in an item's lists.
type listPositions struct {
	references []spot // variant_category_external_ids
	windows    []spot // operational_hours, Monday's first; they begin again where all days are the same
}

type fieldPosition struct {
	name string
	at   spot
}

// reference gives the place of an element of variant_category_external_ids.
func (o Origin) reference(i int) Position {
	if o.lists != nil && i < len(o.lists.references) {
		return o.lists.references[i].position()
	}
	return o.Field("variant_category_external_ids")
}

// window gives the place of a window of operational_hours, counted over the
// whole week.
func (o Origin) window(i int) Position {
	if o.lists != nil && len(o.lists.windows) > 0 {
		return o.lists.windows[i%len(o.lists.windows)].position()
	}
	return o.Field("operational_hours")
}

// Field gives the place of a field's value, by its key in the file ("price"),
// or the place of the entity when the field is not there.
func (o Origin) Field(name string) Position {
	for _, f := range o.fields {
		if f.name == name {
			return f.at.position()
		}
	}
	return o.Position
}
