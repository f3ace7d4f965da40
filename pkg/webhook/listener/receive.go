package listener

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// receive answers one request.
func (l *Listener) receive(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		l.refuseMethod(w, r)
		return
	}
	body, err := readBody(r, l.options.MaxBody)
	if err != nil {
		l.refuseBody(w, err)
		return
	}
	d := newDelivery(r.Method, requestURI(r), r.Header)
	d.ReceivedAt, d.buffer, d.Body = l.options.Now(), body, *body
	l.judge(d)
	line := buffers.Get().(*[]byte)
	if *line, err = d.Append((*line)[:0]); err == nil {
		err = l.recorder.record(d, *line)
	}
	release(line)
	verdict, reason := d.event.Verdict, d.event.Reason // dispatch has the rest by now
	switch {
	case err != nil:
		l.counts.refused.Add(1)
		http.Error(w, "not recorded", http.StatusServiceUnavailable) // has GoBiz send it again
		return
	case verdict == Invalid:
		http.Error(w, reason, http.StatusUnauthorized)
		return
	case l.options.AnswerDelay > 0:
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // it would end the wait
		l.wait(r.Context(), l.options.AnswerDelay)
	}
	w.WriteHeader(l.options.Answer)
}

// judge says whether GoBiz has sent it.
func (l *Listener) judge(d *delivery) {
	e := &d.event
	e.ReceivedAt = d.ReceivedAt
	switch secrets := l.options.Secrets; {
	case l.options.Unverified:
		e.Verdict = Unchecked
	case webhook.Verify(d.Body, d.Signature, secrets...) >= 0:
		e.Verdict, d.Valid = Valid, true
	case d.Signature == "":
		e.Verdict, e.Reason = Invalid, "no "+webhook.SignatureHeader
	case !isSignature(d.Signature):
		e.Verdict, e.Reason = Invalid, webhook.SignatureHeader+" is not 64 lower-case hex characters"
	default:
		e.Verdict, e.Reason = Invalid, "the signature does not verify"
	}
}

func isSignature(s string) bool { return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" }

// wait is for an answer that is to come late. A listener that stops does not keep
// anybody waiting.
func (l *Listener) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-l.stopping:
	}
}

// refuseMethod answers what GoBiz does not send. Tunnels and people look whether
// somebody is there.
func (l *Listener) refuseMethod(w http.ResponseWriter, r *http.Request) {
	const text = "gobiz webhook listen: GoBiz sends notifications with POST"
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path == "/" {
		_, _ = io.WriteString(w, text+"\n")
		return
	}
	l.counts.refused.Add(1)
	l.notices.tellOnce(RefusedMethod, r.Method)
	w.Header().Set("Allow", http.MethodPost)
	http.Error(w, text, http.StatusMethodNotAllowed)
}

var errTooLarge = errors.New("body too large")

// refuseBody answers a body that was not read to its end. The connection cannot
// be used for another request.
func (l *Listener) refuseBody(w http.ResponseWriter, err error) {
	l.counts.refused.Add(1)
	w.Header().Set("Connection", "close")
	switch {
	case errors.Is(err, errTooLarge):
		l.notices.tellOnce(RefusedSize, "")
		http.Error(w, fmt.Sprintf("body larger than %d bytes", l.options.MaxBody), http.StatusRequestEntityTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		l.notices.tellOnce(RefusedSlow, "")
		http.Error(w, "body sent too slowly", http.StatusRequestTimeout)
	default:
		http.Error(w, "unreadable body", http.StatusBadRequest)
	}
}

// buffers are for bodies and lines, which are a few KB each.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, 4<<10)
	return &b
}}

func release(buffer *[]byte) {
	if buffer != nil && cap(*buffer) <= maxPooled {
		buffers.Put(buffer)
	}
}

// readBody reads a body of at most so many bytes into a buffer, which grows as
// they arrive: what a header promises costs nothing.
func readBody(r *http.Request, limit int64) (*[]byte, error) {
	if r.ContentLength > limit {
		return nil, errTooLarge
	}
	buffer := buffers.Get().(*[]byte)
	body := (*buffer)[:0]
	for {
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		*buffer = body
		switch {
		case int64(len(body)) > limit:
			err = errTooLarge
		case err == io.EOF:
			return buffer, nil
		case err == nil:
			continue
		}
		release(buffer)
		return nil, err
	}
}

// requestURI is the target of a request as its first line has it. A proxy's form
// of it, with scheme and host, loses those.
func requestURI(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return "/" + strings.TrimPrefix(r.URL.RequestURI(), "/")
}

func splitURI(uri string) (path, query string) {
	path, query, _ = strings.Cut(uri, "?")
	return path, query
}
