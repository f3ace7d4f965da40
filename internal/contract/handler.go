package contract

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
)

// Handler judges the requests that reach next and the answers that it writes, and calls report with every violation.
// Traffic is passed on unchanged and at once, also when it is wrong; an answer that the handler aborts is not judged.
func (c *Contract) Handler(next http.Handler, report func(error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, rest, err := readBody(req.Body)
		if err == nil {
			if err := c.CheckRequest(req, body); err != nil {
				report(err)
			}
		}
		judged := req // handlers may change URL and method of the request they get
		req = req.Clone(req.Context())
		req.Body = rest
		recorder := &recorder{ResponseWriter: w}
		next.ServeHTTP(recorder, req)
		if recorder.hijacked {
			return
		}
		recorder.WriteHeader(http.StatusOK) // what net/http does when nothing was written
		if err := c.CheckResponse(judged, recorder.status, recorder.header, recorder.body.Bytes()); err != nil {
			report(err)
		}
	})
}

// recorder passes an answer on and keeps a copy.
type recorder struct {
	http.ResponseWriter
	status   int
	header   http.Header // as it was when the status was written
	body     bytes.Buffer
	hijacked bool
}

func (r *recorder) WriteHeader(status int) {
	if r.status != 0 {
		return
	}
	if status >= 200 {
		r.status, r.header = status, r.Header().Clone()
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		if r.Header().Get("Content-Type") == "" && len(p) > 0 {
			r.Header().Set("Content-Type", http.DetectContentType(p)) // what net/http would do behind us
		}
		r.WriteHeader(http.StatusOK)
	}
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach flushing and deadlines. Hijack is caught below.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// Hijack hands over the connection; what is written to it is no answer that could be judged.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(r.ResponseWriter).Hijack()
	r.hijacked = err == nil
	return conn, rw, err
}

// Flush passes on what was written.
func (r *recorder) Flush() {
	r.WriteHeader(http.StatusOK)
	_ = http.NewResponseController(r.ResponseWriter).Flush()
}
