package listener

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// targetURL is where a request goes: its path behind the target's, its query
// behind the target's. Whatever both have is sent as it came, byte for byte.
func targetURL(target *url.URL, uri string) *url.URL {
	path, query := splitURI(uri)
	own := target.EscapedPath()
	if path == "/" && own != "" {
		path = own
	} else {
		path = strings.TrimSuffix(own, "/") + path
	}
	u := &url.URL{Scheme: target.Scheme, Host: target.Host, RawQuery: joinQuery(target.RawQuery, query)}
	u.ForceQuery = u.RawQuery == "" && strings.Contains(uri, "?")
	if strings.HasPrefix(path, "//") {
		// As Opaque it would be taken for a host.
		u.Path, u.RawPath = unescape(path), path
	} else {
		u.Opaque = path
	}
	return u
}

func unescape(path string) string {
	if clear, err := url.PathUnescape(path); err == nil {
		return clear
	}
	return path
}

func joinQuery(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "&" + b
}

// connectionHeaders are about one connection and not about what is sent over it
// (RFC 9110, section 7.6.1), or made anew by whoever sends: the length, and the
// list of trailers.
var connectionHeaders = []string{
	"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"Content-Length",
}

// forwardHeader gives the headers to send: all that came, but those of the
// connection.
func forwardHeader(came http.Header) http.Header {
	header := came.Clone()
	for _, list := range came["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			header.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range connectionHeaders {
		header.Del(name)
	}
	// net/http adds a User-Agent where the key is not there, and sends the first
	// value of it unless that is empty. Under another spelling it is a header like
	// others.
	if agents := header["User-Agent"]; len(agents) != 1 || agents[0] == "" {
		header["User-Agent"], header["user-agent"] = nil, agents
	}
	return header
}

// targetAddr is host:port.
func targetAddr(target *url.URL) string {
	port := target.Port()
	if port == "" {
		port = "80"
		if target.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(target.Hostname(), port)
}

// isLoopback tells whether a host is this machine, by its address or the name
// that always means it.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || strings.EqualFold(host, "localhost")
}
