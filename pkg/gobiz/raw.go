package gobiz

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// A Request is a call of any path, documented or not.
type Request struct {
	Method string
	Path   string // begins with "/"; may carry a query; escaped as in a URL
	// Header is sent as it is. Content-Type and Accept are added when missing.
	Header http.Header
	Body   []byte
}

// A Response is the answer to a Request, whatever its status. Body must be
// closed; it is read from the network as the caller reads.
type Response struct {
	Status    int
	Header    http.Header
	Body      io.ReadCloser
	Operation string // operationId if the path is documented, else empty
	RequestID string // as sent in X-Request-Id
	Attempts  int

	state *callState
}

// Do sends a request through the same stack as all other calls: token,
// repeats where they are harmless, request id, limits. Any status is an answer;
// Response.Failure turns one that is no success into an error. Path parameters
// are taken as they are, so escape them.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	method := strings.ToUpper(strings.TrimSpace(r.Method))
	if method == "" {
		method = http.MethodGet
	}
	target, err := c.parsePath(r.Path)
	if err != nil {
		return nil, err
	}
	path := strings.TrimPrefix(target.EscapedPath(), c.base.EscapedPath())
	described := method
	if method == http.MethodHead {
		described = http.MethodGet // needs the same token
	}
	endpoint, _ := matchEndpoint(described, path)
	state := c.newState(endpoint.Operation, method, path)
	state.stream = true
	resp, err := c.send(ctx, state, target, endpoint.header(r.Header, len(r.Body) > 0), Body{r.Body}) //nolint:bodyclose // the caller does
	if err != nil {
		return nil, err
	}
	return &Response{
		Status: resp.StatusCode, Header: resp.Header, Body: resp.Body,
		Operation: state.operation, RequestID: state.requestID, Attempts: state.attempts, state: state,
	}, nil
}

// Failure returns the *Error for a status other than 2xx, and for an answer
// that says success:false; nil for a success. body is what was read of
// Response.Body; it may be nil.
func (r *Response) Failure(body []byte) error {
	if r.Status < 200 || r.Status > 299 {
		return r.state.statusFailure(r.Status, r.Header, body)
	}
	if e, err := readEnvelope(body, nil); err != nil || e.success != "false" {
		return nil // not an envelope: an image, a page, a part of an answer
	}
	return r.state.rejection(r.Status, r.RequestID, body)
}

// parsePath joins a path given by a user to the base URL. A complete URL of the
// configured host is taken too.
func (c *Client) parsePath(text string) (*url.URL, error) {
	refused := func(reason string) error { return &ArgumentError{Name: "path", Reason: reason} }
	if rest, ok := strings.CutPrefix(text, c.base.String()+"/"); ok {
		text = "/" + rest
	}
	if strings.Contains(text, "://") && !strings.HasPrefix(text, "/") {
		return nil, refused("belongs to another host than " + c.base.Host + "; give only the path")
	}
	if !strings.HasPrefix(text, "/") {
		return nil, refused("must begin with a slash")
	}
	text, _, _ = strings.Cut(text, "#")
	target, err := url.Parse(c.base.String() + text)
	if err != nil || !sameOrigin(target, c.base) {
		return nil, refused("is not a valid URL path")
	}
	for segment := range strings.SplitSeq(target.Path, "/") {
		if segment == "." || segment == ".." {
			return nil, refused("must not have the segments . or ..")
		}
	}
	return target, nil
}
