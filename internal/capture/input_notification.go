package capture

import (
	"bytes"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// notification is what GoBiz says of one it sent, and what `notifications
// list` prints. Values that are of no use here may be of any type.
type notification struct {
	EntityID  string                    `json:"entity_id"`
	CreatedAt jsontext.Value            `json:"created_at"`
	Endpoint  string                    `json:"endpoint"`
	Headers   map[string]jsontext.Value `json:"headers"`
	Payload   jsontext.Value            `json:"payload"`
	Valid     bool                      `json:"signature_valid"` // ours; false when it was not checked
}

// loadDocument reads one JSON document of notifications.
func loadDocument(data []byte) (Input, bool) {
	empty := string(bytes.TrimSpace(data)) == "[]"
	if !empty && !bytes.Contains(data, []byte(`"payload"`)) && !bytes.Contains(data, []byte(`"notifications"`)) {
		return Input{}, false // most files are bodies: not worth the parsing
	}
	list, ok := notificationList(data)
	if !ok {
		return Input{}, false
	}
	in := Input{Kind: Notifications}
	for _, raw := range list {
		n, ok := parseNotification(raw)
		if !ok {
			return Input{}, false
		}
		in.add(n.record(), Place{Entity: n.EntityID, Endpoint: n.Endpoint})
	}
	return in, true
}

// notificationList finds the notifications in a document: it is a list, the
// API's answer, or a single one.
func notificationList(data []byte) ([]jsontext.Value, bool) {
	var list []jsontext.Value
	switch jsontext.Value(data).Kind() {
	case '[':
		return list, read(data, &list)
	case '{':
		var answer struct {
			Data struct {
				Notifications *[]jsontext.Value `json:"notifications"`
			} `json:"data"`
			Payload jsontext.Value `json:"payload"`
		}
		switch {
		case !read(data, &answer):
			return nil, false
		case answer.Data.Notifications != nil:
			return *answer.Data.Notifications, true
		case answer.Payload != nil:
			return []jsontext.Value{data}, true
		}
	}
	return nil, false
}

func parseNotification(data []byte) (notification, bool) {
	var n notification
	ok := bytes.Contains(data, []byte(`"payload"`)) && read(data, &n) && n.Payload != nil && (n.EntityID != "" || n.Headers != nil)
	return n, ok
}

func read(data []byte, into any) bool {
	return json.Unmarshal(data, into, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) == nil
}

// record makes a record of it, as if it had been received when GoBiz made it.
func (n *notification) record() Record {
	r := Record{Method: http.MethodPost, Header: http.Header{}, Body: payloadBytes(n.Payload), Valid: n.Valid}
	var created time.Time
	if read(n.CreatedAt, &created) {
		r.ReceivedAt = created
	}
	if to, err := url.Parse(n.Endpoint); err == nil {
		r.Path, r.Query = to.EscapedPath(), to.RawQuery
	}
	for name, raw := range n.Headers {
		for _, value := range headerValues(raw) {
			r.Header.Add(name, value)
		}
	}
	r.Signature = r.Header.Get(webhook.SignatureHeader)
	return r
}

// payloadBytes returns the body: the text of a payload, which is a string. JSON
// that is not quoted is taken as it stands.
func payloadBytes(raw jsontext.Value) []byte {
	switch raw.Kind() {
	case 'n':
		return nil
	case '"':
	default:
		return raw
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // the error is about UTF-8, which is mended
	return text
}

// headerValues takes a text or a list of texts.
func headerValues(raw jsontext.Value) []string {
	var one string
	if read(raw, &one) {
		return []string{one}
	}
	var many []string
	if !read(raw, &many) {
		return nil
	}
	return many
}
