package gobiz

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json"
)

// A Body is the content of a request: byte slices sent one after the other. It
// can be sent any number of times, by several calls at once. The slices must
// not be changed afterwards.
type Body [][]byte

// JSONBody marshals a value: keys in the order of the struct's fields, map keys
// sorted, no HTML escaping, so that equal values give equal bytes.
func JSONBody(value any) (Body, error) {
	data, err := json.Marshal(value, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("cannot write the request as JSON: %w", err)
	}
	return Body{data}, nil
}

// Len is the length in bytes.
func (b Body) Len() int64 {
	var n int64
	for _, part := range b {
		n += int64(len(part))
	}
	return n
}

// open returns the parts to one sending. A net.Buffers writes itself, where an
// io.MultiReader takes a buffer of 32 KB for each request.
func (b Body) open() io.ReadCloser {
	parts := net.Buffers(slices.Clone(b))
	return io.NopCloser(&parts)
}

// attach makes b the body of a request, rewindable for repeats and redirects.
func (b Body) attach(req *http.Request) {
	if b.Len() == 0 {
		return
	}
	req.Body = b.open()
	req.GetBody = func() (io.ReadCloser, error) { return b.open(), nil }
	req.ContentLength = b.Len()
}
