package gobiz

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/backoff"
)

// Kinds of failure, for errors.Is.
var (
	ErrArgument      = errors.New("wrong argument")              // not sent
	ErrUnauthorized  = errors.New("unauthorized")                // 401
	ErrForbidden     = errors.New("forbidden")                   // 403
	ErrNotFound      = errors.New("not found")                   // 404
	ErrNotAcceptable = errors.New("version not acceptable")      // 406, 415
	ErrConflict      = errors.New("conflict")                    // 409, or a subscription that exists
	ErrInvalid       = errors.New("invalid request")             // 400, 422
	ErrRateLimited   = errors.New("rate limited")                // 429
	ErrServer        = errors.New("server error")                // 5xx
	ErrRejected      = errors.New("rejected")                    // other 4xx, or 2xx with success:false or a failed promo
	ErrRedirected    = errors.New("redirected")                  // 3xx that was not followed
	ErrMalformed     = errors.New("answer not understood")       // not JSON, empty, cut off, too large
	ErrNetwork       = errors.New("network failure")             // no (complete) answer; includes time-outs
	ErrCancelled     = errors.New("cancelled before the answer") // by the caller's context
)

// A Problem is one entry of the "errors" array of an answer. Text that came
// from the server is free of control characters.
type Problem struct {
	Title    string `json:"message_title"`
	Message  string `json:"message"`
	Code     string `json:"code,omitzero"`
	Severity string `json:"message_severity,omitzero"`
}

// An Error is a call that failed after it was sent, or that could not be
// delivered.
type Error struct {
	Operation string // operationId; empty for an undocumented path
	Method    string
	Path      string // without the query

	Status   int    // HTTP status; 0 without an answer
	Title    string // message_title of the first error
	Message  string // message of the first error
	Code     string // e.g. "HTTP_401"; often empty
	Severity string // e.g. "error"; often empty
	More     []Problem

	// RequestID is the server's X-Request-Id if it sent one, else ours.
	RequestID string
	// Attempts is the number of requests sent.
	Attempts int
	// Uncertain is true if the call may have had its effect: an attempt was sent
	// and had no answer, a server error, or one that is not understood.
	Uncertain bool
	// Retryable is true if the same call may succeed later, unchanged.
	Retryable bool
	// RetryAfter is what the server asked for, 0 if nothing.
	RetryAfter time.Duration
	// Body is the beginning of an answer that is not the documented JSON: at
	// most 200 characters, and an ellipsis if there were more; none is a control character.
	Body string
	// Kind is one of the Err values of this package.
	Kind error
	// Err is the cause, if there is one: a network error, a JSON error, *LimitError, or
	// what kept the TokenSource from giving another token after a 401.
	Err error

	host string
}

// Error is one line: the call, the status, the server's words, the request id.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Method != "" {
		fmt.Fprintf(&b, "%s %s: ", e.Method, e.Path)
	}
	b.WriteString(e.Reason())
	var notes []string
	if e.Attempts > 1 {
		notes = append(notes, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if e.RequestID != "" {
		notes = append(notes, "request id "+e.RequestID)
	}
	if len(notes) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(notes, ", "))
	}
	return b.String()
}

// Reason is why the call failed, without the call and the request id: the
// status and the server's own title and message, with the number of further
// ones, or what went wrong on the way.
func (e *Error) Reason() string {
	var parts []string
	kind := e.kind()
	switch {
	case errors.Is(kind, ErrCancelled):
		parts = append(parts, ErrCancelled.Error())
	case errors.Is(kind, ErrNetwork) && e.host != "":
		parts = append(parts, "no answer from "+e.host)
	case e.Status != 0:
		parts = append(parts, fmt.Sprintf("%d", e.Status))
	}
	title, message := strings.TrimSpace(e.Title), strings.TrimSuffix(strings.TrimSpace(e.Message), ".")
	if title == "" && message == "" && !errors.Is(kind, ErrNetwork) && !errors.Is(kind, ErrCancelled) {
		title = http.StatusText(e.Status)
	}
	if len(parts) > 0 && title != "" {
		parts[0] += " " + title
	} else if title != "" {
		parts = append(parts, title)
	}
	if message != "" && message != title {
		parts = append(parts, message)
	}
	if n := len(e.More); n > 0 && len(parts) > 0 {
		parts[len(parts)-1] += fmt.Sprintf(" (and %d more)", n)
	}
	if e.Err != nil {
		parts = append(parts, cleanText(e.Err.Error(), maxProblemText))
	}
	if e.Body != "" {
		parts = append(parts, fmt.Sprintf("%q", e.Body))
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is the error's kind.
func (e *Error) Is(target error) bool { return target != nil && e.kind() == target }

func (e *Error) kind() error {
	if e.Kind != nil {
		return e.Kind
	}
	return kindOfStatus(e.Status)
}

func kindOfStatus(status int) error {
	switch {
	case status == 0:
		return ErrNetwork
	case status == http.StatusUnauthorized:
		return ErrUnauthorized
	case status == http.StatusForbidden:
		return ErrForbidden
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusNotAcceptable, status == http.StatusUnsupportedMediaType:
		return ErrNotAcceptable
	case status == http.StatusConflict:
		return ErrConflict
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return ErrInvalid
	case status == http.StatusTooManyRequests:
		return ErrRateLimited
	case status >= 500:
		return ErrServer
	case status >= 300 && status < 400:
		return ErrRedirected
	}
	return ErrRejected
}

// duplicate is what integrators saw live when a subscription exists already;
// with which status was not written down.
const duplicate = "url has already been taken"

// statusFailure makes the error for an answer with a status other than 2xx.
func (s *callState) statusFailure(status int, header http.Header, body []byte) *Error {
	requestID := cleanText(s.hide(header.Get("X-Request-Id")), 128)
	if requestID == "" {
		requestID = s.requestID
	}
	e := s.failure(status, requestID)
	e.Kind = kindOfStatus(status)
	e.Retryable = isRetryableStatus(status)
	e.RetryAfter = backoff.RetryAfter(header, time.Time{})
	e.Err = s.tokenErr
	e.fill(parseProblems(body, s.hide), body, s.hide)
	if status/100 == 4 && strings.Contains(e.Message, duplicate) {
		e.Kind = ErrConflict
	}
	if errors.Is(e.Kind, ErrRedirected) && s.redirect != "" {
		e.Title, e.Message, e.Body = "", s.redirect, ""
	}
	return s.hideIn(e)
}

// rejection makes the error for a 2xx answer that says success:false.
func (s *callState) rejection(status int, requestID string, body []byte) *Error {
	e := s.failure(status, requestID)
	e.fill(parseProblems(body, s.hide), body, s.hide)
	e.Kind = kindOfCode(e.Code)
	if e.Title == "" && e.Message == "" {
		e.Message = "the answer says that the call did not succeed, without a reason"
	}
	return s.hideIn(e)
}

// fill takes over what the server said, or the beginning of what it sent.
func (e *Error) fill(problems []Problem, body []byte, hide func(string) string) {
	if len(problems) > 0 {
		first := problems[0]
		e.Title, e.Message, e.Code, e.Severity = first.Title, first.Message, first.Code, first.Severity
		e.More = problems[1:]
		return
	}
	e.Body = excerpt(body, hide)
}
