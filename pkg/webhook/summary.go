package webhook

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Summary is what a log line says about a notification. What the body does not
// have is empty.
type Summary struct {
	Event       EventName
	EventID     string // UUID, the same for every delivery of one event; none on the legacy API
	OutletID    string
	OrderNumber string // "F-…"; empty for events that are not about an order
	Status      string // of the order, "MERCHANT_ACCEPTED"
}

// Summarize reads the few values of a body that a receiver needs before it does
// anything else, in one pass and with few allocations.
//
// It takes event_name and event_type alike, and the order number under
// body.order.order_number and body.order.number, since all of them are in use.
// The flat order of the Enterprise Integration Middleware ("Push Order") has no header: its event is made from its status. Null and values of
// another type count as not there, as do texts of more than 256 bytes, which are
// none of GoBiz's.
//
// A body that cannot be read to its end gives what stands before the fault: a
// signature covers bytes, whatever they mean. A body that has a key twice of those
// that are read gives nothing at all. Receivers disagree about which of the two
// counts, so that a filter by one of them could let through what its target
// takes for another event. GoBiz sends no such body, and [Parse] refuses it.
func Summarize(body []byte) Summary {
	s := scanners.Get().(*scanner)
	s.reset(body)
	s.object(wholeBody)
	summary := s.found.summary()
	s.reset(nil) // a pooled scanner does not keep the body
	scanners.Put(s)
	return summary
}

// maxSummaryText bounds a value of a Summary, in bytes.
const maxSummaryText = 256

// findings are the values at their places in a body.
type findings struct {
	header struct{ eventName, eventType, eventID string }
	outlet string                                         // body.outlet.id
	order  struct{ orderNumber, number, status string }   // body.order
	flat   struct{ outletID, orderNumber, status string } // of the legacy API's order

	ambiguous bool // a key was there twice
}

// A member is a key of an object that is read: a text that belongs to a place, or
// an object with members of its own.
type member struct {
	name    string
	place   func(*findings) *string
	members []member
}

var wholeBody = []member{
	{name: "header", members: []member{
		{name: "event_name", place: func(f *findings) *string { return &f.header.eventName }},
		{name: "event_type", place: func(f *findings) *string { return &f.header.eventType }},
		{name: "event_id", place: func(f *findings) *string { return &f.header.eventID }},
	}},
	{name: "body", members: []member{
		{name: "outlet", members: []member{
			{name: "id", place: func(f *findings) *string { return &f.outlet }},
		}},
		{name: "order", members: []member{
			{name: "order_number", place: func(f *findings) *string { return &f.order.orderNumber }},
			{name: "number", place: func(f *findings) *string { return &f.order.number }},
			{name: "status", place: func(f *findings) *string { return &f.order.status }},
		}},
	}},
	{name: "outlet_id", place: func(f *findings) *string { return &f.flat.outletID }},
	{name: "order_number", place: func(f *findings) *string { return &f.flat.orderNumber }},
	{name: "status", place: func(f *findings) *string { return &f.flat.status }},
}

func (f *findings) summary() Summary {
	if f.ambiguous {
		return Summary{}
	}
	s := Summary{
		Event:       EventName(cmp.Or(f.header.eventName, f.header.eventType)),
		EventID:     f.header.eventID,
		OutletID:    f.outlet,
		OrderNumber: cmp.Or(f.order.orderNumber, f.order.number),
		Status:      f.order.status,
	}
	if s.Event == "" && f.flat.orderNumber != "" && f.flat.status != "" {
		s.Event = orderEvent(f.flat.status)
		s.OutletID, s.OrderNumber, s.Status = f.flat.outletID, f.flat.orderNumber, f.flat.status
	}
	return s
}

// A scanner walks through a body. Scanners are pooled: a decoder's own state is
// most of what a pass would allocate.
type scanner struct {
	input   bytes.Buffer
	decoder jsontext.Decoder
	options []jsontext.Options
	found   findings
}

var scanners = sync.Pool{New: func() any {
	// A check for duplicates would keep every name; [scanner.object] has those that matter.
	return &scanner{options: []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}}
}}

func (s *scanner) reset(body []byte) {
	s.input = *bytes.NewBuffer(body)
	s.decoder.Reset(&s.input, s.options...)
	s.found = findings{}
}

// The methods below report whether to go on: false at a fault in the JSON, and
// at a key that is there twice.

// object reads the members that are asked for. A value that is no object is passed
// over. The decoder bounds how deep objects and lists may be nested.
func (s *scanner) object(members []member) bool {
	if s.decoder.PeekKind() != '{' {
		return s.skip()
	}
	if _, err := s.decoder.ReadToken(); err != nil {
		return false
	}
	seen := 0 // a bit for each of members
	for s.decoder.PeekKind() == '"' {
		raw, err := s.decoder.ReadValue()
		if err != nil {
			return false
		}
		name := unquote(raw)
		i := slices.IndexFunc(members, func(m member) bool { return m.name == string(name) })
		if i >= 0 && seen&(1<<i) != 0 {
			s.found.ambiguous = true
			return false
		}
		if i >= 0 {
			seen |= 1 << i
		}
		if !s.value(members, i) {
			return false
		}
	}
	_, err := s.decoder.ReadToken()
	return err == nil
}

// value reads the value of a member, or passes over it when it is none (-1).
func (s *scanner) value(members []member, i int) bool {
	switch {
	case i < 0:
		return s.skip()
	case members[i].place != nil:
		return s.text(members[i].place(&s.found))
	}
	return s.object(members[i].members)
}

// text reads a text into a place.
func (s *scanner) text(place *string) bool {
	if kind := s.decoder.PeekKind(); kind != '"' && kind != '0' {
		return s.skip()
	}
	raw, err := s.decoder.ReadValue()
	if err != nil {
		return false
	}
	if len(raw) <= maxSummaryText {
		*place = intern(unquote(raw))
	}
	return true
}

// skip passes over a value. SkipValue would take the tokens of an object one by
// one, at twice the time.
func (s *scanner) skip() bool {
	_, err := s.decoder.ReadValue()
	return err == nil
}

// unquote returns the text of a JSON string and the digits of a number. It copies
// only what has escapes or is not UTF-8.
func unquote(raw jsontext.Value) []byte {
	if raw.Kind() != '"' {
		return raw
	}
	if text := raw[1 : len(raw)-1]; bytes.IndexByte(text, '\\') < 0 && utf8.Valid(text) {
		return text
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // the error is about UTF-8, which is mended
	return text
}

// intern returns a text; those that bodies are full of without a new string.
func intern(text []byte) string {
	for i := range events {
		if name := string(events[i].Name); string(text) == name {
			return name
		}
	}
	for _, status := range statuses {
		if string(text) == string(status) {
			return string(status)
		}
	}
	return string(text)
}
