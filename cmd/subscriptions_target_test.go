package cmd

import (
	"errors"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

// What the library advises is completed with what this program can do.
func TestSubscriptionHints(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://pos.local/gofood":             "while developing, name the https address of a tunnel to this machine, or use the sandbox: gobiz sandbox start",
		"https://127.0.0.1/gofood":             "while developing, name the https address of a tunnel to this machine, or use the sandbox: gobiz sandbox start",
		"https://me:pw@pos.example.com/gofood": "leave it out: X-Go-Signature tells that a notification is from GoBiz, see 'gobiz webhook verify --help'",
		"ftp://pos.example.com":                "such as https://pos.example.com/gofood",
	} {
		var unfit *subscriptions.URLError
		if err := subscriptions.CheckURL(raw, false); !errors.As(err, &unfit) {
			t.Errorf("%s: %v", raw, err)
		} else if got := subscriptionHint(unfit.Kind, unfit.Hint); got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
	file, err := subscriptions.Parse("subscriptions.yaml", []byte("subscriptions:\n- {event: gofood.order.plaxed, url: 'https://pos.example.com'}\n- {event: breakfast, url: 'https://pos.example.com'}\n"))
	if err != nil {
		t.Fatal(err)
	}
	var invalid *subscriptions.InvalidError
	if err := file.Check(subscriptions.Rules{Enterprise: true}); !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	var got []string
	for _, p := range invalid.Problems {
		got = append(got, subscriptionHint(p.Kind, p.Hint))
	}
	const noEnterprise = "add it, pass --enterprise ID, or set enterprise_id in the profile"
	want := []string{noEnterprise, "did you mean gofood.order.placed", noEnterprise, "see the events with 'gobiz subscriptions add --help'"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}
