package contract

import (
	"bytes"
	"io"
	"net/http"
	"testing/iotest"
)

// Transport judges each request before it goes through next and each answer after it, and calls report with every
// violation, possibly from several goroutines. Traffic is passed on unchanged, also when it is wrong. A body that
// cannot be read to its end is passed on with its error and not judged. Put it next to the wire, below the layers
// that add headers; next nil is http.DefaultTransport.
func (c *Contract) Transport(next http.RoundTripper, report func(err error)) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return &transport{contract: c, next: next, report: report}
}

type transport struct {
	contract *Contract
	next     http.RoundTripper
	report   func(error)
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	body, rest, err := readBody(req.Body)
	if err != nil {
		return nil, err
	}
	if err := t.contract.CheckRequest(req, body); err != nil {
		t.report(err)
	}
	if req.Body != nil {
		req = req.Clone(req.Context()) // a RoundTripper must not change the caller's request
		req.Body = rest
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return resp, err
	}
	body, rest, err = readBody(resp.Body)
	resp.Body = rest
	if err == nil {
		if err := t.contract.CheckResponse(req, resp.StatusCode, resp.Header, body); err != nil {
			t.report(err)
		}
	}
	return resp, nil
}

// readBody returns the bytes of a body and a body that reads the same: the same bytes, then the same error.
func readBody(body io.ReadCloser) ([]byte, io.ReadCloser, error) {
	if body == nil || body == http.NoBody {
		return nil, body, nil
	}
	held, err := io.ReadAll(body)
	var rest io.Reader = bytes.NewReader(held)
	if err != nil {
		rest = io.MultiReader(rest, iotest.ErrReader(err))
	}
	return held, &sameBody{Reader: rest, Closer: body}, err
}

type sameBody struct {
	io.Reader
	io.Closer
}
