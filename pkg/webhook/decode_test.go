package webhook_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

func TestParseSaysWhatIsMalformed(t *testing.T) {
	for body, want := range map[string]string{
		"{\n \"header\":{\"event_name\":\"a\"},\n  \"header\":{}}":                      `no notification: 3:3: the key "header" is there twice`,
		`{"header":{"event_name":"x"},"body":{"é":1,"order":{"a":1,"a":2}}}`:            `no notification: 1:59: the key "a" is there twice`,
		`{"header":{"event_name":"x"},"body":{`:                                         "no notification: 1:38: the JSON ends in the middle",
		`{"header":{"event_name":"x"}} x`:                                               "no notification: 1:31: the JSON does not parse: invalid character 'x'",
		`{"header":{"event_name":"x"},"body":` + strings.Repeat("[", 20_000):            "nested more than 10000 deep",
		`{"` + strings.Repeat("k", 5000) + `":1,"` + strings.Repeat("k", 5000) + `":1}`: "k…\" is there twice",
	} {
		_, err := webhook.Parse([]byte(body))
		if !errors.Is(err, webhook.ErrMalformed) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "jsontext") || len(err.Error()) > 250 {
			t.Errorf("%.80s: %.300v, want %s", body, err, want)
		}
	}
}
