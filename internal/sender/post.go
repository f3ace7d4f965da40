package sender

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

const (
	// ReceiverTimeout is how long a receiver may take to answer (developer
	// documentation, "Best practices").
	ReceiverTimeout = 15 * time.Second
	// MaxRedirects is how many 307 and 308 answers one attempt follows.
	MaxRedirects = 5
	// MaxAnswerHeader bounds the headers of an answer, in bytes: nobody reads them.
	MaxAnswerHeader = 64 << 10
)

// A Transport connects to receivers directly, and adds nothing to a request.
type Transport struct {
	Dialer net.Dialer // makes the connections

	strict, trusting *http.Transport
	trusts           func(host string) bool
}

// NewTransport returns a transport that keeps so many connections to one receiver
// open. trusts names the hosts whose certificate may be anything, such as one that
// was made on this machine; nil is none. Without http2 there is one request at a
// time on a connection.
func NewTransport(conns int, http2 bool, trusts func(host string) bool) *Transport {
	t := &Transport{Dialer: net.Dialer{Timeout: ReceiverTimeout}, trusts: trusts}
	inner := func(trusting bool) *http.Transport {
		return &http.Transport{
			DialContext:            t.Dialer.DialContext,
			DisableCompression:     true, // it would add Accept-Encoding
			ForceAttemptHTTP2:      http2,
			MaxIdleConnsPerHost:    conns,
			IdleConnTimeout:        time.Minute,
			TLSHandshakeTimeout:    ReceiverTimeout,
			TLSClientConfig:        &tls.Config{InsecureSkipVerify: trusting},
			MaxResponseHeaderBytes: MaxAnswerHeader,
		}
	}
	t.strict, t.trusting = inner(false), inner(true)
	return t
}

var errSwitched = errors.New("the receiver switched to another protocol, which was not asked for")

// RoundTrip makes a request. A 101 is an error: its body is the connection itself,
// and neither a time-out nor a cancelled context would end the reading of it.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	inner := t.strict
	if t.trusts != nil && t.trusts(r.URL.Hostname()) {
		inner = t.trusting
	}
	answer, err := inner.RoundTrip(r)
	if err == nil && answer.StatusCode < http.StatusOK {
		_ = answer.Body.Close()
		return nil, errSwitched
	}
	return answer, err
}

// CloseIdleConnections is what http.Client looks for.
func (t *Transport) CloseIdleConnections() {
	t.strict.CloseIdleConnections()
	t.trusting.CloseIdleConnections()
}

// NewClient returns an HTTP client that treats receivers as GoBiz does: it waits
// ReceiverTimeout, follows 307 and 308 with the same method and body, and no
// other redirect. conns and trusts are those of NewTransport. unfit says why a
// redirect's target may not be called, empty when it may; nil allows all.
func NewClient(conns int, trusts func(host string) bool, unfit func(url string) string) *http.Client {
	return &http.Client{
		Transport: NewTransport(conns, true, trusts),
		Timeout:   ReceiverTimeout,
		CheckRedirect: func(next *http.Request, made []*http.Request) error {
			switch next.Response.StatusCode {
			case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
			default:
				return http.ErrUseLastResponse
			}
			if len(made) > MaxRedirects {
				return http.ErrUseLastResponse
			}
			if unfit != nil {
				if reason := unfit(next.URL.String()); reason != "" {
					return fmt.Errorf("redirect not followed: url %s", reason)
				}
			}
			return nil
		},
	}
}

// An Answer is what became of one attempt.
type Answer struct {
	Status int    // of the receiver; 0 when it gave none
	Error  string // why it does not count as delivered, in few words, without the URL
}

// Delivered reports whether the receiver took it: any 2xx does.
func (a Answer) Delivered() bool { return a.Status >= 200 && a.Status < 300 }

// Post makes one attempt to deliver body. The answer's body is ignored.
func Post(ctx context.Context, client *http.Client, to string, header http.Header, body []byte) Answer {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return Answer{Error: "invalid url"}
	}
	r.Header = header
	got, err := client.Do(r)
	if err != nil {
		return Answer{Error: Reason(err)}
	}
	defer got.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(got.Body, 64<<10)) // keeps the connection
	a := Answer{Status: got.StatusCode}
	if !a.Delivered() {
		a.Error = fmt.Sprintf("receiver answered %d", a.Status)
	}
	return a
}

// Untrusted begins the Reason of a certificate that does not hold.
const Untrusted = "certificate not trusted"

// Reason says why a receiver gave no answer, in few words and without its URL.
func Reason(err error) string {
	var network net.Error
	var dns *net.DNSError
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return Untrusted + ": " + certificate.Err.Error()
	case errors.As(err, &dns):
		return "unknown host"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &op) && op.Op == "dial" && op.Timeout():
		return "connect timed out"
	case errors.As(err, &network) && network.Timeout():
		return "read timed out"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection closed before an answer"
	}
	var called *url.Error
	if errors.As(err, &called) {
		err = called.Err
	}
	return transportReason(err.Error())
}

// transportReason replaces net/http's own words for an answer that it cannot
// read. It has no error values for them.
func transportReason(text string) string {
	switch {
	case strings.Contains(text, "server response headers exceeded"):
		return fmt.Sprintf("the receiver's answer has more than %d KB of headers", MaxAnswerHeader>>10)
	case strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "the receiver speaks http, not https"
	case strings.Contains(text, "malformed "), strings.Contains(text, "transport connection broken"):
		return "the receiver's answer is no HTTP"
	}
	return text
}

// Headers are those that GoBiz sends with a body (developer documentation,
// "Receiving notifications"). The legacy API's sample has no idempotency key;
// an empty one is left out.
func Headers(secret, idempotencyKey string, body []byte) http.Header {
	h := http.Header{}
	h.Set("Accept", "application/json")
	h.Set("Content-Type", "application/json")
	h.Set(webhook.SignatureHeader, webhook.Sign(secret, body))
	if idempotencyKey != "" {
		h.Set(webhook.IdempotencyKeyHeader, idempotencyKey)
	}
	return h
}

// UnfitTarget says why made-up or recorded notifications may not be sent to a
// URL, empty when they may. Any host will do, also one on the Internet, but those
// of GoBiz: it takes no notifications, and what is sent there by mistake carries
// an order's data.
func UnfitTarget(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https":
		return "is not an http or https URL"
	case u.Hostname() == "":
		return "has no host"
	case u.User != nil:
		return "has a user name or password, which GoBiz does not send"
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	for _, domain := range []string{"gobiz.co.id", "gobiz.com", "gojek.com", "gojek.co.id", "go-jek.com", "gojekapi.com", "gofood.co.id"} {
		if host == domain || strings.HasSuffix(host, "."+domain) {
			return fmt.Sprintf("is on %s: GoBiz sends notifications and takes none", domain)
		}
	}
	return ""
}
