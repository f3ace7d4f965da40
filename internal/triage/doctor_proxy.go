package triage

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

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
