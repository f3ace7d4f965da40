package sender

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode writes v as the body of a notification. The bodies that GoBiz sends
// have their keys in random order and explicit nulls, so a receiver must neither
// re-serialise a body to check its signature nor expect every value. A plain
// body keeps the documented order and leaves nulls out; randomN, which returns a
// number from 0 to n-1, is not needed for it.
//
// The edits are made one after the other, before anything is left out or put in
// another order. A null that an edit sets stays. An edit that does not fit is
// an *EditError.
func Encode(v any, plain bool, randomN func(n int) int, edits ...Edit) ([]byte, error) {
	tree, err := treeOf(v)
	if err != nil {
		return nil, err
	}
	for _, e := range edits {
		if tree, _, err = e.apply(tree); err != nil {
			return nil, err
		}
	}
	if plain {
		tree = withoutNulls(tree)
	} else {
		shuffleKeys(tree, randomN)
	}
	return encodeJSON(tree)
}

// object is a JSON object that remembers the order of its members.
type object []member

type member struct {
	key   string
	value any // object, []any, or what encoding/json gives for a scalar
}

// encodeJSON is json.Marshal without the escapes for HTML: "Es & Roti" stays
// readable.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	text := []byte("{")
	for i, m := range o {
		key, err := encodeJSON(m.key)
		if err != nil {
			return nil, err
		}
		value, err := encodeJSON(m.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(append(text, key...), ':'), value...)
	}
	return append(text, '}'), nil
}

// treeOf is what v is in JSON: objects that remember their order, lists, and scalars.
func treeOf(v any) (any, error) {
	text, err := encodeJSON(v)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return parseValue(d)
}

func parseValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		o := object{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			o = append(o, member{key: fmt.Sprint(key), value: value})
		}
		_, err := d.Token()
		return o, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := d.Token()
		return list, err
	default:
		return token, nil
	}
}

// shuffleKeys reorders the members of every object below v in place.
func shuffleKeys(v any, randomN func(int) int) {
	switch v := v.(type) {
	case object:
		for i := len(v) - 1; i > 0; i-- {
			j := randomN(i + 1)
			v[i], v[j] = v[j], v[i]
		}
		for _, m := range v {
			shuffleKeys(m.value, randomN)
		}
	case []any:
		for _, item := range v {
			shuffleKeys(item, randomN)
		}
	}
}

func withoutNulls(v any) any {
	switch v := v.(type) {
	case object:
		kept := object{}
		for _, m := range v {
			if m.value != nil {
				kept = append(kept, member{key: m.key, value: withoutNulls(m.value)})
			}
		}
		return kept
	case []any:
		for i := range v {
			v[i] = withoutNulls(v[i])
		}
		return v
	default:
		return v
	}
}
