package gobiz

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
)

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

type oneToken struct{}

func (oneToken) Token(context.Context, string) (string, error) { return "secret", nil }
func (oneToken) Reject(context.Context, string)                {}

// TestTokenStaysAtTheHost checks the layer itself, behind the checks of paths
// and redirects that come before it.
func TestTokenStaysAtTheHost(t *testing.T) {
	base, err := url.Parse("https://api.example.test")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		target  string
		foreign bool
		sent    bool
		token   string
	}{
		{"https://api.example.test/x", false, true, "Bearer secret"},
		{"https://API.example.test:443/x", false, true, "Bearer secret"},
		{"http://api.example.test/x", false, false, ""},
		{"https://api.example.test:8443/x", false, false, ""},
		{"https://api.example.test.evil.test/x", false, false, ""},
		{"https://evil.test/x", false, false, ""},
		{"https://evil.test/x", true, true, ""},
	}
	for _, tt := range tests {
		var got *http.Request
		transport := &authTransport{base: base, tokens: oneToken{}, next: roundTripFunc(func(req *http.Request) (*http.Response, error) {
			got = req
			return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
		})}
		ctx := context.WithValue(t.Context(), callStateKey{}, &callState{foreign: tt.foreign})
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, tt.target, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = transport.RoundTrip(req)
		if (got != nil) != tt.sent || tt.sent && got.Header.Get("Authorization") != tt.token || !tt.sent && !errors.Is(err, errForeignHost) {
			t.Errorf("%+v: sent %v, %v", tt, got != nil, err)
		}
		if req.Header.Get("Authorization") != "" {
			t.Errorf("%+v: the caller's request was changed", tt)
		}
	}
}

func TestTokenThatAHeaderCannotCarry(t *testing.T) {
	for _, token := range []string{"", "a b", "a\r\nX-Evil: 1", "a\x00", "é"} {
		transport := &authTransport{base: &url.URL{Scheme: "https", Host: "h"}, tokens: fixedToken(token), next: roundTripFunc(func(*http.Request) (*http.Response, error) {
			t.Errorf("%q was sent", token)
			return nil, errors.New("sent")
		})}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://h/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		var failure *tokenFailure
		if _, err := transport.RoundTrip(req); !errors.As(err, &failure) {
			t.Errorf("%q: %v", token, err)
		}
	}
}

type fixedToken string

func (f fixedToken) Token(context.Context, string) (string, error) { return string(f), nil }
func (fixedToken) Reject(context.Context, string)                  {}

func TestDefaultTransport(t *testing.T) {
	transport, ok := defaultTransport(40).(*http.Transport)
	if !ok || transport.MaxIdleConnsPerHost != 40 || transport.Proxy == nil {
		t.Errorf("%+v", transport)
	}
	if many := defaultTransport(500).(*http.Transport); many.MaxIdleConns < 500 {
		t.Errorf("%d idle connections in all", many.MaxIdleConns)
	}
	if shared := http.DefaultTransport.(*http.Transport); shared.MaxIdleConnsPerHost == 40 {
		t.Error("the shared transport was changed")
	}
}

func TestMatchTemplate(t *testing.T) {
	for _, e := range endpoints {
		values := make([]string, 0, 3)
		for range len(e.Path) - len(trimBraces(e.Path)) {
			values = append(values, "v1")
		}
		path, err := e.expand(values)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := matchEndpoint(e.Method, path); !ok || got.Operation != e.Operation {
			t.Errorf("%s %s is %q, want %s", e.Method, path, got.Operation, e.Operation)
		}
		if _, err := e.expand(append(values, "more")); err == nil {
			t.Errorf("%s takes a value too many", e.Operation)
		}
		if len(values) > 0 {
			if _, err := e.expand(values[1:]); err == nil {
				t.Errorf("%s takes a value too few", e.Operation)
			}
		}
	}
}

// trimBraces drops one byte for each parameter.
func trimBraces(path string) string {
	out := make([]byte, 0, len(path))
	for i := range len(path) {
		if path[i] != '{' {
			out = append(out, path[i])
		}
	}
	return string(out)
}
