package sandbox

import (
	"fmt"
	"net/http"
)

// call is one authenticated API request on its way to a handler.
type call struct {
	*http.Request
	body   []byte    // the whole request body, already bounded
	token  tokenInfo // who calls, with which grant and scopes
	outlet outlet    // the {outlet} of the path, which the caller may use; zero when the path has none
}

// reply is what a handler answers. A failure is an apiError instead.
type reply struct {
	status int    // 0 means 200
	data   any    // wrapped as success unless raw; nil gives an empty object
	raw    []byte // sent as it is

	contentType string // of raw; empty: JSON
	noData      bool   // EIM's DELETE answers {"success":true} alone (Enterprise Integration Middleware)
}

// success is the API's envelope of an answer.
type success struct {
	Success bool `json:"success"`
	Data    any  `json:"data"`
}

// handler serves one operation. It reads and changes state through s.store
// only, and decodes the body before it takes the store's lock.
type handler func(s *Sandbox, c *call) (reply, error)

// apiError is a failure in the API's envelope (GoBiz API reference, "Error Response").
type apiError struct {
	status   int
	title    string
	message  string
	code     string // only on 401: HTTP_401
	severity string // only on 401: error
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s: %s", e.status, e.title, e.message) }

// The common errors (GoBiz API reference, "Error Glossary"; Enterprise Integration Middleware, "Sample Responses").
// A validation error bears the title of a bad request, as in Enterprise Integration Middleware.
func errBadRequest(format string, args ...any) error {
	return &apiError{status: http.StatusBadRequest, title: "Bad Request", message: fmt.Sprintf(format, args...)}
}

func errInvalid(format string, args ...any) error {
	return &apiError{status: http.StatusUnprocessableEntity, title: "Bad Request", message: fmt.Sprintf(format, args...)}
}

func errNotFound(format string, args ...any) error {
	return &apiError{status: http.StatusNotFound, title: "Not found", message: fmt.Sprintf(format, args...)}
}

func errConflict(format string, args ...any) error {
	return &apiError{status: http.StatusConflict, title: "Conflict", message: fmt.Sprintf(format, args...)}
}
