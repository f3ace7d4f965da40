package catalog

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
	fields []fieldPosition
}

type fieldPosition struct {
	name string
	at   Position
}

// Field gives the place of a field's value, by its key in the file ("price"),
// or the place of the entity when the field is not there.
func (o Origin) Field(name string) Position {
	for _, f := range o.fields {
		if f.name == name {
			return f.at
		}
	}
	return o.Position
}
