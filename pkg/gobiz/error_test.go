package gobiz_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func TestErrorBodies(t *testing.T) {
	tests := []struct {
		name   string
		status int
		kind   error
		ctype  string
		body   string
		want   gobiz.Error // Title, Message, Code, Severity, More, Body
	}{
		{"validation", 422, gobiz.ErrInvalid, "application/json",
			`{"success":false,"errors":[{"message_title":"Bad Request","message":"menus: missing required field"}]}`,
			gobiz.Error{Title: "Bad Request", Message: "menus: missing required field"}},
		{"bad request", 400, gobiz.ErrInvalid, "application/json",
			`{"success":false,"errors":[{"message_title":"Error hint","message":"Start date must be after today."}]}`,
			gobiz.Error{Title: "Error hint", Message: "Start date must be after today."}},
		{"401 of the legacy API", 401, gobiz.ErrUnauthorized, "application/json", expired,
			gobiz.Error{Title: "Session Expired", Message: "Your session is expired. Please login again.", Code: "HTTP_401", Severity: "error"}},
		{"accept", 406, gobiz.ErrNotAcceptable, "application/json",
			`{"success":false,"errors":[{"message_title":"UnsupportedAcceptType","message":"Invalid Accept header: application/vnd.eim.v0+json"}]}`,
			gobiz.Error{Title: "UnsupportedAcceptType", Message: "Invalid Accept header: application/vnd.eim.v0+json"}},
		{"415", 415, gobiz.ErrNotAcceptable, "application/json", `{}`, gobiz.Error{Body: "{}"}},
		{"several", 409, gobiz.ErrConflict, "application/json",
			`{"errors":[{"message_title":"A","message":"a"},{"message_title":"B","message":"b","code":7},"third",null,{}]}`,
			gobiz.Error{Title: "A", Message: "a", More: []gobiz.Problem{{Title: "B", Message: "b", Code: "7"}, {Message: "third"}}}},
		{"top-level message", 403, gobiz.ErrForbidden, "application/json", `{"message":"Partner is not authorized to access this outlet's resource"}`,
			gobiz.Error{Message: "Partner is not authorized to access this outlet's resource"}},
		{"oauth", 401, gobiz.ErrUnauthorized, "application/json",
			`{"error":"invalid_client","error_description":"Client authentication failed","error_hint":"client id or secret is invalid","status_code":401}`,
			gobiz.Error{Title: "invalid_client", Code: "invalid_client", Message: "Client authentication failed: client id or secret is invalid"}},
		{"gateway object", 429, gobiz.ErrRateLimited, "application/json", `{"error":{"code":429,"message":"slow down"}}`,
			gobiz.Error{Code: "429", Message: "slow down"}},
		{"errors as object", 404, gobiz.ErrNotFound, "application/json", `{"errors":{"message_title":"Not found","message":"Transaction not found"}}`,
			gobiz.Error{Title: "Not found", Message: "Transaction not found"}},
		{"nulls", 500, gobiz.ErrServer, "application/json", `{"success":null,"errors":null,"data":null}`, gobiz.Error{Body: `{"success":null,"errors":null,"data":null}`}},
		{"web page", 502, gobiz.ErrServer, "text/html", "<html>\n<h1>502   Bad\x1b[31m Gateway</h1>\r\n</html>",
			gobiz.Error{Body: "502 Bad Gateway"}},
		{"cut-off JSON", 503, gobiz.ErrServer, "application/json", `{"errors":[{"message_ti`, gobiz.Error{Body: `{"errors":[{…`}},
		{"empty", 404, gobiz.ErrNotFound, "", "", gobiz.Error{}},
		{"hostile text", 400, gobiz.ErrInvalid, "application/json", `{"errors":[{"message_title":"a\u001b]0;x\u0007b","message":"c\u202ed\u0000\ne"}]}`,
			gobiz.Error{Title: "ab", Message: "cd e"}},
		{"secrets in another shape", 400, gobiz.ErrInvalid, "application/json", `{"result":{"access_token":"hunter2","note":"mail budi@example.test"}}`,
			gobiz.Error{Body: `{"result":{"access_token":"***","note":"mail ***"}}`}},
		{"teapot", 418, gobiz.ErrRejected, "text/plain", "short and stout", gobiz.Error{Body: "short and stout"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, answer(tt.status, tt.ctype, tt.body))
			_, err := newClient(t, s.URL).Outlet(t.Context(), "G1")
			var got *gobiz.Error
			if !errors.As(err, &got) {
				t.Fatal(err)
			}
			if !errors.Is(err, tt.kind) || got.Status != tt.status || got.Operation != "getOutlet" || got.RequestID == "" {
				t.Errorf("%+v", got)
			}
			said := gobiz.Error{Title: got.Title, Message: got.Message, Code: got.Code, Severity: got.Severity, More: got.More, Body: got.Body}
			if fmt.Sprintf("%#v", said.More) == "[]gobiz.Problem{}" {
				said.More = nil
			}
			if diff := cmp.Diff(tt.want.More, said.More); diff != "" || said.Title != tt.want.Title || said.Message != tt.want.Message ||
				said.Code != tt.want.Code || said.Severity != tt.want.Severity || said.Body != tt.want.Body {
				t.Errorf("got  %q %q %q %q %q\nwant %q %q %q %q %q\n%s", said.Title, said.Message, said.Code, said.Severity, said.Body,
					tt.want.Title, tt.want.Message, tt.want.Code, tt.want.Severity, tt.want.Body, diff)
			}
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("control characters in %q", err)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	tests := map[string]error{
		"GET /x: 404 Not Found": &gobiz.Error{Method: "GET", Path: "/x", Status: 404},
		"PUT /x: 422 Bad Request: menus: missing required field (and 2 more) (3 attempts, request id r-1)": &gobiz.Error{
			Method: "PUT", Path: "/x", Status: 422, Title: "Bad Request", Message: "menus: missing required field.", Attempts: 3, RequestID: "r-1", More: make([]gobiz.Problem, 2)},
		`GET /x: 502 Bad Gateway: "<html>"`: &gobiz.Error{Method: "GET", Path: "/x", Status: 502, Body: "<html>"},
		"boom":                              &gobiz.Error{Err: errors.New("boom")},
	}
	for want, err := range tests {
		if err.Error() != want {
			t.Errorf("got  %s\nwant %s", err, want)
		}
	}
	if !errors.Is(&gobiz.Error{Status: 404}, gobiz.ErrNotFound) || errors.Is(&gobiz.Error{Status: 404}, gobiz.ErrServer) {
		t.Error("a status alone gives the kind")
	}
}

func TestAnswersThatAreNoSuccess(t *testing.T) {
	tests := []struct {
		name, ctype, body string
		kind              error
		want              string
	}{
		{"success false", "application/json", `{"success":false,"errors":[{"message_title":"T","message":"m"}]}`, gobiz.ErrRejected, "200 T: m"},
		{"success false behind data", "application/json", `{"data":[1],"errors":[{"message_title":"T","message":"m"}],"success":false}`, gobiz.ErrRejected, "200 T: m"},
		{"success false, nothing else", "application/json", `{"success":false}`, gobiz.ErrRejected, "without a reason"},
		{"errors without success", "application/json", expired, gobiz.ErrUnauthorized, "Session Expired"},
		{"web page", "text/html; charset=utf-8", "<!doctype html><title>Sign in</title>", gobiz.ErrMalformed, "a web page, not JSON"},
		{"text", "text/plain", "ok", gobiz.ErrMalformed, "the answer is text/plain, not JSON"},
		{"array", "application/json", "[]", gobiz.ErrMalformed, "not a JSON object"},
		{"empty", "application/json", " \n", gobiz.ErrMalformed, "the answer is empty"},
		{"cut off", "application/json", `{"success":true,"data":{"outlet":{"id":"G1"`, gobiz.ErrMalformed, "not one complete JSON value"},
		{"two documents", "application/json", `{"success":true,"data":{"outlet":{"id":"G1"}}}{}`, gobiz.ErrMalformed, "not one complete JSON value"},
		{"wrong shape", "application/json", `{"success":true,"data":{"outlet":{"id":["G1"]}}}`, gobiz.ErrMalformed, "another shape than documented"},
		{"no outlet", "application/json", `{"success":true,"data":{}}`, gobiz.ErrMalformed, "lacks data.outlet"},
		{"null outlet", "application/json", `{"success":true,"data":null}`, gobiz.ErrMalformed, "lacks data.outlet"},
		{"deep nesting", "application/json", `{"data":` + strings.Repeat("[", 100000), gobiz.ErrMalformed, "JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, answer(200, tt.ctype, tt.body))
			_, err := newClient(t, s.URL).Outlet(t.Context(), "G1")
			if !errors.Is(err, tt.kind) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want %v with %q, got %v", tt.kind, tt.want, err)
			}
			if err != nil && len(err.Error()) > 1000 {
				t.Errorf("error of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestPromoFailureInsideSuccess(t *testing.T) {
	const body = `{"success":true,"data":{"success":%s,"failure":%s}}`
	entry := `{"id":"p-1","external_menu_id":"MI-001","errors":null}`
	failure := `{"id":null,"external_menu_id":"MI-404","errors":"Item is not active"}`
	tests := []struct {
		name, success, failure string
		want                   gobiz.PromoResult
		text                   string
	}{
		{"all good", "[" + entry + "]", "[]", gobiz.PromoResult{Success: []gobiz.PromoOutcome{{ID: "p-1", ExternalMenuID: "MI-001"}}}, ""},
		{"object instead of array", entry, "null", gobiz.PromoResult{Success: []gobiz.PromoOutcome{{ID: "p-1", ExternalMenuID: "MI-001"}}}, ""},
		{"failed", "[]", "[" + failure + "]", gobiz.PromoResult{Failure: []gobiz.PromoOutcome{{ExternalMenuID: "MI-404", Errors: "Item is not active"}}},
			"promotion not created: item MI-404: Item is not active"},
		{"partly", "[" + entry + "]", `[{"external_menu_id":"A","errors":["x",{"message":"y"}]},` + failure + "]",
			gobiz.PromoResult{
				Success: []gobiz.PromoOutcome{{ID: "p-1", ExternalMenuID: "MI-001"}},
				Failure: []gobiz.PromoOutcome{{ExternalMenuID: "A", Errors: "x; y"}, {ExternalMenuID: "MI-404", Errors: "Item is not active"}},
			}, "item A: x; y (and 1 more)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, json200(fmt.Sprintf(body, tt.success, tt.failure)))
			got, err := newClient(t, s.URL).CreatePromo(t.Context(), "G1", gobiz.PromoRequest{})
			if got == nil {
				t.Fatal(err)
			}
			if fmt.Sprint(*got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v, want %v", *got, tt.want)
			}
			if (err != nil) != (tt.text != "") || err != nil && (!errors.Is(err, gobiz.ErrRejected) || !strings.Contains(err.Error(), tt.text)) {
				t.Errorf("error %v, want %q", err, tt.text)
			}
		})
	}
}

func TestServerClosesEarly(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, `{"success":true,`)
		panic(http.ErrAbortHandler)
	})
	_, err := newClient(t, s.URL, func(o *gobiz.Options) { o.MaxAttempts = 2 }).Outlet(t.Context(), "G1")
	var failed *gobiz.Error
	if !errors.As(err, &failed) || !errors.Is(err, gobiz.ErrNetwork) || !failed.Retryable || failed.Attempts != 2 || len(s.requests()) != 2 {
		t.Errorf("%d requests: %v", len(s.requests()), err)
	}
	if !strings.Contains(err.Error(), "no answer from 127.0.0.1:") {
		t.Error(err)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, err = newClient(t, "http://"+address).Notifications(t.Context(), "F-1")
	var op *net.OpError
	if !errors.Is(err, gobiz.ErrNetwork) || !errors.As(err, &op) {
		t.Errorf("%v", err)
	}
	if text := err.Error(); !strings.HasPrefix(text, "GET /integrations/partner/notifications: no answer from "+address+": dial tcp ") || strings.Contains(text, "entity_id") {
		t.Error(text)
	}
}

// TestBodyLimit sends 200 MB; what client and server allocate together stays far
// below that.
func TestBodyLimit(t *testing.T) {
	chunk := strings.Repeat("x", 1<<20)
	tests := map[string]func(w http.ResponseWriter){
		"announced": func(w http.ResponseWriter) { w.Header().Set("Content-Length", fmt.Sprint(200<<20)) },
		"chunked":   func(http.ResponseWriter) {},
	}
	for name, prepare := range tests {
		for _, status := range []int{200, 500} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					prepare(w)
					w.WriteHeader(status)
					for range 200 {
						if _, err := io.WriteString(w, chunk); err != nil {
							return
						}
					}
				})
				client := newClient(t, s.URL, func(o *gobiz.Options) { o.MaxAttempts, o.MaxResponse = 4, 8<<20 })
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := client.Catalog(t.Context(), "G1", &catalog.Live{})
				runtime.ReadMemStats(&after)
				var limit *gobiz.LimitError
				if !errors.As(err, &limit) || limit.Limit != 8<<20 || !strings.Contains(err.Error(), "the answer is larger than 8 MiB") {
					t.Errorf("%v", err)
				}
				if len(s.requests()) != 1 {
					t.Errorf("%d requests: a large answer is no reason to repeat", len(s.requests()))
				}
				if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 100 {
					t.Errorf("%d MiB were allocated", used)
				}
			})
		}
	}
}

func TestBodyAtTheLimit(t *testing.T) {
	body := `{"success":true,"data":{}}`
	s := serve(t, json200(body))
	for limit, fits := range map[int64]bool{int64(len(body)): true, int64(len(body)) - 1: false, -1: true} {
		err := newClient(t, s.URL, func(o *gobiz.Options) { o.MaxResponse = limit }).UnlinkPrimaryOutlet(t.Context())
		if (err == nil) != fits {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}
