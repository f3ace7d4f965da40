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

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// receive answers one request.
func (l *Listener) receive(w http.ResponseWriter, r *http.Request) {
	uri := requestURI(r)
	path, _ := splitURI(uri)
	switch {
	case r.Method != http.MethodPost:
		l.refuseMethod(w, r)
		return
	case sender.HasDotSegment(path):
		l.notices.notifyOnce(RefusedPath, "")
		w.Header().Set("Connection", "close") // the body is not read
		l.refuse(w, http.StatusBadRequest, "the path has segments . or ..")
		return
	}
	b := buffersPool.Get().(*buffers)
	var err error
	if b.body, err = readBody(b.body, r, l.options.MaxBody); err != nil {
		b.release()
		l.refuseBody(w, err)
		return
	}
	verdict, reason, err := l.record(r, uri, b)
	b.release()
	switch {
	case err != nil:
		l.refuse(w, http.StatusServiceUnavailable, "not recorded") // has GoBiz send it again
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

// record verifies a request and writes it to the capture.
func (l *Listener) record(r *http.Request, uri string, b *buffers) (verdict Verdict, reason string, err error) {
	c := capture.Record{
		ReceivedAt: l.options.Now(), Method: r.Method, Header: r.Header, Body: b.body, Signature: r.Header.Get(webhook.SignatureHeader),
	}
	c.Path, c.Query = splitURI(uri)
	if c.Query == "" && strings.HasSuffix(uri, "?") {
		c.Path = uri
	}
	verdict, reason = l.verify(b.body, c.Signature)
	c.Valid = verdict == Valid
	b.line = c.Append(b.line[:0])
	err = l.recorder.record(&request{
		key:   r.Header.Get(webhook.IdempotencyKeyHeader),
		by:    r.Header[sender.ForwardedBy],
		event: Event{ReceivedAt: c.ReceivedAt, Summary: webhook.Summarize(b.body), Verdict: verdict, Reason: reason},
	}, b.line)
	return verdict, reason, err
}

// verify says whether GoBiz has sent a request, or why not.
func (l *Listener) verify(body []byte, signature string) (verdict Verdict, reason string) {
	switch {
	case l.options.Unverified:
		return Unchecked, ""
	case webhook.Verify(body, signature, l.options.Secrets...) >= 0:
		return Valid, ""
	case signature == "":
		return Invalid, "no " + webhook.SignatureHeader
	case !isSignature(signature):
		return Invalid, webhook.SignatureHeader + " is not 64 lower-case hex characters"
	default:
		return Invalid, "the signature does not verify"
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

// refuse answers a request that is not recorded.
func (l *Listener) refuse(w http.ResponseWriter, status int, reason string) {
	l.counts.update(func(s *Summary) { s.Refused++ })
	http.Error(w, reason, status)
}

// refuseMethod answers what GoBiz does not send. Tunnels and people look whether
// somebody is there.
func (l *Listener) refuseMethod(w http.ResponseWriter, r *http.Request) {
	const text = "gobiz webhook listen: GoBiz sends notifications with POST"
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path == "/" {
		_, _ = io.WriteString(w, text+"\n")
		return
	}
	l.notices.notifyOnce(RefusedMethod, r.Method)
	w.Header().Set("Allow", http.MethodPost)
	l.refuse(w, http.StatusMethodNotAllowed, text)
}

var errTooLarge = errors.New("body too large")

// refuseBody answers a body that was not read to its end. The connection cannot
// be used for another request.
func (l *Listener) refuseBody(w http.ResponseWriter, err error) {
	w.Header().Set("Connection", "close")
	switch {
	case errors.Is(err, errTooLarge):
		l.notices.notifyOnce(RefusedSize, "")
		l.refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("body larger than %d bytes", l.options.MaxBody))
	case errors.Is(err, os.ErrDeadlineExceeded):
		l.notices.notifyOnce(RefusedSlow, "")
		l.refuse(w, http.StatusRequestTimeout, "body sent too slowly")
	default:
		l.refuse(w, http.StatusBadRequest, "unreadable body")
	}
}

// buffers are what one request needs until it is recorded.
type buffers struct{ body, line []byte }

var buffersPool = sync.Pool{New: func() any { return new(buffers) }}

// maxPooled is the largest buffer that is kept for later use, in bytes.
const maxPooled = 256 << 10

func (b *buffers) release() {
	if cap(b.body) <= maxPooled && cap(b.line) <= maxPooled {
		buffersPool.Put(b)
	}
}

// readBody reads a body of at most limit bytes into buffer. Its room grows as
// they arrive: what a header promises costs nothing.
func readBody(buffer []byte, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return buffer, errTooLarge
	}
	body := slices.Grow(buffer[:0], 2<<10)
	for {
		if len(body) == cap(body) {
			body = slices.Grow(body, len(body))
		}
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return body, errTooLarge
		case err == io.EOF:
			return body, nil
		case err != nil:
			return body, err
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

func splitURI(uri string) (path, query string) {
	path, query, _ = strings.Cut(uri, "?")
	return path, query
}
