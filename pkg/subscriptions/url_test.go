package subscriptions_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

func TestCheckURL(t *testing.T) {
	for _, tt := range []struct{ url, reason string }{
		{"https://pos.example.com/gofood", ""},
		{"https://pos.example.com", ""},
		{"HTTPS://POS.example.com:443/a/b?x=1&y=%2F", ""},
		{"https://pos.example.com:80/gofood", ""},
		{"https://203.0.113.7/gofood", ""},
		{"https://[2001:db8::7]/gofood", ""},
		{"https://pós.example.com/gofood", ""},
		{"", "is empty"},
		{"pos.example.com", "no url with a host"},
		{"pos.example.com:443/gofood", "no url with a host"},
		{"https:pos.example.com", "no url with a host"},
		{"https:///gofood", "no url with a host"},
		{"/gofood", "no url with a host"},
		{"ftp://pos.example.com/", "must begin with https://"},
		{"http://pos.example.com/gofood", "over https only"},
		{"https://pos.example.com:8443/", "port 443 or 80 only, not 8443"},
		{"https://pos.example.com:99999/", "port 443 or 80 only"},
		{"https://pos.example.com:http/", "no url with a host"},
		{"https://user@pos.example.com/", "user name"},
		{"https://user:secret@pos.example.com/", "user name"},
		{"https://pos.example.com/#x", "fragment"},
		{"https://pos.example.com/#", "fragment"},
		{"https://pos.example.com/a b", "blank"},
		{" https://pos.example.com/", "blank"},
		{"https://pos.example.com/\n", "blank"},
		{"https://pos.example.com/\x00", "blank"},
		{"https://pos.example.com/\u200b", "invisible"},
		{`https:\\pos.example.com\x`, "backslash"},
		{"http://127.0.0.1:3000/gofood", "loopback"},
		{"https://localhost/gofood", "loopback"},
		{"https://[::1]/gofood", "loopback"},
		{"https://10.0.0.7/gofood", "not public"},
		{"https://169.254.169.254/latest", "not public"},
		{"https://pos/gofood", "not public"},
		{"https://pos.local/gofood", "not public"},
		{"https://pos..example.com/gofood", "between two dots"},
		{"https://.example.com/gofood", "between two dots"},
		{"https://pos.example.com../gofood", "between two dots"},
		{"https://./gofood", "between two dots"},
		{"https://pos.example.com./gofood", ""},
		{"https://[fe80::1%25eth0]/", "not public"},
	} {
		err := subscriptions.CheckURL(tt.url, false)
		if tt.reason == "" {
			if err != nil {
				t.Errorf("%q: %v", tt.url, err)
			}
			continue
		}
		var unfit *subscriptions.URLError
		if !errors.As(err, &unfit) || !strings.Contains(unfit.Reason, tt.reason) || unfit.Hint == "" {
			t.Errorf("%q: %v (%+v), want %s", tt.url, err, unfit, tt.reason)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the password is in %q", tt.url, err)
		}
	}
}

func TestCheckURLOnTheSandbox(t *testing.T) {
	for url, fine := range map[string]bool{
		"http://127.0.0.1:3000/gofood":   true,
		"http://localhost:3000/gofood":   true,
		"https://[::1]:8443/gofood":      true,
		"https://pos.example.com/gofood": true,
		"http://pos.example.com/gofood":  false,
		"ftp://127.0.0.1/gofood":         false,
		"http://me@127.0.0.1:3000/":      false,
		"https://192.168.1.7/gofood":     false,
	} {
		if err := subscriptions.CheckURL(url, true); (err == nil) != fine {
			t.Errorf("%q: %v", url, err)
		}
	}
	for api, loopback := range map[string]bool{
		"http://127.0.0.1:8765": true, "http://localhost:1": true, "https://api.gobiz.co.id": false, "": false, "::": false,
	} {
		if got := subscriptions.ReachesLoopback(api); got != loopback {
			t.Errorf("%q reaches this machine: %v", api, got)
		}
	}
}
