package sandbox

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// decode reads a JSON body into v; malformed JSON is a 400. A field of the
// wrong type is a 422 that names the field.
func decode(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType) && wrongType.Field != "":
		return errInvalid("%s", jsonProblem(err))
	default:
		return errBadRequest("%s", jsonProblem(err))
	}
}

// strictDecode reads a control call's body, in which an unknown key is an error.
func strictDecode(body []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return errBadRequest("%s", jsonProblem(err))
	}
	return nil
}

// decodeOptional reads a body that may be missing.
func decodeOptional(body []byte, v any) error {
	if len(body) == 0 {
		return nil
	}
	return strictDecode(body, v)
}

// jsonProblem reports what is wrong with a body, in JSON's words: who calls an API
// does not know the types of the program behind it.
func jsonProblem(err error) string {
	var wrongType *json.UnmarshalTypeError
	var wrongTime *time.ParseError
	const packagePrefix = "json: "
	switch {
	case errors.As(err, &wrongType):
		field := wrongType.Field
		if field == "" {
			field = "request body"
		}
		return fmt.Sprintf("%s: must be %s, not %s", field, jsonType(wrongType.Type), jsonValue(wrongType.Value))
	case errors.As(err, &wrongTime):
		return fmt.Sprintf("request body: %s is not a time such as 2026-01-05T12:00:00Z", wrongTime.Value)
	case strings.HasPrefix(err.Error(), "Time.UnmarshalJSON"):
		return "request body: a time must be a string such as 2026-01-05T12:00:00Z"
	case strings.HasPrefix(err.Error(), packagePrefix):
		return "request body: " + strings.TrimPrefix(err.Error(), packagePrefix)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "request body is not valid JSON: " + err.Error()
	}
	return err.Error() // a field's own reason
}

// jsonType names the JSON type that is read into t.
func jsonType(t reflect.Type) string {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return "a string"
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice, reflect.Array:
		return "a list"
	default:
		return "an object"
	}
}

// jsonValue words what encoding/json calls a value: "string", "number 1.5".
func jsonValue(value string) string {
	if literal, ok := strings.CutPrefix(value, "number "); ok {
		return literal
	}
	switch value {
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	default:
		return "a " + value
	}
}
