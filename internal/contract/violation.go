package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

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
func (v *verdict) judge(d *document, where, schemaAt string, instance any) {
	schema, err := d.schema(schemaAt)
	if err != nil {
		v.add(where, "", "the contract itself is broken: "+err.Error(), nil)
		return
	}
	err = schema.Validate(instance)
	var failed *jsonschema.ValidationError
	if err == nil {
		return
	}
	if !errors.As(err, &failed) {
		v.add(where, "", err.Error(), nil)
		return
	}
	printer := message.NewPrinter(language.English)
	left := maxReasons
	var walk func(*jsonschema.ValidationError)
	walk = func(e *jsonschema.ValidationError) {
		if left == 0 {
			return
		}
		if len(e.Causes) > 0 {
			for _, cause := range e.Causes {
				walk(cause)
			}
			return
		}
		left--
		pointer := join("", e.InstanceLocation...)
		value, ok := lookup(instance, pointer)
		if ok && value == nil {
			value = json.RawMessage("null")
		}
		if pointer == "" {
			pointer = "/"
		}
		v.add(where, pointer, e.ErrorKind.LocalizedString(printer), value)
	}
	walk(failed)
}
