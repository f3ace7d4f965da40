package sender

import (
	"errors"
	"slices"
	"testing"
)

func edited(t *testing.T, plain bool, texts ...string) (string, error) {
	t.Helper()
	name := "Budi"
	v := struct {
		Name   *string `json:"name"`
		Driver *Person `json:"driver"`
		Order  struct {
			PIN   string `json:"pin"`
			Items []Item `json:"items"`
		} `json:"order"`
	}{Name: &name}
	v.Order.PIN = "4821"
	v.Order.Items = []Item{}
	var edits []Edit
	for _, text := range texts {
		e, err := ParseEdit(text)
		if err != nil {
			return "", err
		}
		edits = append(edits, e)
	}
	body, err := Encode(v, plain, func(n int) int { return n - 1 }, edits...)
	return string(body), err
}

func TestEdit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		plain bool
		edits []string
		want  string
	}{
		{false, nil, `{"name":"Budi","driver":null,"order":{"pin":"4821","items":[]}}`},
		{false, []string{"order.pin=0042"}, `{"name":"Budi","driver":null,"order":{"pin":"0042","items":[]}}`},
		{false, []string{"order.pin=42"}, `{"name":"Budi","driver":null,"order":{"pin":42,"items":[]}}`},
		{false, []string{`order.pin="42"`}, `{"name":"Budi","driver":null,"order":{"pin":"42","items":[]}}`},
		{false, []string{"order.pin="}, `{"name":"Budi","driver":null,"order":{"pin":"","items":[]}}`},
		{false, []string{"order.pin=a=b"}, `{"name":"Budi","driver":null,"order":{"pin":"a=b","items":[]}}`},
		{false, []string{"name=null"}, `{"name":null,"driver":null,"order":{"pin":"4821","items":[]}}`},
		{false, []string{"order.total=12345678901234567890.50"}, `{"name":"Budi","driver":null,"order":{"pin":"4821","items":[],"total":12345678901234567890.50}}`},
		{false, []string{"order.items[0].name=Es & Roti", "order.items[0].n=1", `order.items[1]={"b":[1,{"c":true}]}`, "order.items[1].b[1].c=false"}, `{"name":"Budi","driver":null,"order":{"pin":"4821","items":[{"name":"Es & Roti","n":1},{"b":[1,{"c":false}]}]}}`},
		{false, []string{"driver.name=Pak", "a.b.c=1"}, `{"name":"Budi","driver":{"name":"Pak"},"order":{"pin":"4821","items":[]},"a":{"b":{"c":1}}}`},
		{false, []string{"m[0][0]=1", "m[0][1]=2"}, `{"name":"Budi","driver":null,"order":{"pin":"4821","items":[]},"m":[[1,2]]}`},
		{true, []string{"name=null"}, `{"name":null,"order":{"pin":"4821","items":[]}}`},
		{true, []string{"name=null", "name.first=B"}, `{"name":{"first":"B"},"order":{"pin":"4821","items":[]}}`},
		{true, []string{`order={"pin":"1"} trailing`}, `{"name":"Budi","order":"{\"pin\":\"1\"} trailing"}`},
	}
	for _, tt := range tests {
		if got, err := edited(t, tt.plain, tt.edits...); err != nil || got != tt.want {
			t.Errorf("%v: %s, %v\nwant %s", tt.edits, got, err, tt.want)
		}
	}
	for _, bad := range []string{"", "order", "=1", ".a=1", "a.=1", "a..b=1", "a[=1", "a[x]=1", "a[-1]=1", "a[0]b=1", "a[0=1", "[0]=1", "order.pin.x=1", "order[0]=1", "order.items[2]=1", "order.items.x=1"} {
		got, err := edited(t, false, bad)
		var fault *EditError
		if !errors.As(err, &fault) || fault.Path != "" && fault.Reason == "" {
			t.Errorf("%q: %s, %v", bad, got, err)
		}
	}
}

func TestEditAdds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // the key, and the first one beside it
		"body.order.pin=1":           "",
		"body.order.pim=1":           "pim beside status",
		"body.ordr.pin=1":            "ordr beside customer",
		"body.driver.name=1":         "name beside", // there is no driver yet
		"body.order.currency=x":      "",
		"body.order.new.field=1":     "new beside status",
		"body.order.order_items[0]=": " beside",
	} {
		e, err := ParseEdit(text)
		if err != nil {
			t.Fatal(err)
		}
		added, err := e.Adds(Event{Body: OrderBody{}})
		got := ""
		if added != nil {
			got = added.Key + " beside"
			if len(added.Beside) > 0 {
				got += " " + added.Beside[0]
			}
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}

func FuzzParseEdit(f *testing.F) {
	for _, seed := range []string{"body.order.pin=1", "a[0][1].b={}", "=", "a[99999999999]=1", "a=\"\xff\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := ParseEdit(text)
		if err != nil {
			return
		}
		body, err := Encode(struct{}{}, false, func(int) int { return 0 }, e)
		if err != nil {
			return
		}
		if again, err := Encode(struct{}{}, false, func(int) int { return 0 }, e, e); err != nil || !slices.Equal(body, again) {
			t.Errorf("%q: once %s, twice %s (%v)", text, body, again, err)
		}
	})
}
