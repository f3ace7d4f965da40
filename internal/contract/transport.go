package contract

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// maxBody bounds what is held of a body, in bytes. A larger one is passed on whole and reported as not judged.
const maxBody = 32 << 20

var errBodySize = errors.New("body is larger than 32 MiB and was not judged")

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
	if err != nil && !errors.Is(err, errBodySize) {
		return nil, err
	}
	if err != nil {
		t.report(err)
	} else if err := t.contract.CheckRequest(req, body); err != nil {
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
	switch {
	case errors.Is(err, errBodySize):
		t.report(err)
	case err == nil:
		if err := t.contract.CheckResponse(req, resp.StatusCode, resp.Header, body); err != nil {
			t.report(err)
		}
	}
	return resp, nil
}

// readBody takes a body and gives its bytes and a body that reads the same: the same bytes, then the same error.
func readBody(body io.ReadCloser) ([]byte, io.ReadCloser, error) {
	if body == nil || body == http.NoBody {
		return nil, body, nil
	}
	held, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	switch {
	case err != nil:
		return nil, &sameBody{Reader: io.MultiReader(bytes.NewReader(held), failing{err}), Closer: body}, err
	case len(held) > maxBody:
		return nil, &sameBody{Reader: io.MultiReader(bytes.NewReader(held), body), Closer: body}, errBodySize
	}
	return held, &sameBody{Reader: bytes.NewReader(held), Closer: body}, nil
}

type sameBody struct {
	io.Reader
	io.Closer
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
