package webhook

import (
	"bytes"
	"cmp"
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
	var f findings
	s.document(&f)
	s.reset(nil) // a pooled scanner does not keep the body
	scanners.Put(s)
	return f.summary()
}

// maxSummaryText bounds a value of a Summary, in bytes.
const maxSummaryText = 256

// findings are the values at their places in a body.
type findings struct {
	header struct{ eventName, eventType, eventID string }
	outlet string                                         // body.outlet.id
	order  struct{ orderNumber, number, status string }   // body.order
	flat   struct{ outletID, orderNumber, status string } // of the legacy API's order

	seen      keys
	ambiguous bool // a key was there twice
}

// keys is a set of the keys that are read, each at its place.
type keys uint16

const (
	hasHeader keys = 1 << iota
	hasEventName
	hasEventType
	hasEventID
	hasBody
	hasOutlet
	hasOutletID
	hasOrder
	hasOrderNumber
	hasNumber
	hasStatus
	hasFlatOutletID
	hasFlatOrderNumber
	hasFlatStatus
)

// once notes a key, and is false when it was there before. The whole pass ends
// with that, so a key is never counted for two parents.
func (f *findings) once(key keys) bool {
	f.ambiguous = f.ambiguous || f.seen&key != 0
	f.seen |= key
	return !f.ambiguous
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
}

var scanners = sync.Pool{New: func() any {
	// A check for duplicates would keep every name; [findings.once] has those that matter.
	return &scanner{options: []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}}
}}

func (s *scanner) reset(body []byte) {
	s.input = *bytes.NewBuffer(body)
	s.decoder.Reset(&s.input, s.options...)
}

// The methods below report whether to go on: false at a fault in the JSON, and
// at a key that is there twice.

func (s *scanner) document(f *findings) bool {
	return s.object(func(name []byte) bool {
		switch string(name) {
		case "header":
			return f.once(hasHeader) && s.header(f)
		case "body":
			return f.once(hasBody) && s.body(f)
		case "outlet_id":
			return f.once(hasFlatOutletID) && s.text(&f.flat.outletID)
		case "order_number":
			return f.once(hasFlatOrderNumber) && s.text(&f.flat.orderNumber)
		case "status":
			return f.once(hasFlatStatus) && s.text(&f.flat.status)
		}
		return s.skip()
	})
}

func (s *scanner) header(f *findings) bool {
	return s.object(func(name []byte) bool {
		switch string(name) {
		case "event_name":
			return f.once(hasEventName) && s.text(&f.header.eventName)
		case "event_type":
			return f.once(hasEventType) && s.text(&f.header.eventType)
		case "event_id":
			return f.once(hasEventID) && s.text(&f.header.eventID)
		}
		return s.skip()
	})
}

func (s *scanner) body(f *findings) bool {
	return s.object(func(name []byte) bool {
		switch string(name) {
		case "outlet":
			return f.once(hasOutlet) && s.outlet(f)
		case "order":
			return f.once(hasOrder) && s.order(f)
		}
		return s.skip()
	})
}

func (s *scanner) outlet(f *findings) bool {
	return s.object(func(name []byte) bool {
		if string(name) == "id" {
			return f.once(hasOutletID) && s.text(&f.outlet)
		}
		return s.skip()
	})
}

func (s *scanner) order(f *findings) bool {
	return s.object(func(name []byte) bool {
		switch string(name) {
		case "order_number":
			return f.once(hasOrderNumber) && s.text(&f.order.orderNumber)
		case "number":
			return f.once(hasNumber) && s.text(&f.order.number)
		case "status":
			return f.once(hasStatus) && s.text(&f.order.status)
		}
		return s.skip()
	})
}

// object calls member with the name of each member, which must read its value. A
// value that is no object is passed over. The decoder bounds how deep objects
// and lists may be nested.
func (s *scanner) object(member func(name []byte) bool) bool {
	if s.decoder.PeekKind() != '{' {
		return s.skip()
	}
	if _, err := s.decoder.ReadToken(); err != nil {
		return false
	}
	for s.decoder.PeekKind() == '"' {
		raw, err := s.decoder.ReadValue()
		if err != nil {
			return false
		}
		if !member(unquote(raw)) {
			return false
		}
	}
	_, err := s.decoder.ReadToken()
	return err == nil
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
	for _, name := range eventNames {
		if string(text) == string(name) {
			return string(name)
		}
	}
	for _, status := range statuses {
		if string(text) == string(status) {
			return string(status)
		}
	}
	return string(text)
}
