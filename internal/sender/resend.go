package sender

import (
	"net/http"
	"net/url"
	"strings"
)

// ResendURL is where a received request is sent on to: its path behind the
// target's, its query behind the target's. RawPath has the path as it came, also
// where a URL would have it escaped in another way.
func ResendURL(target *url.URL, path, query string) *url.URL {
	u := &url.URL{Scheme: target.Scheme, Host: target.Host, RawQuery: target.RawQuery}
	if u.RawQuery != "" && query != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += query
	path, emptyQuery := strings.CutSuffix(path, "?")
	u.ForceQuery = u.RawQuery == "" && (emptyQuery || target.ForceQuery)

	u.RawPath = target.EscapedPath()
	if path != "" && path != "/" || u.RawPath == "" {
		if path != "" && path[0] != '/' {
			path = "/" + path
		}
		u.RawPath = strings.TrimSuffix(u.RawPath, "/") + path
	}
	var err error
	if u.Path, err = url.PathUnescape(u.RawPath); err != nil {
		u.Path = u.RawPath
	}
	return u
}

// connectionHeaders are about one connection and not about what is sent over it
// (RFC 9110, section 7.6.1), or made anew by whoever sends: the length, the list
// of trailers, and the host.
var connectionHeaders = []string{
	"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"Content-Length", "Host",
}

// ForwardedBy is a header that each listener through which a notification has gone
// adds its own random name to, so that it knows what comes back.
const ForwardedBy = "Gobiz-Forwarded-By"

// ResendHeader returns the headers with which a received request is sent on: all
// of them but those of the connection, and none besides.
func ResendHeader(received http.Header) http.Header {
	header := make(http.Header, len(received)+1)
	for name, values := range received {
		name = http.CanonicalHeaderKey(name)
		header[name] = append(header[name], values...)
	}
	for _, list := range header["Connection"] {
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
		header["User-Agent"] = nil
		if len(agents) > 0 {
			header["user-agent"] = agents
		}
	}
	// net/http repeats a request with one of these names, on a new connection when
	// the receiver has closed the old one: it may have been received by then.
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if values, ok := header[name]; ok {
			delete(header, name)
			header[strings.ToLower(name)] = values
		}
	}
	return header
}

// HasDotSegment reports whether a path may lead out of the target's own, however the
// target reads it: RFC 3986, section 5.2.4, also behind escapes and backslashes.
func HasDotSegment(path string) bool {
	if !strings.Contains(path, ".") && !strings.Contains(path, "%") {
		return false
	}
	if unescaped, err := url.PathUnescape(path); err == nil {
		path = unescaped
	}
	for segment := range strings.SplitSeq(strings.ReplaceAll(path, `\`, "/"), "/") {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
