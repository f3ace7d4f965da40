package gobiz

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Answers are read with tolerance, but not what is concluded from them: a list that
// is not there is no empty list. Which members an answer must have is said by a tag
// of the field, and by docs/api/openapi.yaml; a test compares the two.
//
//	answer:"required"  not absent, and not null unless the field is a pointer
//	answer:"nonempty"  and not an empty text
const requiredTag = "answer"

// missingMember is the path of a required member that an answer lacks.
type missingMember string

func (m missingMember) Error() string { return string(m) + " is missing" }

// decodeMember decodes the value of the member at path.
func decodeMember(path string, value jsontext.Value, into any) error {
	if err := json.Unmarshal(value, into, tolerant()...); err != nil {
		return err
	}
	return checkRequired(path, value, reflect.TypeOf(into))
}

// checkRequired returns a [missingMember] when value lacks one that t requires.
func checkRequired(path string, value jsontext.Value, t reflect.Type) error {
	switch t.Kind() {
	case reflect.Pointer:
		return checkRequired(path, value, t.Elem())
	case reflect.Slice:
		var entries []jsontext.Value
		if t.Elem().Kind() != reflect.Struct || json.Unmarshal(value, &entries, tolerant()...) != nil {
			return nil
		}
		for i, entry := range entries {
			if err := checkRequired(fmt.Sprintf("%s[%d]", path, i), entry, t.Elem()); err != nil {
				return err
			}
		}
	case reflect.Struct:
		var members map[string]jsontext.Value
		if json.Unmarshal(value, &members, tolerant()...) != nil {
			return nil // a text that the type reads itself, such as a time
		}
		for _, field := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			member, there := members[name]
			null := string(member) == "null"
			switch tag := field.Tag.Get(requiredTag); {
			case tag != "" && (!there || null && field.Type.Kind() != reflect.Pointer), tag == "nonempty" && string(member) == `""`:
				return missingMember(path + "." + name)
			case !there || null:
				continue
			}
			if err := checkRequired(path+"."+name, member, field.Type); err != nil {
				return err
			}
		}
	}
	return nil
}
