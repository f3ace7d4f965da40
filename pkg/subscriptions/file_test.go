package subscriptions_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

func TestParse(t *testing.T) {
	want := []subscriptions.Wanted{
		{Event: "gofood.order.placed", URL: "https://pos.example.com/a", Active: true},
		{Event: "gofood.order.cancelled", URL: "https://pos.example.com/b", Scope: subscriptions.Scope{OutletID: "G1"}},
	}
	for name, data := range map[string]string{
		"a.yaml": "# mine\nsubscriptions:\n  - event: gofood.order.placed\n    url: ' https://pos.example.com/a '\n  - {event: gofood.order.cancelled, url: https://pos.example.com/b, active: false, outlet_id: G1}\n",
		"a.json": `{"subscriptions":[{"event":"gofood.order.placed","url":"https://pos.example.com/a","outlet_id":null},{"outlet_id":"G1","active":false,"event":"gofood.order.cancelled","url":"https:\/\/pos.example.com\/b"}]}`,
		"stdin":  "\ufeff" + `{"subscriptions":[{"event":"gofood.order.placed","url":"https://pos.example.com/a"},{"outlet_id":"G1","active":false,"event":"gofood.order.cancelled","url":"https://pos.example.com/b"}]}`,
	} {
		f, err := subscriptions.Parse(name, []byte(data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, f.Subscriptions, cmpopts.IgnoreUnexported(subscriptions.Wanted{})); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		if err := f.Check(subscriptions.Rules{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMistakesOfAFile(t *testing.T) {
	const entry = "subscriptions:\n  - event: gofood.order.placed\n    url: https://pos.example.com/a\n"
	for _, tt := range []struct {
		name, data string
		rules      subscriptions.Rules
		want       []string
	}{
		{name: "empty", data: " \n", want: []string{"f:1:1: the file is empty"}},
		{name: "comments alone", data: "# x\n", want: []string{"f:1:1: the file has no content but comments"}},
		{name: "another kind of file", data: "menus: []\n", want: []string{
			`f:1:1: menus: unknown key "menus" (known here: subscriptions)`, `f:1:1: subscriptions: subscriptions is missing`,
		}},
		{name: "a list at the top", data: "- event: x\n", want: []string{"f:1:1: this is a list, and not an object with the key subscriptions"}},
		{name: "null", data: "subscriptions:\n", want: []string{"f:1:15: subscriptions: subscriptions is missing"}},
		{name: "not UTF-8", data: "subscriptions: [] # \xff\n", want: []string{"f:1:21: the text is not UTF-8 (save the file as UTF-8)"}},
		{name: "NUL", data: "subscriptions: []\n\x00", want: []string{"f:2:1: control character U+0000 (delete it)"}},
		{name: "two documents", data: entry + "---\n" + entry, want: []string{"f:4:1: the file holds more than one YAML document (leave out the --- in between)"}},
		{name: "cut JSON", data: `{"subscriptions": [`, want: []string{"f:1:20: the JSON ends too early (look for a missing bracket or quote)"}},
		{name: "JSON and more", data: "{\"subscriptions\": []}\n{}", want: []string{"f:2:1: the JSON goes on behind its end"}},
		{name: "broken JSON", data: "{\n \"subscriptions\": nope}", want: []string{`f:2:20: the JSON does not parse: invalid character 'o' in literal null (expecting 'u')`}},
		{name: "slip in a key", data: entry + "    activ: true\n", want: []string{`f:4:5: subscriptions[0].activ: unknown key "activ" (did you mean active)`}},
		{name: "key twice", data: entry + "    url: https://pos.example.com/b\n", want: []string{"f:4:5: subscriptions[0].url: the key \"url\" is here twice, first on line 3 (keep one of them)"}},
		{name: "key twice in JSON", data: "{\"subscriptions\": [],\n \"subscriptions\": []}", want: []string{"f:2:2: subscriptions: the key \"subscriptions\" is here twice, first on line 1 (keep one of them)"}},
		{name: "several", data: "subscriptions:\n  - event: 12\n    active: yes please\n  - 7\n", want: []string{
			"f:2:5: subscriptions[0].url: url is missing",
			`f:2:12: subscriptions[0].event: this is a number, and not text (put it in quotes: "12")`,
			"f:3:13: subscriptions[0].active: this is text, and not true or false (write true or false, without quotes)",
			"f:4:5: subscriptions[1]: this is a number, and not a subscription, an object",
		}},
		{name: "number for an outlet", data: entry + "    outlet_id: 100000001\n", want: []string{`f:4:16: subscriptions[0].outlet_id: this is a number, and not text (put it in quotes: "100000001")`}},
		{name: "blank outlet", data: entry + "    outlet_id: ' '\n", want: []string{"f:4:16: subscriptions[0].outlet_id: outlet_id is empty"}},
		{name: "alias of itself", data: "subscriptions: &a [*a]\n", want: []string{"f:1:16: subscriptions[0]: this is a list, and not a subscription, an object"}},
		{
			name: "unknown event", data: strings.Replace(entry, "placed", "plased", 1),
			want: []string{`f:2:12: subscriptions[0].event: unknown event "gofood.order.plased" (did you mean gofood.order.placed)`},
		},
		{
			name: "private host", data: strings.Replace(entry, "pos.example.com", "pos.local", 1),
			want: []string{"f:3:10: subscriptions[0].url: GoBiz cannot reach this host, it is not public: https://pos.local/a (while developing, name the https address of a tunnel to this machine, or use the sandbox)"},
		},
		{
			name: "twice the same", data: entry + "  - {event: gofood.order.placed, url: 'https://POS.example.com:443/a', active: false}\n",
			want: []string{"f:4:5: subscriptions[1]: the same event goes to the same url twice, first on line 2 (keep one of them)"},
		},
		{
			name: "legacy key", data: entry + "    enterprise_id: e-1\n",
			want: []string{"f:4:20: subscriptions[0].enterprise_id: enterprise_id is for the legacy API (leave it out, or use a profile with 'api: enterprise')"},
		},
		{
			name: "legacy API", data: entry + "    outlet_id: M1\n    active: false\n", rules: subscriptions.Rules{Enterprise: true},
			want: []string{
				"f:2:5: subscriptions[0]: enterprise_id is missing (add it)",
				"f:2:12: subscriptions[0].event: the legacy API (api: enterprise) does not have this event (its only one is gofood.order.driver_arrived)",
				"f:4:16: subscriptions[0].outlet_id: the legacy API (api: enterprise) has no subscriptions of one outlet (leave it out)",
				"f:5:13: subscriptions[0].active: the legacy API (api: enterprise) has no inactive subscriptions (leave the subscription out)",
			},
		},
	} {
		f, err := subscriptions.Parse("f", []byte(tt.data))
		if err == nil {
			err = f.Check(tt.rules)
		}
		var invalid *subscriptions.InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, invalid.Lines()); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.name, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a.yaml", "subscriptions: [{event: gofood.order.placed, url: https://pos.example.com/a, outlet_id: G1}]\n")
	f.Add("a.json", `{"subscriptions":[{"event":"\ud83c\udf5c","url":"https://x"}]}`)
	f.Add("a.yaml", "a: &a [*a, *a]\nsubscriptions: *a\n")
	f.Add("-", "{\"subscriptions\":[[[[")
	f.Fuzz(func(t *testing.T, name, data string) {
		file, err := subscriptions.Parse(name, []byte(data))
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a text")
			}
			return
		}
		if err := file.Check(subscriptions.Rules{}); err == nil {
			for _, w := range file.Subscriptions {
				if subscriptions.CheckURL(w.URL, false) != nil {
					t.Errorf("a checked file has the url %q", w.URL)
				}
			}
		}
	})
}
