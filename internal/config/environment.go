package config

import (
	"errors"
	"net"
	"net/url"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/publichost"
)

// Environment names a pair of hosts: where to log in and where the API is.
type Environment string

// The environments. Sandbox and production are GoBiz's own (GoBiz API
// reference, introduction), local is `gobiz sandbox start`, custom is any other
// pair.
const (
	Sandbox    Environment = "sandbox"
	Production Environment = "production"
	Local      Environment = "local"
	Custom     Environment = "custom"
)

// API selects the generation of the API.
type API string

// The two generations.
const (
	Partner    API = "partner"
	Enterprise API = "enterprise" // Enterprise Integration Middleware
)

// Hosts is the pair of base URLs of an environment, without a trailing slash.
type Hosts struct{ API, OAuth string }

// hostPairs holds the published hosts (GoBiz API reference, introduction) and the
// defaults of the sandbox on this machine.
var hostPairs = map[Environment]Hosts{
	Sandbox:    {API: "https://api.partner-sandbox.gobiz.co.id", OAuth: "https://integration-goauth.gojekapi.com"},
	Production: {API: "https://api.gobiz.co.id", OAuth: "https://accounts.go-jek.com"},
	Local:      {API: "http://127.0.0.1:8765", OAuth: "http://127.0.0.1:8765"},
}

// olderSandboxAPI is still printed in the payment samples of the developer documentation.
const olderSandboxAPI = "api.sandbox.gobiz.co.id"

// HostsOf returns the hosts of an environment; custom has none.
func HostsOf(e Environment) (Hosts, bool) {
	h, ok := hostPairs[e]
	return h, ok
}

// environmentOfURL says which environment a normalised URL belongs to. A host that
// nobody published is custom.
func environmentOfURL(raw string) Environment {
	u, err := url.Parse(raw)
	if err != nil {
		return Custom
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if publichost.Loopback(host) {
		return Local
	}
	if host == olderSandboxAPI {
		return Sandbox
	}
	for _, e := range []Environment{Sandbox, Production} {
		pair := hostPairs[e]
		if host == strings.TrimPrefix(pair.API, "https://") || host == strings.TrimPrefix(pair.OAuth, "https://") {
			return e
		}
	}
	return Custom
}

// normaliseURL checks a base URL and gives it one spelling: lower-case scheme and host,
// no default port, no slash at the end. Base URLs are published with a
// trailing slash while paths begin with one.
func normaliseURL(raw string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return "", &unfitError{raw, "is not a URL like https://host"}
	case u.User != nil:
		// The value is not shown: it holds a password.
		return "", errors.New("a base URL holds no user and password")
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "", &unfitError{raw, "has a query or fragment, which a base URL has not"}
	}
	scheme := strings.ToLower(u.Scheme)
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	switch {
	case scheme != "https" && scheme != "http":
		return "", &unfitError{raw, "is not allowed: only https is, and http on this machine"}
	case scheme == "http" && !publichost.Loopback(host):
		return "", &unfitError{raw, "is not allowed: plain http is allowed on loopback only"}
	}
	port := u.Port()
	if scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		port = ""
	}
	switch {
	case port != "":
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	return scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/"), nil
}
