package listener

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A delivery is a request on its way through the listener.
type delivery struct {
	capture.Record
	uri   string // the request's own target, as in the request line: /gofood?x=1
	line  int    // of the capture, from 1
	event Event
}

// deliveries are for later use, with the room for their bodies.
var deliveries = sync.Pool{New: func() any { return new(delivery) }}

// release says that nobody needs d any longer. One that was forwarded is not
// released: the transport may still be writing its body after an early answer.
func (d *delivery) release() {
	body := d.Body[:0]
	if cap(body) > maxPooled {
		body = nil
	}
	*d = delivery{}
	d.Body = body
	deliveries.Put(d)
}

// deliveryOverhead is what a delivery takes in memory besides its body, in
// bytes, about.
const deliveryOverhead = 2 << 10

func (d *delivery) size() int { return len(d.Body) + deliveryOverhead }

// stored is a delivery in a file. Bytes that are not valid UTF-8 do not survive
// in JSON's strings, so it has none of them in strings.
type stored struct {
	Event  Event
	Line   int
	Method string
	URI    []byte
	Header map[string][][]byte
	Body   []byte
}

func encodeDelivery(d *delivery) ([]byte, error) {
	s := stored{Event: d.event, Line: d.line, Method: d.Method, URI: []byte(d.uri), Header: make(map[string][][]byte, len(d.Header)), Body: d.Body}
	for name, values := range d.Header {
		for _, value := range values {
			s.Header[name] = append(s.Header[name], []byte(value))
		}
	}
	return json.Marshal(s)
}

func decodeDelivery(data []byte) (*delivery, error) {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	header := make(http.Header, len(s.Header))
	for name, values := range s.Header {
		for _, value := range values {
			header[name] = append(header[name], string(value))
		}
	}
	d := &delivery{event: s.Event, line: s.Line}
	d.describe(s.Method, string(s.URI), header)
	d.ReceivedAt, d.Body, d.Valid = s.Event.ReceivedAt, s.Body, s.Event.Verdict == Valid
	return d, nil
}

// describe sets what the head of a request says.
func (d *delivery) describe(method, uri string, header http.Header) {
	d.uri, d.Method, d.Header, d.Signature = uri, method, header, header.Get(webhook.SignatureHeader)
	d.Path, d.Query = splitURI(uri)
}

// newDeliveryQueue waits for a target.
func newDeliveryQueue(dir string, limit int, lost func(error)) *backlog[*delivery] {
	b := &backlog[*delivery]{dir: dir, limit: limit, size: (*delivery).size, encode: encodeDelivery, decode: decodeDelivery, lost: lost}
	return b.init()
}

// eventMemory bounds events in memory that wait to be taken, in bytes.
const eventMemory = 2 << 20

// newEventQueue waits for the caller.
func newEventQueue(dir string, lost func(error)) *backlog[Event] {
	b := &backlog[Event]{
		dir: dir, limit: eventMemory, lost: lost,
		size:   func(Event) int { return 512 }, // about
		encode: func(e Event) ([]byte, error) { return json.Marshal(e) },
		decode: func(data []byte) (e Event, err error) { return e, json.Unmarshal(data, &e) },
	}
	return b.init()
}
