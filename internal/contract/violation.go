package contract

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// The sides of a violation.
const (
	SideRequest  = "request"
	SideResponse = "response"
	SideWebhook  = "webhook"
)

// Violation is one difference between traffic and contract. Check functions return one or several, joined.
type Violation struct {
	Side      string // SideRequest, SideResponse or SideWebhook
	Operation string // operationId, event name, or "" for an undocumented path
	Call      string // "PUT /integrations/…"; empty for webhooks
	Status    int    // HTTP status, 0 for requests and webhooks
	Where     string // "body", "query", "header X-Request-Id", …; empty when it concerns the whole call
	Pointer   string // JSON pointer into the body
	Value     string // offending value as JSON, cut
	Reason    string
}

// Error names operation, place and value.
func (v *Violation) Error() string {
	var b strings.Builder
	name := v.Operation
	if name == "" {
		name = "undocumented call"
	}
	fmt.Fprintf(&b, "contract: %s %s", name, v.Side)
	if v.Call != "" {
		fmt.Fprintf(&b, " (%s", v.Call)
		if v.Status != 0 {
			fmt.Fprintf(&b, ", status %d", v.Status)
		}
		b.WriteString(")")
	}
	if v.Where != "" {
		fmt.Fprintf(&b, ": %s", v.Where)
		if v.Pointer != "" {
			fmt.Fprintf(&b, " at %s", v.Pointer)
		}
	}
	fmt.Fprintf(&b, ": %s", v.Reason)
	if v.Value != "" {
		fmt.Fprintf(&b, ", value %s", v.Value)
	}
	return b.String()
}

// verdict collects the violations of one message.
type verdict struct {
	base Violation
	errs []error
}

func (v *verdict) add(where, pointer, reason string, value any) {
	one := v.base
	one.Where, one.Pointer, one.Reason, one.Value = where, pointer, reason, show(value)
	v.errs = append(v.errs, &one)
}

func (v *verdict) err() error { return errors.Join(v.errs...) }

// show gives a value as JSON in at most 120 characters. nil stands for "no value to show".
func show(value any) string {
	if value == nil {
		return ""
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%T", value)
	}
	text := []rune(string(raw))
	if len(text) > 120 {
		return string(text[:119]) + "…"
	}
	return string(text)
}

// maxReasons bounds the list for one body: a wrong shape can break hundreds of fields.
const maxReasons = 8

// judge validates an instance and adds a violation for each failed keyword.
func (v *verdict) judge(d *document, where string, ref *openapi3.SchemaRef, instance any) {
	err := d.schemas[ref.Value].Validate(instance)
	var failed *jsonschema.ValidationError
	if errors.As(err, &failed) {
		v.addFailures(where, instance, failed, maxReasons)
	} else if err != nil {
		v.add(where, "", err.Error(), nil)
	}
}

// addFailures adds a violation for each failure that has no cause below it, and returns how many of left remain.
func (v *verdict) addFailures(where string, instance any, failed *jsonschema.ValidationError, left int) int {
	for _, cause := range failed.Causes {
		left = v.addFailures(where, instance, cause, left)
	}
	if left == 0 || len(failed.Causes) > 0 {
		return left
	}
	var pointer jsontext.Pointer
	value := instance
	for _, token := range failed.InstanceLocation {
		pointer = pointer.AppendToken(token)
		switch parent := value.(type) {
		case map[string]any:
			value = parent[token]
		case []any:
			i, _ := strconv.Atoi(token)
			value = parent[i]
		}
	}
	if value == nil {
		value = json.RawMessage("null")
	}
	v.add(where, cmp.Or(string(pointer), "/"), failed.ErrorKind.LocalizedString(message.NewPrinter(language.English)), value)
	return left - 1
}
