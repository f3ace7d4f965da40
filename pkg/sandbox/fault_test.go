package sandbox

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseFault(t *testing.T) {
	for rule, want := range map[string]Fault{
		"PUT /integrations/gofood/*/catalog status=503 times=2": {Method: "PUT", Target: "/integrations/gofood/*/catalog", Status: 503, Times: 2},
		"* status=429 retry-after=5 share=0.3":                  {Target: "*", Status: 429, RetryAfter: 5 * time.Second, Share: 0.3},
		"getCatalog body=html":                                  {Target: "getCatalog", Body: "html"},
		"createToken reset skip=1":                              {Target: "createToken", Reset: true, Skip: 1},
		"/x truncate":                                           {Target: "/x", Truncate: true, Keep: -1},
		"/x truncate=10 delay=1.5s":                             {Target: "/x", Truncate: true, Keep: 10, Delay: 1500 * time.Millisecond},
		"/x size=200MB status=500":                              {Target: "/x", Size: 200e6, Status: 500},
		"GET * delay=300ms":                                     {Method: "GET", Target: "*", Delay: 300 * time.Millisecond},
	} {
		got, err := ParseFault(rule)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", rule, err, diff)
		}
		again, err := ParseFault(got.String())
		if diff := cmp.Diff(want, again); err != nil || diff != "" {
			t.Errorf("%s as text is %s: %v %s", rule, got, err, diff)
		}
	}
	for rule, want := range map[string]string{
		"":                            "no target",
		"GET":                         "neither a path",
		"PUT catalog status=500":      `target "catalog" is neither a path, which begins with / or *, nor an operation`,
		"putCatalog":                  "nothing to do; add status=503",
		"/x status=99":                "status=99 is not a status from 200 to 599",
		"/x status=500 status=501":    "status stands twice",
		"/x colour=red":               `unknown key "colour"; use status, body`,
		"/x body=xml":                 "body=xml is not html, empty or json",
		"/x delay=2":                  "delay=2 is not a duration such as 2s",
		"/x share=1.1 reset":          "share=1.1 is not a share",
		"/x times=0 reset":            "times=0 is not",
		"/x reset status=500":         "exclude each other",
		"/x truncate size=1KB":        "exclude each other",
		"/x size=1KB body=html":       "exclude each other",
		"/x size=huge":                "size=huge is not a size such as 200MB",
		"/x retry-after=1 delay=1s":   "retry-after needs a status",
		"/x retry-after=x status=429": "not a number of seconds",
		"/x reset=yes":                "reset takes no value",
		"/x truncate=-1":              "not a number of bytes",
	} {
		if _, err := ParseFault(rule); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), rule) {
			t.Errorf("%q: error %v, want %q", rule, err, want)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	for _, rule := range []string{"PUT /a/*/b status=503 times=2", "* delay=2s share=0.3", "getCatalog truncate=3", "/x size=200MB", "GET"} {
		f.Add(rule)
	}
	f.Fuzz(func(t *testing.T, rule string) {
		fault, err := ParseFault(rule)
		if err != nil {
			return
		}
		again, err := ParseFault(fault.String())
		if diff := cmp.Diff(fault, again); err != nil || diff != "" {
			t.Errorf("%q as text is %q: %v %s", rule, fault, err, diff)
		}
	})
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"/a", "/a", true}, {"/a", "/ab", false}, {"*", "", true}, {"/a*", "/a/b/c", true}, {"*c", "/a/b/c", true},
		{"/a/*/c", "/a/b/b/c", true}, {"/a/*/c", "/a/c", false}, {"/a*a", "/a", false}, {"*b*b*", "/b", false}, {"*b*b*", "bb", true},
	} {
		if got := glob(c.pattern, c.s); got != c.want {
			t.Errorf("glob(%q, %q) = %v", c.pattern, c.s, got)
		}
	}
}

func TestFaultsSpoilRequests(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	plain := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	get := func(rule string) (*http.Response, []byte, error) {
		t.Helper()
		fault, err := ParseFault(rule)
		if err != nil {
			t.Fatal(err)
		}
		d.s.faults.set([]Fault{fault})
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.s.origin+pullPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+c.token)
		resp, err := plain.Do(r)
		if err != nil {
			return nil, nil, err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp, body, err
	}

	resp, body, err := get("getCatalog status=429 retry-after=7")
	if err != nil || resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") != "7" || !strings.Contains(string(body), `"success":false`) {
		t.Errorf("status: %v %v %s", err, resp, body)
	}
	resp, body, err = get("/integrations/* body=html status=502")
	if err != nil || resp.StatusCode != http.StatusBadGateway || !strings.HasPrefix(string(body), "<!doctype html>") || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		t.Errorf("html: %v %v %s", err, resp, body)
	}
	if resp, body, err = get("* body=empty"); err != nil || resp.StatusCode != http.StatusOK || len(body) != 0 {
		t.Errorf("empty: %v %v %s", err, resp, body)
	}
	if resp, body, err = get("* status=401"); err != nil || resp.StatusCode != http.StatusUnauthorized || !strings.Contains(string(body), "HTTP_401") {
		t.Errorf("401: %v %v %s", err, resp, body)
	}
	if _, _, err = get("* reset"); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("reset: %v", err)
	}
	if _, body, err = get("* truncate"); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(string(body), `{"success":true,"data":{"menus"`) {
		t.Errorf("truncate: %v, %d bytes", err, len(body))
	}
	if _, body, err = get("* truncate=5"); !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != `{"suc` {
		t.Errorf("truncate=5: %v, %q", err, body)
	}
	if _, body, err = get("* size=300KB"); err != nil || len(body) != 300_000 || !strings.HasSuffix(string(body), `"}}`) {
		t.Errorf("size: %v, %d bytes", err, len(body))
	}
	if resp, body, err = get("* delay=1ms"); err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "Bakmi") {
		t.Errorf("delay: %v %v", err, resp)
	}
	d.s.faults.set(nil)
	requests := d.s.requests.snapshot()
	counts, last := requests.Counts, requests.Last
	if counts["getCatalog"] != 9 || counts["createToken"] != 1 {
		t.Errorf("counts %v", counts)
	}
	if r := last[len(last)-1]; r.Fault != "* delay=1ms" || r.Status != 200 || r.Operation != "getCatalog" {
		t.Errorf("last request %+v", r)
	}
}

func TestFaultsPick(t *testing.T) {
	parse := func(rules ...string) *faultSet {
		var faults []Fault
		for _, rule := range rules {
			f, err := ParseFault(rule)
			if err != nil {
				t.Fatal(err)
			}
			faults = append(faults, f)
		}
		return newFaultSet(faults)
	}
	statuses := func(fs *faultSet, n int, chance ...float64) []int {
		got := []int{}
		for i := range n {
			f, _ := fs.pick("GET", "/x", "getX", func() float64 { return chance[i] })
			got = append(got, f.Status)
		}
		return got
	}
	if got := statuses(parse("/x status=500 skip=1 times=2", "/x status=501 skip=3"), 6); !cmp.Equal(got, []int{0, 500, 500, 0, 0, 501}) {
		t.Logf("skip and times: %v", got)
		t.Fail()
	}
	if got := statuses(parse("* status=500 share=0.5"), 4, 0.4, 0.5, 0.9, 0); !cmp.Equal(got, []int{500, 0, 0, 500}) {
		t.Errorf("share: %v", got)
	}
	if got := statuses(parse("POST /x status=500", "/y status=501", "getOutlet status=502"), 1); !cmp.Equal(got, []int{0}) {
		t.Errorf("others: %v", got)
	}
}

// A delayed answer must not keep the sandbox from closing.
func TestDelayEndsWithTheSandbox(t *testing.T) {
	d := newHarness(t, Options{})
	fault, err := ParseFault("* delay=1h")
	if err != nil {
		t.Fatal(err)
	}
	d.s.faults.set([]Fault{fault})
	ended := make(chan error, 1)
	go func() {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Get(d.s.origin + pullPath)
		if err == nil {
			resp.Body.Close()
		}
		ended <- err
	}()
	d.await("the fault to be met", func() bool {
		d.s.faults.mu.Lock()
		defer d.s.faults.mu.Unlock()
		return d.s.faults.done[0] == 1
	})
	if err := d.s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("the delayed request was answered")
	}
}
