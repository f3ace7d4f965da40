package gobiz_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

func TestDo(t *testing.T) {
	s := serve(t, answer(404, "text/plain", "no such thing"))
	source := &tokens{}
	client := newClient(t, s.URL+"/prefix", func(o *gobiz.Options) { o.Tokens = source })
	resp, err := client.Do(t.Context(), gobiz.Request{
		Method: "put", Path: "/outlets/M%2F1/catalog?x=1&y=a%20b", Body: []byte(`{"menus": []}`), Header: http.Header{"x-custom": {"a", "b"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.Status != 404 || string(body) != "no such thing" || resp.Operation != "putEnterpriseCatalog" || resp.Attempts != 1 {
		t.Errorf("%+v %q", resp, body)
	}
	got := s.requests()[0]
	if got.Method != "PUT" || got.Path != "/prefix/outlets/M%2F1/catalog" || got.Query != "x=1&y=a%20b" || got.Body != `{"menus": []}` {
		t.Errorf("%+v", got)
	}
	if got.Header.Get("Accept") != "application/vnd.eim.v1+json" || len(got.Header["X-Custom"]) != 2 || got.Header.Get("X-Request-Id") != resp.RequestID {
		t.Errorf("%v", got.Header)
	}
	if len(source.operations) != 1 || source.operations[0] != "putEnterpriseCatalog" {
		t.Errorf("token asked for %q", source.operations)
	}
	err = resp.Failure(body)
	if want := "PUT /outlets/M%2F1/catalog: 404 Not Found: \"no such thing\""; !errors.Is(err, gobiz.ErrNotFound) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v", err)
	}
}

func TestDoKnowsOperations(t *testing.T) {
	s := serve(t, json200(done))
	client := newClient(t, s.URL)
	for path, want := range map[string]string{
		"/integrations/partner/v1/token-info":                                  "getTokenInfo",
		"/integrations/partner/v1/token-info/":                                 "getTokenInfo",
		s.URL + "/integrations/partner/outlets/G1/v1":                          "getOutlet",
		"/integrations/partner/outlets/G1/v1/notification-subscriptions":       "listOutletSubscriptions",
		"/integrations/partner/v1/notification-subscriptions/abc":              "getSubscription",
		"/integrations/partner/outlets//v1":                                    "",
		"/integrations/mokapos/outlets/G1/v1/reporting/invoices?redirect=x://": "",
		"/": "",
	} {
		resp, err := client.Do(t.Context(), gobiz.Request{Path: path})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		resp.Body.Close()
		if resp.Operation != want || resp.Failure(nil) != nil {
			t.Errorf("%s is %q, want %q", path, resp.Operation, want)
		}
	}
	sent := len(s.requests())
	for _, path := range []string{"", "integrations", "https://evil.example.test/x", s.URL + ".evil.example.test/x", "/a/../b", "/a/%2e%2e/b", "/a%2F..%2Fb", "/./x", "/\x00", "/%zz", "@evil.example.test/"} {
		if _, err := client.Do(t.Context(), gobiz.Request{Path: path}); !errors.Is(err, gobiz.ErrArgument) {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, err := client.Do(t.Context(), gobiz.Request{Method: "GE T", Path: "/"}); !errors.Is(err, gobiz.ErrArgument) {
		t.Errorf("%v", err)
	}
	// Two slashes are a path, not another host.
	if resp, err := client.Do(t.Context(), gobiz.Request{Path: "//evil.example.test/x"}); err != nil {
		t.Error(err)
	} else {
		resp.Body.Close()
	}
	if n := len(s.requests()); n != sent+1 {
		t.Errorf("%d requests were sent", n-sent)
	}
}

// TestDoStreams reads the first piece before the server has sent the last.
func TestDoStreams(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first ")
		w.(http.Flusher).Flush()
		<-release
		_, _ = io.WriteString(w, strings.Repeat("x", 100))
	})
	resp, err := newClient(t, s.URL, func(o *gobiz.Options) { o.MaxResponse = 50 }).Do(t.Context(), gobiz.Request{Path: "/stream"})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	first := make([]byte, 6)
	if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "first " {
		t.Fatalf("%q, %v", first, err)
	}
	close(release)
	rest, err := io.ReadAll(resp.Body)
	var limit *gobiz.LimitError
	if len(rest) != 44 || !errors.As(err, &limit) {
		t.Errorf("%d bytes, %v", len(rest), err)
	}
}

func TestDoRepeatsAndKeepsTheLastBody(t *testing.T) {
	calls := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls == 1 {
			w.Header().Set("Retry-After", "0")
			answer(503, "text/plain", "busy")(w, r)
			return
		}
		answer(200, "text/plain", "fine")(w, r)
	})
	resp, err := newClient(t, s.URL, func(o *gobiz.Options) { o.MaxAttempts = 2 }).Do(t.Context(), gobiz.Request{Path: "/x"})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); string(body) != "fine" || err != nil || resp.Attempts != 2 {
		t.Errorf("%q after %d attempts, %v", body, resp.Attempts, err)
	}
}

func TestDoFailure(t *testing.T) {
	for body, want := range map[string]error{
		`{"success":false,"errors":[{"message_title":"T","message":"m"}]}`: gobiz.ErrRejected,
		`{"success":true}`: nil, `{}`: nil, ``: nil, `<html>`: nil, `[1`: nil, pngImage: nil,
	} {
		s := serve(t, json200(body))
		resp, err := newClient(t, s.URL).Do(t.Context(), gobiz.Request{Path: "/x"})
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err := resp.Failure(data); !errors.Is(err, want) {
			t.Errorf("%q: %v", body, err)
		}
	}
}
