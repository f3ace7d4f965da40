package sandbox

import (
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/htmlpage"
)

// hostile texts would be markup, an attribute, a URL or code if a page let them.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`" onfocus="alert(1)" autofocus="`,
	`' onmouseover='alert(1)`,
	`javascript:alert(1)`,
	`</style><script>alert(1)</script>`,
	`--><svg onload=alert(1)>`,
	`&lt;script&gt;`,
}

// Whatever the texts of a page are, its tags are the same, and so are the names
// of their attributes.
func TestPagesKeepTheirTags(t *testing.T) {
	for name, page := range map[string]func(text string) string{
		"index":   indexWith,
		"phone":   func(text string) string { return stepWith(stepPhone, text) },
		"otp":     func(text string) string { return stepWith(stepOTP, text) },
		"consent": func(text string) string { return stepWith(stepConsent, text) },
		"error": func(text string) string {
			w := httptest.NewRecorder()
			new(Sandbox).showAuthorizeError(w, "en", oauthError{Status: 400, Code: text, Description: text, Hint: text})
			return w.Body.String()
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := tags(page("text"))
			if len(want) < 10 || !strings.Contains(page("a text"), "a text") {
				t.Fatalf("that is no page: %s", page("text"))
			}
			for _, text := range hostile {
				if got := tags(page(text)); !reflect.DeepEqual(got, want) {
					t.Errorf("%q changes the page: %v\nwant %v", text, got, want)
				}
			}
		})
	}
}

var (
	tag       = regexp.MustCompile(`<[^>]*>`)
	attribute = regexp.MustCompile(`"[^"]*"`)
)

// tags gives the tags of a page without the values of their attributes.
func tags(page string) []string {
	found := tag.FindAllString(page, -1)
	for i := range found {
		found[i] = attribute.ReplaceAllString(found[i], `""`)
	}
	return found
}

// indexWith is the index page with a text in every field.
func indexWith(text string) string {
	var (
		info    Info
		outlets = make([]OutletState, 1)
		orders  = make([]Order, 1)
		sent    = make([]Delivery, 1)
	)
	info.RedirectURIs, info.Users, info.Outlets = make([]string, 2), make([]UserInfo, 1), make([]OutletInfo, 1)
	info.Users[0].Outlets = make([]string, 2)
	outlets[0].Products, outlets[0].ExternalOutletID = make([]string, 2), new(string)
	for _, v := range []any{&info, &outlets, &orders, &sent} {
		fill(reflect.ValueOf(v).Elem(), text)
	}
	var p htmlpage.Page
	addUse(&p, info, time.Unix(0, 0))
	addUsers(&p, info.Users)
	addClients(&p, info)
	addOutlets(&p, outlets)
	addOrders(&p, orders)
	addDeliveries(&p, sent)
	w := httptest.NewRecorder()
	endPage(w, 200, &p)
	return w.Body.String()
}

// stepWith is the page of a login's step with a text in every field.
func stepWith(step, text string) string {
	s := &Sandbox{store: newStore()}
	l := login{consent: consent{Scopes: make([]string, 2)}}
	fill(reflect.ValueOf(&l).Elem(), text)
	l.Step, l.Lang = step, "en"
	u := UserInfo{}
	fill(reflect.ValueOf(&u).Elem(), text)
	_ = s.store.update(func() error { s.store.users.put(l.Phone, u); return nil })
	w := httptest.NewRecorder()
	s.showStep(w, 200, text, l, "wrong_otp")
	return w.Body.String()
}

// fill sets every string in v, as deep as there are some.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem(), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() || v.Type().Field(i).Anonymous { // an embedded struct's own fields can be set
				fill(v.Field(i), text)
			}
		}
	}
}
