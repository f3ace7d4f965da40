package listener

import (
	"encoding/json"
	"net/http"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
	"github.com/gobiz-cli/gobiz/pkg/webhook/capture"
)

// A delivery is a request on its way through the listener.
type delivery struct {
	capture.Record
	uri   string // the request's own target, as in the request line: /gofood?x=1
	event Event
	// buffer is where the body is, for later use when nobody needs it any longer.
	buffer *[]byte
}

// deliveryOverhead is what a delivery takes in memory besides its body, in
// bytes, about.
const deliveryOverhead = 2 << 10

func (d *delivery) size() int { return len(d.Body) + deliveryOverhead }

// stored is a delivery in a file. Bytes that are not valid UTF-8 do not survive
// in JSON's strings, so it has none of them in strings.
type stored struct {
	Event  Event
	Method string
	URI    []byte
	Header map[string][][]byte
	Body   []byte
}

func encodeDelivery(d *delivery) ([]byte, error) {
	s := stored{Event: d.event, Method: d.Method, URI: []byte(d.uri), Header: make(map[string][][]byte, len(d.Header)), Body: d.Body}
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
	d := newDelivery(s.Method, string(s.URI), header)
	d.ReceivedAt, d.Body, d.Valid, d.event = s.Event.ReceivedAt, s.Body, s.Event.Verdict == Valid, s.Event
	return d, nil
}

func newDelivery(method, uri string, header http.Header) *delivery {
	d := &delivery{uri: uri}
	d.Method, d.Header, d.Signature = method, header, header.Get(webhook.SignatureHeader)
	d.Path, d.Query = splitURI(uri)
	return d
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
