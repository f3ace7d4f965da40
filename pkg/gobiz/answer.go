package gobiz

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// tolerant are the options under which answers are read: what one field has
// wrong should not make the others unreadable.
func tolerant() []json.Options {
	return []json.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
}

// decodeAnswer reads the envelope {"success", "data", "errors"} in one pass, so
// that a large catalog is scanned once. success may be missing (Enterprise Integration Middleware).
func decodeAnswer(reply *Reply, contentType string, call Call) error {
	body := reply.Body
	if isBlank(body) {
		if call.Into == nil || call.mayBeEmpty {
			return nil // some endpoints answer 204 (seen with outlet properties and cancel)
		}
		return reply.malformed("the answer is empty", nil)
	}
	if trimmed := bytes.TrimSpace(body); trimmed[0] != '{' {
		return reply.malformed(describeForeign(trimmed, reply.state.hide(contentType)), nil)
	}

	around, err := readEnvelope(body, call.Into)
	var dataErr *json.SemanticError
	if errors.As(err, &dataErr) {
		// Members come in any order: what says that the call failed may stand
		// behind the data that could not be read.
		around, err = readEnvelope(body, nil)
	}
	if err != nil {
		return reply.malformed("the answer is not one complete JSON value", err)
	}
	if around.success == "false" || (around.success == "" && around.failed) {
		return reply.state.rejection(reply.Status, reply.RequestID, body)
	}
	var lacking missingMember
	switch {
	case dataErr != nil && errors.As(dataErr, &lacking):
		return reply.malformed("the answer lacks "+string(lacking), nil)
	case dataErr != nil:
		if err = dataErr; dataErr.JSONPointer == "/data" && dataErr.Err != nil {
			err = dataErr.Err // in the words of what was to be read
		}
		return reply.malformed("the answer has another shape than documented", err)
	case around.data || call.Into == nil:
		return nil
	case !call.bare || json.Unmarshal(body, call.Into, tolerant()...) != nil:
		return reply.malformed("the answer lacks data", nil)
	}
	return nil
}

// An envelope is an answer: what it says around its data, and where the data goes.
type envelope struct {
	into    any    // what data is read into; nil to leave it out
	success string // the member's JSON text, empty without it
	failed  bool   // errors is not empty
	data    bool   // there is such a member
}

// readEnvelope reads an answer. A member of data that does not fit gives a
// *json.SemanticError; other errors are about syntax.
func readEnvelope(body []byte, into any) (envelope, error) {
	e := envelope{into: into}
	err := json.Unmarshal(body, &e, tolerant()...)
	return e, err
}

// UnmarshalJSONFrom visits the members of the answer.
func (e *envelope) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if err := e.member(dec, name.String()); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

func (e *envelope) member(dec *jsontext.Decoder, name string) error {
	switch name {
	case "data":
		e.data = true
		if _, itself := e.into.(json.UnmarshalerFrom); itself {
			return json.UnmarshalDecode(dec, e.into) // in one pass; it knows what it needs
		}
		if e.into != nil {
			value, err := dec.ReadValue()
			if err != nil {
				return err
			}
			return decodeMember("data", value.Clone(), e.into)
		}
	case "success":
		value, err := dec.ReadValue()
		e.success = string(value)
		return err
	case "errors":
		value, err := dec.ReadValue()
		e.failed = !isEmptyJSON(value)
		return err
	}
	return dec.SkipValue()
}

func isEmptyJSON(value jsontext.Value) bool {
	switch string(value) {
	case "null", "[]", "{}", `""`, "false":
		return true
	}
	return false
}

// kindOfCode reads the status out of a code such as "HTTP_401".
func kindOfCode(code string) error {
	if digits, ok := strings.CutPrefix(code, "HTTP_"); ok {
		if status, err := strconv.Atoi(digits); err == nil && status >= 400 && status < 600 {
			return kindOfStatus(status)
		}
	}
	return ErrRejected
}

// describeForeign says what came instead of JSON.
func describeForeign(body []byte, contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	kind = cleanText(kind, 60)
	switch {
	case body[0] == '<' || strings.Contains(kind, "html"):
		return "the answer is a web page, not JSON; the URL may be wrong or a proxy answered"
	case kind == "" || strings.Contains(kind, "json"):
		return "the answer is not a JSON object"
	}
	return "the answer is " + kind + ", not JSON"
}
