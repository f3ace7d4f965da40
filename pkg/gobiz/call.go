package gobiz

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
)

// A Call is one use of a documented operation. The methods of Client are made
// of it; it is exported for packages that offer further operations, such as
// the legacy API.
type Call struct {
	Operation string     // of Endpoints
	Params    []string   // values of the path parameters, in the path's order
	Query     url.Values // may be nil
	Header    http.Header
	// Content is sent as JSON, unless it is nil; see [JSONBody]. Body is sent as it is, when there is no Content.
	Content any
	Body    Body
	// Into points to a struct that receives the member "data" of the answer; nil
	// when the answer carries nothing of interest, then it may be empty. What it must
	// have is said by a tag of the field: answer:"required".
	Into any

	mayBeEmpty bool // an answer without a body is a success, and leaves Into as it is
	bare       bool // the data may come without the envelope
}

// A Reply is what is known of a successful call besides its data.
type Reply struct {
	Status    int
	RequestID string
	Attempts  int
	Body      []byte // the answer as it came

	state *callState
}

// malformed returns the error for an answer that is not what it should be.
func (r *Reply) malformed(message string, cause error) error {
	e := r.state.failure(r.Status, r.RequestID)
	e.Kind, e.Message, e.Err, e.Uncertain = ErrMalformed, message, cause, true
	e.Body = excerpt(r.Body, r.state.hide)
	return r.state.hideIn(e)
}

// callState accompanies one logical call through the transport stack, over
// repeats and redirects. It is used by one goroutine at a time.
type callState struct {
	operation  string
	method     string
	path       string // without query
	host       string
	requestID  string
	idempotent bool // may be repeated without harm
	stream     bool // the answer's body is read by the caller
	foreign    bool // a URL given by the server: any https host, without token
	timeout    time.Duration

	beforeRetry   func(context.Context) error // nil for none
	attempts      int
	uncertain     bool   // an attempt may have had its effect
	token         string // the one sent last
	reauthorized  bool
	tokenErr      error  // why there is no other token after a 401
	redirect      string // why a redirect was not followed
	lastStatus    int
	lastRequestID string

	secrets  []string // tokens that were sent, in all spellings
	redactor Redactor // may be nil
}

type callStateKey struct{}

func stateOf(ctx context.Context) *callState {
	state, _ := ctx.Value(callStateKey{}).(*callState)
	if state == nil {
		// A request that did not come through a Client, e.g. in a test of one
		// layer: no repeats, default time.
		state = &callState{timeout: DefaultTimeout}
	}
	return state
}

// Invoke runs a call. A failure is of type *Error as described in the package
// documentation.
func (c *Client) Invoke(ctx context.Context, call Call) (*Reply, error) {
	endpoint, ok := lookupEndpoint(call.Operation)
	if !ok {
		return nil, &ArgumentError{Name: "operation", Value: call.Operation, Reason: "is not known"}
	}
	path, err := endpoint.expand(call.Params)
	if err != nil {
		return nil, err
	}
	target, err := c.resolve(path, call.Query)
	if err != nil {
		return nil, err
	}
	if call.Content != nil {
		if call.Body, err = JSONBody(call.Content); err != nil {
			return nil, err
		}
	}
	state := c.newState(endpoint.Operation, endpoint.Method, path)
	header := endpoint.header(call.Header, len(call.Body) > 0)
	resp, err := c.send(ctx, state, target, header, call.Body) //nolint:bodyclose // read closes it
	if err != nil {
		return nil, err
	}
	return c.read(state, resp, call)
}

// NewRequestID returns a fresh UUID. The headers and the catalog's request_id
// take it.
func NewRequestID() string { return uuid.NewString() }

// newState prepares the state of a call.
func (c *Client) newState(operation, method, path string) *callState {
	timeout := c.timeout
	if operation == "putCatalog" || operation == "putEnterpriseCatalog" {
		timeout = c.catalogTimeout
	}
	return &callState{
		operation: operation,
		method:    method,
		path:      path,
		requestID: NewRequestID(),
		timeout:   timeout,
		redactor:  c.redactor,
	}
}

// resolve joins an escaped path to the base URL.
func (c *Client) resolve(path string, query url.Values) (*url.URL, error) {
	target, err := url.Parse(c.base.String() + path)
	if err != nil || !sameOrigin(target, c.base) {
		return nil, &ArgumentError{Name: "path", Reason: "cannot be joined to the API host"}
	}
	target.RawQuery = query.Encode()
	return target, nil
}

// send runs the request through the transport stack. Any status is an answer.
func (c *Client) send(ctx context.Context, state *callState, target *url.URL, header http.Header, body Body) (*http.Response, error) {
	state.host = target.Host
	state.idempotent = isIdempotent(state, header)
	state.beforeRetry = beforeRetry(ctx)
	if id := header.Get("X-Request-Id"); id != "" {
		state.requestID = id
	} else {
		header.Set("X-Request-Id", state.requestID)
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", c.userAgent)
	}
	req, err := http.NewRequestWithContext(context.WithValue(ctx, callStateKey{}, state), state.method, "", nil)
	if err != nil {
		return nil, &ArgumentError{Name: "request", Reason: "cannot be built: " + err.Error()}
	}
	req.URL, req.Host, req.Header = target, target.Host, header
	body.attach(req)

	resp, err := c.http.Do(req)
	if resp != nil {
		state.lastStatus = resp.StatusCode
		state.lastRequestID = state.hide(cleanText(state.hide(resp.Header.Get("X-Request-Id")), 128))
	}
	if err != nil {
		return nil, state.transportFailure(ctx, err)
	}
	return resp, nil
}

// isIdempotent: PUT and DELETE overwrite, and so do the PATCH calls of the API
// (stock, properties); a POST may be repeated only under an idempotency key.
func isIdempotent(state *callState, header http.Header) bool {
	switch state.method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return true
	case http.MethodPatch:
		if state.operation != "" {
			return true
		}
	}
	return header.Get("Idempotency-Key") != "" || header.Get("X-Idempotency-Key") != ""
}

// read turns an answer into data or an error.
func (c *Client) read(state *callState, resp *http.Response, call Call) (*Reply, error) {
	body, err := readAll(resp)
	if err != nil {
		return nil, state.transportFailure(resp.Request.Context(), err)
	}
	requestID := state.lastRequestID
	if requestID == "" {
		requestID = state.requestID
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, state.statusFailure(resp.StatusCode, resp.Header, body)
	}
	reply := &Reply{Status: resp.StatusCode, RequestID: requestID, Attempts: state.attempts, Body: body, state: state}
	return reply, decodeAnswer(reply, resp.Header.Get("Content-Type"), call)
}

// readAll returns the body; without a copy when the transport has read it.
func readAll(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	if buffered, ok := resp.Body.(*bufferedBody); ok {
		return buffered.data, nil
	}
	return io.ReadAll(resp.Body)
}

// transportFailure says why there is no answer.
func (s *callState) transportFailure(ctx context.Context, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // its text has the query
	}
	var token *tokenFailure
	if errors.As(err, &token) {
		if !isCancellation(ctx, token.err) {
			return token.err
		}
		err = token.err
	}
	var pace *paceFailure
	if errors.As(err, &pace) && ctx.Err() == nil {
		return pace.err
	}
	e := s.failure(s.lastStatus, s.requestID)
	e.Err = err
	e.Kind = ErrNetwork
	e.host = s.host
	var (
		limit   *LimitError
		interim *interimFailure
		refused *retryRefused
	)
	switch {
	case errors.As(err, &refused) && ctx.Err() == nil:
		e.host = ""
	case errors.As(err, &limit), errors.As(err, &interim):
		e.Kind = ErrMalformed
	case ctx.Err() != nil:
		e.Kind = ErrCancelled
		e.Err = context.Cause(ctx)
	default:
		e.Retryable = !isPermanent(err)
	}
	return s.hideIn(e)
}

// isCancellation reports whether a TokenSource failed because the caller gave up.
func isCancellation(ctx context.Context, err error) bool {
	return ctx.Err() != nil &&
		(errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Cause(ctx)))
}

func (s *callState) failure(status int, requestID string) *Error {
	return &Error{
		Operation: s.operation,
		Method:    s.method,
		Path:      s.path,
		Status:    status,
		RequestID: requestID,
		Attempts:  s.attempts,
		Uncertain: s.uncertain,
	}
}

// isBlank reports whether a body holds nothing but white space.
func isBlank(body []byte) bool { return len(bytes.TrimSpace(body)) == 0 }
