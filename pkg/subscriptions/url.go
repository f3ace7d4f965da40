package subscriptions

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/gobiz-cli/gobiz/internal/publichost"
)

// A URLError is a URL that GoBiz would not deliver to.
type URLError struct {
	URL    string // as given; without its user name and password
	Kind   Kind   // of some reasons
	Reason string // what is wrong with it
	Hint   string // what to do
}

func (e *URLError) Error() string { return e.Reason + ": " + e.URL }

// CheckURL judges the URL of a subscription; its error is a [*URLError]. GoBiz
// delivers over https with a valid certificate, to port 443 or 80, from the
// internet (developer documentation, "Notification subscriptions"). loopback
// allows this machine besides, with any port and without TLS, as the sandbox
// does. Nothing is looked up.
func CheckURL(raw string, loopback bool) error {
	refused := func(reason, hint string) error {
		return &URLError{URL: withoutUser(raw), Reason: reason, Hint: hint}
	}
	unreachable := func(reason string) error {
		const hint = "while developing, name the https address of a tunnel to this machine, or use the sandbox"
		return &URLError{URL: raw, Kind: Unreachable, Reason: reason, Hint: hint}
	}
	const example = "such as https://pos.example.com/gofood"
	if strings.ContainsFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) || r == '\\' }) {
		return refused("there is a blank, a backslash or an invisible character in the url", "copy it again, "+example)
	}
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return refused("the url is empty", example)
	case err != nil, u.Scheme == "", u.Opaque != "", u.Hostname() == "":
		return refused("this is no url with a host", "write it in full, "+example)
	case u.User != nil:
		return &URLError{
			URL: withoutUser(raw), Kind: UserInURL, Reason: "the url has a user name or password in it",
			Hint: "leave it out: X-Go-Signature tells that a notification is from GoBiz",
		}
	case u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return refused("the url has a fragment (#), which no server gets to see", "leave out what begins with #")
	case strings.Contains("."+strings.TrimSuffix(u.Hostname(), ".")+".", ".."):
		return refused("the host has nothing between two dots", "copy it again, "+example)
	case publichost.Loopback(u.Hostname()):
		if loopback && (u.Scheme == "http" || u.Scheme == "https") {
			return nil
		}
		return unreachable("GoBiz cannot reach this machine by its loopback address")
	case u.Scheme == "http":
		return refused("GoBiz sends notifications over https only", "write https://, with a certificate that is valid and not self-signed")
	case u.Scheme != "https":
		return refused("the url must begin with https://", example)
	case !publichost.Public(u.Hostname()):
		return unreachable("GoBiz cannot reach this host, it is not public")
	case u.Port() != "" && u.Port() != "443" && u.Port() != "80":
		return refused("GoBiz delivers to port 443 or 80 only, not "+u.Port(), "leave the port out and let a proxy or a tunnel forward from 443")
	}
	return nil
}

// ReachesLoopback reports whether the API at a base URL is on this machine, as
// the sandbox is, and so delivers to receivers on it.
func ReachesLoopback(apiURL string) bool { return publichost.Loopback(parsed(apiURL).Hostname()) }

// withoutUser keeps a password out of messages.
func withoutUser(raw string) string {
	scheme, rest, found := strings.Cut(raw, "://")
	if !found {
		return raw
	}
	authority := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority = rest[:i]
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		rest = rest[i+1:]
	}
	return scheme + "://" + rest
}

// sameURL reports whether two URLs are the same to a server: the case of scheme
// and host, a default port and a missing path make no difference.
func sameURL(a, b string) bool { return a == b || normalURL(a) == normalURL(b) }

func normalURL(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return raw
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		u.Host = strings.TrimSuffix(u.Host, ":443")
	case "http":
		u.Host = strings.TrimSuffix(u.Host, ":80")
	}
	if u.Path == "" && u.Opaque == "" {
		u.Path = "/"
	}
	return u.String()
}

func sameHost(a, b string) bool {
	x, y := parsed(a), parsed(b)
	return strings.EqualFold(x.Hostname(), y.Hostname())
}

func samePath(a, b string) bool {
	x, y := parsed(a), parsed(b)
	return x.Path == y.Path && x.RawQuery == y.RawQuery
}

// parsed returns an empty URL for what is none.
func parsed(raw string) *url.URL {
	if u, err := url.Parse(raw); err == nil {
		return u
	}
	return &url.URL{}
}

// wrongURL says in which part a live URL differs from the one wanted.
func wrongURL(live, wanted string) string {
	is, want := parsed(live), parsed(wanted)
	switch {
	case is.Hostname() == "":
		return "wrong url: " + live
	case !strings.EqualFold(is.Hostname(), want.Hostname()):
		return "wrong host: " + is.Hostname()
	case !strings.EqualFold(is.Scheme, want.Scheme):
		return "wrong scheme: " + is.Scheme
	case is.Port() != want.Port():
		return "wrong port: " + portOf(is)
	}
	is.Scheme, is.Host, is.User = "", "", nil
	if is.Path == "" {
		is.Path = "/"
	}
	return "wrong path: " + is.String()
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case strings.EqualFold(u.Scheme, "http"):
		return "80"
	}
	return "443"
}
