package sandbox

import (
	"bytes"
	"cmp"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// faultSet holds the faults in force and counts what they have met.
type faultSet struct {
	mu     sync.Mutex
	faults []Fault
	met    []int // matching requests, by fault
	done   []int // requests that it was applied to, by fault
}

func newFaultSet(faults []Fault) *faultSet {
	f := &faultSet{}
	f.set(faults)
	return f
}

func (fs *faultSet) set(faults []Fault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.faults = faults
	fs.met = make([]int, len(faults))
	fs.done = make([]int, len(faults))
}

func (fs *faultSet) list() []Fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return append([]Fault{}, fs.faults...)
}

// pick returns the fault that a request meets. chance gives a number in [0, 1).
func (fs *faultSet) pick(method, path, operation string, chance func() float64) (Fault, bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for i, f := range fs.faults {
		if !f.matches(method, path, operation) {
			continue
		}
		fs.met[i]++
		switch {
		case fs.met[i] <= f.Skip:
		case f.Times > 0 && fs.done[i] >= f.Times:
		case f.Share > 0 && chance() >= f.Share:
		default:
			fs.done[i]++
			return f, true
		}
	}
	return Fault{}, false
}

// applyFault answers a request as the fault asks; next is the true handler.
func (s *Sandbox) applyFault(f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	if f.Delay > 0 {
		wait := time.NewTimer(f.Delay)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-s.ctx.Done():
			panic(http.ErrAbortHandler)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	switch {
	case f.Reset:
		resetConnection(w)
	case f.Truncate:
		truncate(f.Keep, w, r, next)
	case f.Size > 0:
		streamBody(f, w)
	case f.Status != 0 || f.Body != "":
		replace(f, w, r)
	default:
		next.ServeHTTP(w, r)
	}
}

// resetConnection closes the connection so that the client sees a reset and
// not an orderly end.
func resetConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 or a recorder: the nearest thing
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// truncate announces the true answer's length and closes before its end.
func truncate(keep int, w http.ResponseWriter, r *http.Request, next http.Handler) {
	whole := &bufferedAnswer{header: w.Header(), status: http.StatusOK}
	next.ServeHTTP(whole, r)
	if keep < 0 {
		keep = whole.body.Len() / 2
	}
	keep = min(keep, max(0, whole.body.Len()-1))
	w.Header().Set("Content-Length", strconv.Itoa(whole.body.Len()))
	w.WriteHeader(whole.status)
	_, _ = w.Write(whole.body.Bytes()[:keep])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// bufferedAnswer keeps an answer back.
type bufferedAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *bufferedAnswer) Header() http.Header         { return h.header }
func (h *bufferedAnswer) WriteHeader(status int)      { h.status = status }
func (h *bufferedAnswer) Write(b []byte) (int, error) { return h.body.Write(b) }

// flood streams valid JSON of the fault's size, holding little of it.
func streamBody(f Fault, w http.ResponseWriter) {
	const head, tail = `{"success":true,"data":{"padding":"`, `"}}`
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(cmp.Or(f.Status, http.StatusOK))
	if _, err := io.WriteString(w, head); err != nil {
		return
	}
	block := bytes.Repeat([]byte("x"), 64<<10)
	for left := f.Size - int64(len(head)+len(tail)); left > 0; {
		n, err := w.Write(block[:min(left, int64(len(block)))])
		if err != nil {
			return // the client has had enough
		}
		left -= int64(n)
	}
	_, _ = io.WriteString(w, tail)
}

func replace(f Fault, w http.ResponseWriter, r *http.Request) {
	status := cmp.Or(f.Status, http.StatusOK)
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
	}
	switch {
	case f.Body == faultBodyHTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<!doctype html>\n<html><head><title>"+http.StatusText(status)+"</title></head><body><h1>"+
			http.StatusText(status)+"</h1><p>upstream proxy of the sandbox</p></body></html>\n")
	case f.Body == faultBodyEmpty:
		w.WriteHeader(status)
	case status < 400:
		writeJSON(w, status, map[string]any{"success": true, "data": struct{}{}})
	case strings.HasPrefix(r.URL.Path, "/oauth2/"):
		writeJSON(w, status, oauthError{Status: status, Code: oauthCodeOf(status), Description: http.StatusText(status)})
	default:
		writeError(w, false, faultError(status))
	}
}

// faultError is the API's own body for a status where it has one.
func faultError(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return errUnauthorized()
	case http.StatusForbidden:
		return errForbiddenOutlet()
	case http.StatusUnprocessableEntity:
		return errInvalid("a fault of the sandbox")
	default:
		return &apiError{status: status, title: http.StatusText(status), message: "a fault of the sandbox"}
	}
}
