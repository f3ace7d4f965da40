package auth_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/auth"
)

func TestParseCallback(t *testing.T) {
	for text, want := range map[string]string{
		"https://pos.example.test/cb?code=abc&state=s":       "abc s",
		"  \"http://127.0.0.1:1/callback?state=s&code=abc\"": "abc s",
		"<https://pos.example.test/cb?code=abc&state=s>":     "abc s",
		"?code=abc&state=s":                  "abc s",
		"code=abc&state=s":                   "abc s",
		"code=a%2Bb&state=s":                 "a+b s",
		"ory_ac_1.2-x state-1234":            "ory_ac_1.2-x state-1234",
		" abc \t state_of~this.login ":       "abc state_of~this.login",
		"https://pos/?error=denied&state=12": " 12",
	} {
		values, err := auth.ParseCallback(text)
		if err != nil || values.Get("code")+" "+values.Get("state") != want {
			t.Errorf("%q: %v, %v", text, values, err)
		}
	}
	for text, want := range map[string]string{
		"canary-hunter2":                         "its state is needed",
		"code=canary-hunter2":                    "its state is needed",
		"https://pos/cb?code=canary-hunter2":     "its state is needed",
		"https://pos/cb?code=canary-hunter2&st=": "its state is needed",
		"https://pos/cb":                         "not a callback URL",
		"":                                       "not a callback URL",
		"just words":                             "not a callback URL",
		"three canary-hunter2 words":             "not a callback URL",
		"https://pos/?x=%zz":                     "not a callback URL",
		"https://pos/?state=12345678":            "not a callback URL",
	} {
		_, err := auth.ParseCallback(text)
		if !errors.Is(err, auth.ErrCallback) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
		if err != nil && strings.Contains(fmt.Sprintf("%v %+v", err, err), "canary") {
			t.Errorf("%q: the error shows the code", text)
		}
	}
}

func FuzzParseCallback(f *testing.F) {
	f.Add("https://pos.example.test/cb?code=abc&state=s")
	f.Add("abc state-1234")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := auth.ParseCallback(text)
		if err == nil && (values.Get("state") == "" || values.Get("code") == "" && values.Get("error") == "") {
			t.Errorf("%q gives %v", text, values)
		}
	})
}
