package gobiz

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// A LimitError says that an answer was larger than Options.MaxResponse. The
// rest was not read.
type LimitError struct {
	Limit int64 // bytes
}

func (e *LimitError) Error() string {
	if e.Limit >= 1<<20 && e.Limit%(1<<20) == 0 {
		return fmt.Sprintf("the answer is larger than %d MiB; the rest was not read", e.Limit>>20)
	}
	return fmt.Sprintf("the answer is larger than %d bytes; the rest was not read", e.Limit)
}

// limitTransport bounds the size of answers, after decompression.
type limitTransport struct {
	next http.RoundTripper
	max  int64
}

func (t *limitTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil || t.max < 0 {
		return resp, err
	}
	if resp.ContentLength > t.max && req.Method != http.MethodHead {
		resp.Body.Close()
		return nil, &LimitError{Limit: t.max}
	}
	resp.Body = &limitedBody{ReadCloser: resp.Body, left: t.max, max: t.max}
	return resp, nil
}

type limitedBody struct {
	io.ReadCloser
	left, max int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, &LimitError{Limit: b.max}
	}
	// One byte more than allowed tells a body that just fits from a longer one.
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, &LimitError{Limit: b.max}
	}
	return n, err
}

// bufferTransport reads the answer of calls that do not stream, so that a
// connection which breaks in the middle of a body is seen by the retries.
type bufferTransport struct {
	next http.RoundTripper
}

type bufferedBody struct {
	bytes.Reader
	data []byte
}

func (*bufferedBody) Close() error { return nil }

func (t *bufferTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(req)
	if err != nil || stateOf(req.Context()).stream {
		return resp, err
	}
	defer resp.Body.Close()
	var buffer bytes.Buffer
	if resp.ContentLength > 0 && req.Method != http.MethodHead {
		// The announced length is at most the limit; more than a few megabytes are
		// only taken as they arrive.
		buffer.Grow(int(min(resp.ContentLength, 4<<20)) + bytes.MinRead)
	}
	if _, err := buffer.ReadFrom(resp.Body); err != nil {
		return nil, err
	}
	resp.Body = &bufferedBody{Reader: *bytes.NewReader(buffer.Bytes()), data: buffer.Bytes()}
	return resp, nil
}
