package gobiz

import (
	"net/http"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzErrorBody: any body gives a bounded error without control characters.
func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		`{"success":false,"errors":[{"message_title":"Bad Request","message":"menus: missing required field"}]}`,
		`{"errors":[{"code":"HTTP_401","message":"m","message_title":"t","message_severity":"error"}]}`,
		`{"error":"invalid_client","error_description":"d","error_hint":"h","status_code":401}`,
		`{"message":{"a":["b"]}}`, `{"errors":"text"}`, `<html>\x1b[2J</html>`, `{"errors":[{"message":"` + "\u202e\x00" + `"}]}`, `{"phone":"+6281234567890"`, "\xff\xfe", `[1,2`,
	} {
		f.Add(500, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		state := &callState{operation: "getOutlet", method: "GET", path: "/x", requestID: "r"}
		e := state.statusFailure(status, http.Header{}, body)
		texts := []string{e.Error(), e.Title, e.Message, e.Code, e.Severity, e.Body}
		for _, p := range e.More {
			texts = append(texts, p.Title, p.Message, p.Code, p.Severity)
		}
		for _, text := range texts {
			for _, r := range text {
				if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
					t.Fatalf("%q has %U", text, r)
				}
			}
			if !utf8.ValidString(text) {
				t.Fatalf("%q is not UTF-8", text)
			}
			if n := utf8.RuneCountInString(text); n > 10*maxProblemText {
				t.Fatalf("%d characters", n)
			}
		}
		if n := utf8.RuneCountInString(e.Body); n > maxSnippet {
			t.Fatalf("%d characters of the body", n)
		}
		if len(e.More) >= maxProblems {
			t.Fatalf("%d problems", len(e.More))
		}
	})
}
