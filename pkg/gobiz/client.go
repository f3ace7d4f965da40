package gobiz

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/publichost"
)

// Defaults of Options.
const (
	DefaultTimeout        = 30 * time.Second
	DefaultCatalogTimeout = 90 * time.Second // the server downloads the images during the call
	DefaultMaxAttempts    = 4
	DefaultMaxResponse    = 128 << 20 // bytes: any menu that a partner has pushed
	DefaultConcurrency    = 16
)

// A TokenSource gives access tokens. It must be safe for concurrent use.
type TokenSource interface {
	// Token returns a valid token with the grant and the scope that the
	// operation needs. operation is an operationId of docs/api/openapi.yaml, or
	// empty for a path that the documentation does not have.
	Token(ctx context.Context, operation string) (string, error)
	// Reject says that the API answered 401 to this token: the next Token must
	// be another one.
	Reject(ctx context.Context, token string)
}

// A Limiter paces requests. *rate.Limiter of golang.org/x/time/rate is one.
type Limiter interface {
	Wait(ctx context.Context) error
}

// Options configure a Client. Only BaseURL is required.
type Options struct {
	// BaseURL is the API host, e.g. "https://api.gobiz.co.id". Plain http is
	// taken for loopback hosts only. A path is kept as a prefix.
	BaseURL string
	// Tokens is asked for the access token of a call. Without it calls go without one. A Redactor
	// also masks its other secrets in errors and logs.
	Tokens TokenSource
	// UserAgent defaults to "gobiz".
	UserAgent string
	// Timeout bounds one attempt, from sending to the last byte of the answer.
	// Default 30 s, and 90 s for PutCatalog.
	Timeout time.Duration
	// MaxAttempts bounds the attempts of a call that may be repeated. Default 4;
	// 1 switches repeats off.
	MaxAttempts int
	// MaxResponse bounds the size of an answer in bytes. Default 128 MiB;
	// negative is unlimited.
	MaxResponse int64
	// Concurrency is the number of idle connections kept to the host; set it to
	// the number of workers. Default 16. Not used when Transport is set.
	Concurrency int
	// Limiter, when set, is asked before each attempt.
	Limiter Limiter
	// Logger gets one record at debug level for each attempt, with secrets and
	// personal data masked.
	Logger *slog.Logger
	// OnAttempt is called after each attempt. It must be safe for concurrent use.
	OnAttempt func(Attempt)
	// Transport sends the requests. Default: a clone of http.DefaultTransport,
	// which takes the proxy from the environment.
	Transport http.RoundTripper
	// Now is the clock; default time.Now.
	Now func() time.Time
}

// A Client calls the API of one host. It is safe for concurrent use.
type Client struct {
	base           *url.URL
	http           *http.Client
	transport      http.RoundTripper // the lowest one
	redactor       Redactor          // what Tokens is as well, or nil
	userAgent      string
	timeout        time.Duration
	catalogTimeout time.Duration
}

// New checks the options and makes a Client. It does no I/O.
func New(o Options) (*Client, error) {
	base, err := parseBaseURL(o.BaseURL)
	if err != nil {
		return nil, err
	}
	c := &Client{
		base:           base,
		userAgent:      cmp.Or(o.UserAgent, "gobiz"),
		timeout:        o.Timeout,
		catalogTimeout: o.Timeout,
	}
	if c.timeout <= 0 {
		c.timeout, c.catalogTimeout = DefaultTimeout, DefaultCatalogTimeout
	}
	if o.MaxAttempts <= 0 {
		o.MaxAttempts = DefaultMaxAttempts
	}
	o.MaxResponse = cmp.Or(o.MaxResponse, DefaultMaxResponse)
	if o.Concurrency <= 0 {
		o.Concurrency = DefaultConcurrency
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Transport == nil {
		o.Transport = defaultTransport(o.Concurrency)
	}
	c.transport = o.Transport
	c.redactor, _ = o.Tokens.(Redactor)
	c.http = &http.Client{
		Transport:     newTransport(base, o),
		CheckRedirect: checkRedirect(base),
	}
	return c, nil
}

// BaseURL is the API host that the client was made for.
func (c *Client) BaseURL() string { return c.base.String() }

// CloseIdleConnections closes connections that are not in use.
func (c *Client) CloseIdleConnections() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

func parseBaseURL(text string) (*url.URL, error) {
	// The text is not shown in full: it may carry a password.
	refuse := func(reason string) (*url.URL, error) {
		return nil, &ArgumentError{Name: "API URL", Reason: reason}
	}
	if text == "" {
		return refuse("is empty; give it as https://HOST")
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return refuse("is not a URL; give it as https://HOST")
	case u.User != nil:
		return refuse("must not carry a user or a password")
	case u.Host == "" || u.Hostname() == "":
		return refuse("has no host; give it as https://HOST")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return refuse("must not have a query or a fragment")
	case u.Scheme == "http" && !publichost.Loopback(u.Hostname()):
		return refuse(fmt.Sprintf("uses plain http for %s, which would send the token in the clear; use https", u.Hostname()))
	case u.Scheme != "https" && u.Scheme != "http":
		return refuse("must begin with https://")
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.TrimSuffix(u.Host, ":")
	// The documentation writes the host with a trailing slash and the paths with
	// a leading one.
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// sameOrigin compares scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	return strings.EqualFold(a.Scheme, b.Scheme) && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	return cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)])
}
