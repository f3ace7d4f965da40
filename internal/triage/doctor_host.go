package triage

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/redact"
)

// Paths that are asked without credentials. The token endpoint answers a GET
// with 405 (RFC 6749, 3.2 wants POST), the others answer 401.
const (
	probeLogin      = "/oauth2/token"
	probePartner    = "/integrations/partner/v1/linked-outlets"
	probeEnterprise = "/enterprises/00000000-0000-0000-0000-000000000000/notification-subscriptions"
)

const proxyLogin = "export HTTPS_PROXY=http://USER:PASSWORD@PROXY:PORT"

// certificateSoon is when the end of a host's certificate is worth a word.
const certificateSoon = 14 * 24 * time.Hour

func (d *doctor) loginHost(ctx context.Context) verdict {
	return d.host(ctx, d.setup.Settings.OAuthURL, probeLogin, 0)
}

func (d *doctor) apiHost(ctx context.Context) verdict {
	s := d.setup.Settings
	if err := s.RequireAPIURL(); err != nil {
		return d.failedBy(err, "gobiz profile set"+spaced(d.setup.Profile.Name)+" api_url=https://HOST")
	}
	probe := probePartner
	if s.API == config.Enterprise {
		probe = probeEnterprise
	}
	return d.host(ctx, s.APIURL, probe, 1)
}

// host meets one host as any call would: name, connection, certificate, answer.
func (d *doctor) host(ctx context.Context, base, probe string, index int) verdict {
	target, err := url.Parse(base + probe)
	if err != nil {
		return failed("the URL cannot be used", "gobiz profile show")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return failed("the URL cannot be used", "gobiz profile show")
	}
	request.Header.Set("Accept", "application/json")
	if d.setup.UserAgent != "" {
		request.Header.Set("User-Agent", d.setup.UserAgent)
	}
	var reached stage
	request = request.WithContext(httptrace.WithClientTrace(ctx, reached.trace()))
	start := d.setup.Now()
	// Not by an http.Client: a redirect is an answer here, and is not followed.
	response, err := d.setup.Transport.RoundTrip(request)
	if err != nil {
		return d.unreached(ctx, target, &reached, err)
	}
	end := d.setup.Now()
	_ = response.Body.Close()
	d.skews[index] = readSkew(target.Host, response.Header.Get("Date"), start, end)

	message := fmt.Sprintf("%s answers (%d), %d ms", target.Host, response.StatusCode, end.Sub(start).Milliseconds())
	curl := "curl -i " + quote(target.String())
	switch status := response.StatusCode; {
	case status == http.StatusProxyAuthRequired:
		return failed("the proxy wants a login (407)", proxyLogin)
	case status >= 500:
		return failed(fmt.Sprintf("%s has a problem of its own: it answers %d", target.Host, status), curl)
	case status < 400:
		return warning(message+"; without credentials that is no answer of GoBiz, so another server or a login page of the network is in between", curl)
	}
	if response.TLS == nil || len(response.TLS.PeerCertificates) == 0 {
		return ok(message + ", without TLS on this machine")
	}
	until := response.TLS.PeerCertificates[0].NotAfter
	if left := until.Sub(end); left < certificateSoon {
		return warning(fmt.Sprintf("%s, but its certificate ends in %s", message, span(left)), "")
	}
	return ok(message + ", certificate valid until " + until.UTC().Format(time.DateOnly))
}

// unreached says at which step a host was lost.
func (d *doctor) unreached(ctx context.Context, target *url.URL, reached *stage, err error) verdict {
	var (
		host     = target.Host
		curl     = "curl -v --max-time 10 " + quote(target.String())
		local    = d.setup.Settings.Environment == config.Local
		name     *net.DNSError
		op       *net.OpError
		mismatch x509.HostnameError
		unknown  x509.UnknownAuthorityError
		invalid  x509.CertificateInvalidError
		plain    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return failed(fmt.Sprintf("%s: the proxy cannot be reached: %s", host, reason(op.Err)), "env | grep -i proxy")
	case strings.Contains(err.Error(), http.StatusText(http.StatusProxyAuthRequired)):
		return failed(fmt.Sprintf("%s: the proxy wants a login (407)", host), proxyLogin)
	case errors.As(err, &mismatch):
		return failed(fmt.Sprintf("TLS: the certificate is not for %s but for %s", target.Hostname(), strings.Join(mismatch.Certificate.DNSNames, ", ")), curl)
	case errors.As(err, &unknown):
		return failed(fmt.Sprintf("TLS: nobody known signed the certificate of %s; a proxy that reads along, or another server", host),
			"export SSL_CERT_FILE=CA.pem # with the certificate authority of your network")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return failed(fmt.Sprintf("TLS: the certificate of %s is not valid today (%s to %s), or this machine's clock is wrong", host,
			invalid.Cert.NotBefore.UTC().Format(time.DateOnly), invalid.Cert.NotAfter.UTC().Format(time.DateOnly)), "date")
	case errors.As(err, &plain):
		return failed(fmt.Sprintf("TLS: %s does not speak TLS on this port", host), curl)
	case errors.As(err, &name) && name.IsNotFound:
		return failed(fmt.Sprintf("DNS: no host named %s", target.Hostname()), "nslookup "+target.Hostname())
	case errors.Is(err, context.DeadlineExceeded), ctx.Err() != nil, isTimeout(err):
		return failed(fmt.Sprintf("%s: no answer within %s, %s", host, d.setup.Timeout, reached), curl)
	case errors.As(err, &name):
		return failed(fmt.Sprintf("DNS: %s was not looked up: %s", target.Hostname(), name.Err), "nslookup "+target.Hostname())
	case errors.Is(err, syscall.ECONNREFUSED) && local:
		return failed(fmt.Sprintf("TCP: nothing listens at %s", host), "gobiz sandbox start"+portFlag(target))
	case errors.Is(err, syscall.ECONNREFUSED):
		return failed(fmt.Sprintf("TCP: %s refused the connection", host), curl)
	}
	return failed(fmt.Sprintf("%s: %s", host, reason(err)), curl)
}

func spaced(word string) string {
	if word == "" {
		return ""
	}
	return " " + word
}

// sandboxPort is where `gobiz sandbox start` listens without a flag.
const sandboxPort = "8765"

func portFlag(target *url.URL) string {
	if port := target.Port(); port != "" && port != sandboxPort {
		return " --port " + port
	}
	return ""
}

func isTimeout(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// reason is the innermost cause of a network failure, without addresses.
func reason(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number.Error()
	}
	return err.Error()
}

// stage is how far a request came.
type stage struct{ at atomic.Int32 }

const (
	atName int32 = iota
	atConnection
	atHandshake
	atAnswer
)

func (s *stage) trace() *httptrace.ClientTrace {
	reach := func(at int32) {
		for old := s.at.Load(); old < at && !s.at.CompareAndSwap(old, at); old = s.at.Load() {
		}
	}
	return &httptrace.ClientTrace{
		ConnectStart:      func(string, string) { reach(atConnection) },
		TLSHandshakeStart: func() { reach(atHandshake) },
		WroteRequest:      func(httptrace.WroteRequestInfo) { reach(atAnswer) },
	}
}

func (s *stage) String() string {
	switch s.at.Load() {
	case atConnection:
		return "the connection did not come about (TCP)"
	case atHandshake:
		return "connected, but TLS did not begin"
	case atAnswer:
		return "connected, but the server is silent"
	}
	return "its name was not resolved (DNS)"
}

// proxyVariables are those that net/http reads, in either case.
var proxyVariables = []string{"HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"}

// proxy says how the hosts are reached. User and password of a proxy are not
// shown, and neither are the errors of net/http, which repeat them.
func (d *doctor) proxy(context.Context) verdict {
	var parts []string
	direct := 0
	for _, base := range d.hosts() {
		via, err := d.proxyOf(base)
		switch {
		case errors.Is(err, redact.ErrProxyAddress):
			return failed(err.Error(), proxyLogin)
		case err != nil:
			return failed("the proxy in the environment is not a URL that can be used", "export HTTPS_PROXY=http://PROXY:PORT")
		case via == nil:
			direct++
		default:
			parts = append(parts, base.Host+" by "+via.Scheme+"://"+via.Host)
		}
	}
	if len(parts) > 0 {
		if direct > 0 {
			parts = append(parts, "the other host directly")
		}
		return ok(strings.Join(parts, ", "))
	}
	for _, name := range proxyVariables {
		if d.setup.Getenv(name) != "" {
			return ok("none for these hosts, although " + name + " is set")
		}
	}
	return ok("none")
}

// hosts are the base URLs to reach, each host once.
func (d *doctor) hosts() []*url.URL {
	var out []*url.URL
	for _, raw := range []string{d.setup.Settings.OAuthURL, d.setup.Settings.APIURL} {
		base, err := url.Parse(raw)
		if err != nil || base.Host == "" || len(out) > 0 && out[0].Host == base.Host && out[0].Scheme == base.Scheme {
			continue
		}
		out = append(out, base)
	}
	return out
}

func (d *doctor) proxyOf(base *url.URL) (*url.URL, error) {
	if d.setup.Transport.Proxy == nil {
		return nil, nil
	}
	return d.setup.Transport.Proxy(&http.Request{Method: http.MethodGet, URL: base, Header: http.Header{}})
}
