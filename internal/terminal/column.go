package terminal

// Align places the text of a column in a table.
type Align int

const (
	// AlignLeft is for text.
	AlignLeft Align = iota
	// AlignRight is for numbers.
	AlignRight
)

// A Column is declared once for a resource and used for the formats made of
// cells: table, csv and tsv. The other formats take the keys of the value's
// json tags.
type Column[T any] struct {
	// Name is the header, printed as it is; the API's own name of the field,
	// in snake_case, so that it reads the same in every format.
	Name string
	// Value gives the text of a cell. It need not be clean: a table cleans it.
	Value func(T) string
	Align Align
}
