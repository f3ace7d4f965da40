package gobiz_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

const expired = `{"errors":[{"code":"HTTP_401","message":"Your session is expired. Please login again.","message_title":"Session Expired","message_severity":"error"}]}`

// requireToken answers 401 to every other token.
func requireToken(token string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			answer(401, "application/json", expired)(w, r)
			return
		}
		next(w, r)
	}
}

func TestUnauthorizedOnceGetsANewToken(t *testing.T) {
	s := serve(t, requireToken("token-1", json200(`{"success":true,"data":{"subscription":`+subscriptionAnswer+`}}`)))
	source := &tokens{}
	client := newClient(t, s.URL, func(o *gobiz.Options) { o.Tokens = source })
	// A POST without a key: 401 says that nothing was done, so it may go again.
	request := gobiz.SubscriptionRequest{Event: "gofood.order.placed", URL: "https://pos.example.test"}
	if _, err := client.Subscriptions(gobiz.AllOutlets).Create(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	got := s.requests()
	if len(got) != 2 || got[0].Body != got[1].Body || got[1].Body != `{"event":"gofood.order.placed","url":"https://pos.example.test"}` {
		t.Fatalf("requests: %+v", got)
	}
	if diff := cmp.Diff([]string{"token-0"}, source.rejected); diff != "" {
		t.Error(diff)
	}
	if got[0].Header.Get("X-Request-Id") != got[1].Header.Get("X-Request-Id") {
		t.Error("the request id changed within one call")
	}
}

func TestUnauthorizedTwiceIsAnError(t *testing.T) {
	s := serve(t, answer(401, "application/json", expired))
	source := &tokens{}
	client := newClient(t, s.URL, func(o *gobiz.Options) { o.Tokens, o.MaxAttempts = source, 4 })
	_, err := client.Outlet(t.Context(), "G1")
	var failed *gobiz.Error
	if !errors.As(err, &failed) || !errors.Is(err, gobiz.ErrUnauthorized) {
		t.Fatal(err)
	}
	if len(s.requests()) != 2 || failed.Attempts != 2 || len(source.rejected) != 1 {
		t.Errorf("%d requests, %d attempts, rejected %v", len(s.requests()), failed.Attempts, source.rejected)
	}
	if failed.Title != "Session Expired" || failed.Code != "HTTP_401" || failed.Severity != "error" || failed.Retryable {
		t.Errorf("%+v", failed)
	}
}

func TestUnauthorizedWithTheSameTokenIsNotRepeated(t *testing.T) {
	s := serve(t, answer(401, "application/json", expired))
	client := newClient(t, s.URL, func(o *gobiz.Options) { o.Tokens = &tokens{stuck: true} })
	if _, err := client.Outlet(t.Context(), "G1"); !errors.Is(err, gobiz.ErrUnauthorized) || len(s.requests()) != 1 {
		t.Errorf("%d requests, %v", len(s.requests()), err)
	}
}

// dryTokens gives one token and then an error of its own.
type dryTokens struct {
	rejected bool
	err      error
}

func (d *dryTokens) Token(context.Context, string) (string, error) {
	if d.rejected {
		return "", d.err
	}
	return "token", nil
}
func (d *dryTokens) Reject(context.Context, string) { d.rejected = true }

func TestTokenErrors(t *testing.T) {
	own := errors.New("login expired; run gobiz login")
	s := serve(t, answer(401, "application/json", expired))

	// Without a token nothing is sent and the source's error comes unchanged.
	client := newClient(t, s.URL, func(o *gobiz.Options) { o.Tokens, o.MaxAttempts = &dryTokens{rejected: true, err: own}, 4 })
	if _, err := client.Outlet(t.Context(), "G1"); err != own || len(s.requests()) != 0 {
		t.Errorf("%d requests, %v", len(s.requests()), err)
	}
	// After a 401 both are told: what the API said and what the source said.
	client = newClient(t, s.URL, func(o *gobiz.Options) { o.Tokens = &dryTokens{err: own} })
	if _, err := client.Outlet(t.Context(), "G1"); !errors.Is(err, own) || !errors.Is(err, gobiz.ErrUnauthorized) || len(s.requests()) != 1 {
		t.Errorf("%d requests, %v", len(s.requests()), err)
	}
}

func TestRedirects(t *testing.T) {
	var stolen []string
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		stolen = append(stolen, r.Header.Get("Authorization"))
	}))
	defer thief.Close()
	redirect := func(status int, location string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/moved") {
				json200(done)(w, r)
				return
			}
			w.Header().Set("Location", location)
			w.WriteHeader(status)
		}
	}
	tests := []struct {
		name, method, location string
		status                 int
		want                   string // in the error; empty for success
	}{
		{"same host", "GET", "/moved", 302, ""},
		{"same host keeps the write", "PUT", "/moved", 307, ""},
		{"a write as a read", "PUT", "/moved", 302, "redirects the PUT as a GET"},
		{"another host", "GET", thief.URL + "/x", 302, "redirects to " + thief.URL + "; not followed"},
		{"another host keeps the write", "PUT", thief.URL + "/x", 308, "redirects to " + thief.URL + "; not followed"},
		{"another scheme", "GET", "https://127.0.0.1/x", 301, "not followed"},
		{"a circle", "GET", "/again", 302, "redirects in a circle"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, redirect(tt.status, tt.location))
			request := gobiz.Request{Method: tt.method, Path: "/start"}
			if tt.method == "PUT" {
				request.Body = []byte(`{"a":1}`)
			}
			resp, err := newClient(t, s.URL).Do(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			err = resp.Failure(nil)
			if tt.want == "" {
				requests := s.requests()
				last := requests[len(requests)-1]
				if err != nil || last.Method != tt.method || last.Header.Get("Authorization") != "Bearer token-0" || last.Body != requests[0].Body {
					t.Errorf("%v, last request %+v", err, last)
				}
				return
			}
			if !errors.Is(err, gobiz.ErrRedirected) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v", err)
			}
			if len(s.requests()) > 6 {
				t.Errorf("%d requests", len(s.requests()))
			}
		})
	}
	if len(stolen) > 0 {
		t.Errorf("the other host was called with %q", stolen)
	}
}

// TestNoDowngrade: a redirect from https to http keeps the token at home.
func TestNoDowngrade(t *testing.T) {
	plain := serve(t, json200(done))
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL+"/x", http.StatusTemporaryRedirect))
	defer secure.Close()
	client := newClient(t, secure.URL, func(o *gobiz.Options) { o.Transport = secure.Client().Transport })
	err := client.UnlinkPrimaryOutlet(t.Context())
	if !errors.Is(err, gobiz.ErrRedirected) || len(plain.requests()) != 0 {
		t.Errorf("%d plain requests, %v", len(plain.requests()), err)
	}
}

func TestQRCodeOfAnotherHostGoesWithoutToken(t *testing.T) {
	var header http.Header
	images := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Clone()
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write([]byte(pngImage))
	}))
	defer images.Close()
	client := newClient(t, "https://api.example.test", func(o *gobiz.Options) { o.Transport = images.Client().Transport })
	image, err := client.QRCode(t.Context(), images.URL+"/qr-code")
	if err != nil || string(image) != pngImage {
		t.Fatalf("%q, %v", image, err)
	}
	if header.Get("Authorization") != "" || header.Get("Accept") != "image/png" {
		t.Errorf("sent %v", header)
	}
	for _, bad := range []string{"http://images.example.test/x", "/x", "", "ftp://h/x", "https://user:pw@h/x"} {
		if _, err := client.QRCode(t.Context(), bad); !errors.Is(err, gobiz.ErrArgument) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	// An answer that is no image is no image.
	s := serve(t, answer(200, "text/html", "<html>sign in</html>"))
	if _, err := newClient(t, s.URL).QRCode(t.Context(), s.URL+"/qr"); !errors.Is(err, gobiz.ErrMalformed) {
		t.Errorf("%v", err)
	}
}
