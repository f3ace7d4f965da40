package redact_test

import (
	"testing"

	"github.com/gobiz-cli/gobiz/internal/redact"
)

func TestValues(t *testing.T) {
	secrets := []string{"abcd", "sandbox-secret", "sandbox-secret-and-more", "abc"}
	for text, want := range map[string]string{
		"":                                "",
		"nothing here":                    "nothing here",
		"bad sandbox-secret!":             "bad ***!",
		"token=sandbox-secret-and-more":   "token=***", // the longer value goes first
		"xsandbox-secretx":                "x***x",     // a long one inside a word as well
		"cut off at sandbox-sec":          "cut off at ***",
		"cut off at sandbox":              "cut off at sandbox", // seven characters may be anything
		"abcd, xabcd, abcdx, (abcd) abcd": "***, xabcd, abcdx, (***) ***",
		"abc is too short to be one":      "abc is too short to be one",
		"éabcd abcdé":                     "éabcd abcdé",
	} {
		if got := redact.Values(text, secrets); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
