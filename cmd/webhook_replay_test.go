package cmd_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// TestReplayIsFaithful replays random records: body, the values of headers and
// the query arrive as they were recorded, in the order of the file.
func TestReplayIsFaithful(t *testing.T) {
	t.Parallel()
	const n = 1000
	random := rand.New(rand.NewPCG(3, 4))
	text := func(alphabet string, most int) string {
		letters, b := []rune(alphabet), make([]rune, random.IntN(most))
		for i := range b {
			b[i] = letters[random.IntN(len(letters))]
		}
		return string(b)
	}
	var (
		records []capture.Record
		file    []byte
	)
	for range n {
		r := capture.Record{Method: "POST", Path: "/a", Query: text("abc=&%20+;", 20), Header: http.Header{}, Valid: true, Body: make([]byte, random.IntN(3000))}
		for i := range r.Body {
			r.Body[i] = byte(random.Uint32())
		}
		r.Signature = webhook.Sign(testRelaySecret, r.Body)
		r.Header.Set("X-Go-Signature", r.Signature)
		for i := range random.IntN(4) {
			for range 1 + random.IntN(3) {
				r.Header.Add(fmt.Sprint("X-Value-", i), text("aB9 ,;\"é", 12)+"x")
			}
		}
		records = append(records, r)
		file = r.Append(file)
	}
	name := filepath.Join(t.TempDir(), "capture.jsonl")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHook(t, nil)
	o := run(map[string]string{"HOME": t.TempDir()}, "webhook", "replay", name, "--to", h.url, "-o", "ndjson", "-q")
	came := h.received()
	if o.code != 0 || len(came) != n {
		t.Fatalf("exit code %d, %d of %d arrived: %s", o.code, len(came), n, o.stderr)
	}
	for i, want := range records {
		got := came[i]
		uri := "/gofood"
		if want.Query != "" {
			uri += "?" + want.Query
		}
		if !bytes.Equal(got.body, want.Body) || got.uri != uri || webhook.Verify(got.body, got.header.Get("X-Go-Signature"), testRelaySecret) != 0 {
			t.Fatalf("record %d: %d bytes at %s, want %d at %s", i, len(got.body), got.uri, len(want.Body), uri)
		}
		got.header.Del("Content-Length")
		if len(got.header) != len(want.Header) {
			t.Errorf("record %d: headers %v, want %v", i, got.header, want.Header)
		}
		for header, values := range want.Header {
			var trimmed []string // blanks around a value are no part of it
			for _, v := range values {
				trimmed = append(trimmed, string(bytes.TrimSpace([]byte(v))))
			}
			if !slices.Equal(got.header[header], trimmed) {
				t.Errorf("record %d: %s %q, want %q", i, header, got.header[header], trimmed)
			}
		}
	}
}

func TestReplayUsage(t *testing.T) {
	t.Parallel()
	h := newHook(t, nil)
	for line, want := range map[string]string{
		"":        "missing FILE",
		"c.jsonl": "missing --to",
		"c.jsonl --to https://receiver.invalid.gobiz.co.id/": "GoBiz sends notifications and takes none",
		"c.jsonl --to HOOK --range 5-2":                      "ends before it begins",
		"c.jsonl --to HOOK --range -":                        "is not a range of lines",
		"c.jsonl --to HOOK --range 0-2":                      "is not a range of lines",
		"c.jsonl --to HOOK --range a":                        "is not a range of lines",
		"c.jsonl --to HOOK --last 0":                         "--last must be at least 1",
		"c.jsonl --to HOOK --rate NaN":                       "--rate must be",
		"c.jsonl --to HOOK --secret-stdin":                   "--secret-stdin needs --re-sign",
		"c.jsonl --to HOOK --re-sign":                        "GOBIZ_NOTIFICATION_SECRET",
	} {
		args := strings.Fields("webhook replay " + strings.ReplaceAll(line, "HOOK", h.url))
		o := run(map[string]string{"HOME": t.TempDir()}, args...)
		if o.code != 2 || o.stdout != "" || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: %+v\nwant %q", line, o, want)
		}
		if err := checkErrorText(o.stderr, false); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// TestReplayCut replays a file whose last line has no end, as after a crash: it is
// told of, and counts as nothing missing.
func TestReplayCut(t *testing.T) {
	t.Parallel()
	r := capture.Record{Method: "POST", Path: "/a", Header: http.Header{}, Valid: true, Body: []byte("{}")}
	line := r.Append(nil)
	name := filepath.Join(t.TempDir(), "capture.jsonl")
	if err := os.WriteFile(name, append(line, line[:len(line)/2]...), 0o600); err != nil {
		t.Fatal(err)
	}
	h := newHook(t, nil)
	o := run(map[string]string{"HOME": t.TempDir()}, "webhook", "replay", name, "--to", h.url)
	if came := len(h.received()); o.code != 0 || came != 1 || !strings.Contains(o.stderr, "capture.jsonl:2 was not written to its end; it is left out") {
		t.Errorf("exit code %d, %d arrived: %s", o.code, came, o.stderr)
	}
}

// TestSelfSignedReceiver has a receiver on this machine with a certificate that
// nobody knows, as 'webhook listen' forwards to it.
func TestSelfSignedReceiver(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var paths []string
	receiver := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.URL.Path)
	}))
	defer receiver.Close()
	record := capture.Record{Method: "POST", Path: "/recorded", Body: []byte("{}"), Valid: true}
	outside := record
	outside.Path = "/a/%2e%2e/../b"
	name := filepath.Join(t.TempDir(), "capture.jsonl")
	if err := os.WriteFile(name, outside.Append(record.Append(nil)), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"HOME": t.TempDir(), "GOBIZ_NOTIFICATION_SECRET": testRelaySecret}
	to := strings.Replace(receiver.URL, "127.0.0.1", "localhost", 1)
	if o := run(env, "webhook", "trigger", "gofood.order.placed", "--to", to+"/t", "--trust-local-certificate"); o.code != 0 {
		t.Errorf("trigger: %+v", o)
	}
	o := run(env, "webhook", "replay", name, "--to", to+"/r", "--keep-path")
	if o.code != 7 || !strings.Contains(o.stdout, "a segment . or .. in the recorded path may lead out of the URL") {
		t.Errorf("replay: %+v", o)
	}
	if want := []string{"/t", "/r/recorded"}; !slices.Equal(paths, want) {
		t.Errorf("arrived at %q, want %q", paths, want)
	}
}
