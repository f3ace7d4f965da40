package sender

import (
	"fmt"
	"net/url"
	"strings"
)

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
