package listener

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
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
	if hasDotSegment(requestURI(r)) {
		l.counts.refused.Add(1)
		l.notices.tellOnce(RefusedPath, "")
		w.Header().Set("Connection", "close") // the body is not read
		http.Error(w, "the path has segments . or ..", http.StatusBadRequest)
		return
	}
	d := deliveries.Get().(*delivery)
	if err := d.readBody(r, l.options.MaxBody); err != nil {
		d.release()
		l.refuseBody(w, err)
		return
	}
	d.describe(r.Method, requestURI(r), r.Header)
	d.ReceivedAt = l.options.Now()
	l.judge(d)
	verdict, reason := d.event.Verdict, d.event.Reason // once it is recorded, dispatch has the rest
	err := l.record(d)
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

// lines are buffers for lines of the capture, a few KB each.
var lines = sync.Pool{New: func() any { return new([]byte) }}

func (l *Listener) record(d *delivery) (err error) {
	line := lines.Get().(*[]byte)
	if *line, err = d.Append((*line)[:0]); err == nil {
		err = l.recorder.record(d, *line)
	}
	if cap(*line) <= maxPooled {
		lines.Put(line)
	}
	return err
}

// judge says whether GoBiz has sent it.
func (l *Listener) judge(d *delivery) {
	e := &d.event
	e.ReceivedAt = d.ReceivedAt
	switch {
	case l.options.Unverified:
		e.Verdict = Unchecked
	case l.verifier.verify(d.Body, d.Signature):
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

// readBody reads a body of at most so many bytes. Its room grows as they arrive:
// what a header promises costs nothing.
func (d *delivery) readBody(r *http.Request, limit int64) error {
	if r.ContentLength > limit {
		return errTooLarge
	}
	d.Body = slices.Grow(d.Body[:0], 2<<10)
	for {
		if len(d.Body) == cap(d.Body) {
			d.Body = slices.Grow(d.Body, len(d.Body))
		}
		n, err := r.Body.Read(d.Body[len(d.Body):cap(d.Body)])
		d.Body = d.Body[:len(d.Body)+n]
		switch {
		case int64(len(d.Body)) > limit:
			return errTooLarge
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
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

// hasDotSegment tells whether a path may lead out of the target's own, however the
// target reads it: RFC 3986, section 5.2.4, also behind escapes and backslashes.
func hasDotSegment(uri string) bool {
	path, _ := splitURI(uri)
	if !strings.Contains(path, ".") && !strings.Contains(path, "%") {
		return false
	}
	for segment := range strings.SplitSeq(strings.ReplaceAll(unescape(path), `\`, "/"), "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

func splitURI(uri string) (path, query string) {
	path, query, _ = strings.Cut(uri, "?")
	return path, query
}
