package terminal

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

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
	// Value gives the text of a cell. It need not be clean: a table cleans it. Nil
	// takes the field of T that has Name in its json tag.
	Value func(T) string
	Align Align
}

// Fields are columns of the fields with these names in their json tags.
func Fields[T any](names ...string) []Column[T] {
	columns := make([]Column[T], len(names))
	for i, name := range names {
		columns[i].Name = name
	}
	return columns
}

// Resolve returns the columns with what to print of a row: a column without a Value
// is the field that has its name in the json tag, and whole numbers are aligned
// right. It panics where T has no such field.
func Resolve[T any](columns []Column[T]) []Column[T] {
	resolved := slices.Clone(columns)
	var fields []reflect.StructField
	for i := range resolved {
		c := &resolved[i]
		if c.Value != nil {
			continue
		}
		if fields == nil {
			fields = reflect.VisibleFields(pointedTo(reflect.TypeFor[T]()))
		}
		at := slices.IndexFunc(fields, func(f reflect.StructField) bool {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			return name == c.Name
		})
		if at < 0 {
			panic(fmt.Sprintf("terminal: %v has no field %s", reflect.TypeFor[T](), c.Name))
		}
		index := fields[at].Index
		c.Value = func(row T) string { return cellOf(reflect.Indirect(reflect.ValueOf(row)).FieldByIndex(index)) }
		if kind := pointedTo(fields[at].Type).Kind(); kind == reflect.Int || kind == reflect.Int64 {
			c.Align = AlignRight
		}
	}
	return resolved
}

// pointedTo is what a pointer type points to.
func pointedTo(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// cellOf is the text of a value: empty for a pointer to nothing.
func cellOf(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	switch value := v.Interface().(type) {
	case time.Time:
		return value.Format(time.RFC3339)
	case []string:
		return strings.Join(value, " ")
	}
	return fmt.Sprint(v.Interface())
}
