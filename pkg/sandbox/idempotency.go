package sandbox

import (
	"cmp"
	"net/http"
	"time"
	"unicode/utf8"
)

// idempotentAnswer is what an idempotency key was answered with.
type idempotentAnswer struct {
	Status  int       `json:"status"`
	Body    []byte    `json:"body"`
	Expires time.Time `json:"expires"`
}

// keyMemory is how long a key is remembered: a month (developer documentation,
// "Create transaction").
const keyMemory = 30 * 24 * time.Hour

// idempotencyKey reads a required key header of at most limit characters.
func idempotencyKey(c *call, header string, limit int) (string, error) {
	key := c.Header.Get(header)
	switch {
	case key == "":
		return "", errBadRequest("%s: missing required header", header)
	case utf8.RuneCountInString(key) > limit:
		return "", errBadRequest("%s: must be at most %d characters", header, limit)
	}
	return key, nil
}

// once runs make inside one update of the store, unless the key was answered
// before: then the earlier answer is given again, whatever the body is now. An
// error is not remembered.
func (s *Sandbox) once(c *call, operation, key string, make func() (reply, error)) (answer reply, err error) {
	id := c.token.Partner + " " + operation + " " + c.outlet.ID + " " + key
	err = s.store.update(func() error {
		if known, ok := s.store.idempotency.get(id); ok && known.Expires.After(s.now()) {
			answer = reply{status: known.Status, raw: known.Body}
			return nil
		}
		made, err := make()
		if err != nil {
			return err
		}
		body, err := encodeJSON(success{true, made.data})
		if err != nil {
			return err
		}
		made.status = cmp.Or(made.status, http.StatusOK)
		s.store.idempotency.put(id, idempotentAnswer{Status: made.status, Body: body, Expires: s.now().Add(keyMemory)})
		answer = reply{status: made.status, raw: body}
		return nil
	})
	return answer, err
}
