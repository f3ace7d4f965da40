package replay_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/replay"
	"github.com/gobiz-cli/gobiz/internal/sender"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// record is the line of a record, with its newline.
func record(t testing.TB, r capture.Record) string {
	t.Helper()
	line := r.Append(nil)
	return string(line)
}

// event is the line of a record of an event.
func event(t testing.TB, id string, valid bool) string {
	return record(t, capture.Record{Body: fmt.Appendf(nil, `{"header":{"event_name":"gofood.order.placed","event_id":%q}}`, id), Valid: valid})
}

func open(text string, want replay.Selection) (*replay.Recording, error) {
	return replay.Open(strings.NewReader(text), int64(len(text)), nil, want)
}

// story tells in words what of a recording is sent.
func story(t *testing.T, r *replay.Recording) string {
	t.Helper()
	var said []string
	for _, e := range r.Entries {
		got, err := r.Record(e)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, fmt.Sprintf("%d:%s", e.Line, webhook.Summarize(got.Body).EventID))
	}
	for _, line := range r.Refused {
		said = append(said, fmt.Sprint("refused ", line))
	}
	for _, b := range r.Broken {
		said = append(said, fmt.Sprint("broken ", b.Line))
	}
	if r.Cut != nil {
		said = append(said, fmt.Sprint("cut ", r.Cut.Line))
	}
	for _, id := range r.Absent {
		said = append(said, "absent "+id)
	}
	return strings.Join(said, ", ")
}

func TestSelection(t *testing.T) {
	t.Parallel()
	lines := "\uFEFF" + event(t, "a", true) + "\r\n" + event(t, "b", false) + "{\n" + event(t, "c", true) + "null\n" + event(t, "c", true)
	whole := lines + event(t, "d", true)
	cut := lines + event(t, "d", true)[:80]
	tests := []struct {
		text string
		want replay.Selection
		says string
	}{
		{whole, replay.Selection{}, "1:a, 5:c, 7:c, 8:d, refused 3, broken 4, broken 6"},
		{strings.TrimSuffix(whole, "\n"), replay.Selection{}, "1:a, 5:c, 7:c, 8:d, refused 3, broken 4, broken 6"},
		{cut, replay.Selection{}, "1:a, 5:c, 7:c, refused 3, broken 4, broken 6, cut 8"},
		{whole, replay.Selection{Unverified: true}, "1:a, 3:b, 5:c, 7:c, 8:d, broken 4, broken 6"},
		{whole, replay.Selection{IDs: []string{"c"}}, "5:c, 7:c"},
		{whole, replay.Selection{IDs: []string{"c", "x"}}, "5:c, 7:c, broken 4, broken 6, absent x"},
		{whole, replay.Selection{IDs: []string{"b"}}, "refused 3"},
		{cut, replay.Selection{IDs: []string{"a"}}, "1:a"},
		{whole, replay.Selection{First: 3, Last: 5}, "5:c, refused 3, broken 4"},
		{whole, replay.Selection{First: 8}, "8:d"},
		{cut, replay.Selection{Last: 1}, "1:a"},
		{whole, replay.Selection{Newest: 2}, "7:c, 8:d"},
		{whole, replay.Selection{Newest: 3}, "5:c, 7:c, 8:d, broken 6"},
		{whole, replay.Selection{Newest: 4}, "5:c, 7:c, 8:d, refused 3, broken 4, broken 6"},
		{whole, replay.Selection{Newest: 99}, "1:a, 5:c, 7:c, 8:d, refused 3, broken 4, broken 6"},
		{whole, replay.Selection{IDs: []string{"c", "d"}, Last: 7, Newest: 1}, "7:c, absent d"},
		{whole, replay.Selection{First: 99}, ""},
	}
	for _, tt := range tests {
		r, err := open(tt.text, tt.want)
		if err != nil {
			t.Fatal(err)
		}
		if got := story(t, r); got != tt.says {
			t.Errorf("%+v:\n%s\nwant\n%s", tt.want, got, tt.says)
		}
	}
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	const payload = `{"header":{"event_id":"n1"},"note":"pedas — <b>"}`
	document := fmt.Sprintf(`{"success":true,"data":{"notifications":[
		{"entity_id":"F-1","endpoint":"https://pos.example.test/gofood?k=v","headers":{"X-Go-Signature":"abc","X-Go-Idempotency-Key":"k1"},"payload":%q},
		{"entity_id":"F-1","headers":{},"payload":"{}"}]}}`, payload)
	r, err := open(document, replay.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if got := story(t, r); got != "1:n1, 2:" || r.Kind != capture.Notifications {
		t.Errorf("%s of %v", got, r.Kind)
	}
	first, err := r.Record(r.Entries[0])
	if err != nil || string(first.Body) != payload {
		t.Errorf("body %q, %v", first.Body, err)
	}
	to, _ := url.Parse("http://127.0.0.1:1/x")
	d := deliver(t, replay.Target{URL: to}, first)
	if d.URL != "http://127.0.0.1:1/x?k=v" || d.Header.Get("X-Go-Signature") != "abc" || d.Header.Get("X-Go-Idempotency-Key") != "k1" {
		t.Errorf("%s %v", d.URL, d.Header)
	}
}

// TestHostile opens files that are no recording, or half of one.
func TestHostile(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty":             "",
		"blank lines":       "\n\r\n \n",
		"a body":            `{"header":{"event_name":"gofood.order.placed"},"body":{}}`,
		"a program":         "#!/bin/sh\necho\n",
		"NUL":               strings.Repeat("\x00", 100_000),
		"no newline":        strings.Repeat("x", 3_000_000),
		"deep":              strings.Repeat("[", 200_000) + "\n",
		"bad base64":        `{"body_base64":"***"}` + "\n",
		"body of a number":  `{"body_base64":5}` + "\n",
		"everything broken": `{"received_at":"2026-01-05T05:30:00Z","body_base64":"AA` + "\n",
	} {
		if r, err := open(text, replay.Selection{}); !errors.Is(err, replay.ErrNothing) {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	odd := []string{
		`{"body_base64":"e30=","headers":null}`,
		`{"body_base64":"","valid":true,"received_at":null}`,
		`{"body_base64":"e30=","headers":{"":["x"],"X\r\nEvil":["y"],"x-go-signature":["s"]},"path":"//evil.example.test/x","query":"a b","valid":true}`,
	}
	r, err := open(strings.Join(odd, "\n"), replay.Selection{Unverified: true})
	if err != nil || len(r.Entries) != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	to, _ := url.Parse("http://127.0.0.1:1/x")
	for _, e := range r.Entries {
		got, err := r.Record(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, keep := range []bool{true, false} {
			d := deliver(t, replay.Target{URL: to, KeepPath: keep}, got)
			if u, err := url.Parse(d.URL); err != nil || u.Host != "127.0.0.1:1" || !strings.HasPrefix(u.Path, "/x") {
				t.Errorf("goes to %s (%v)", d.URL, err)
			}
		}
	}
}

// TestLongLine has a line that is longer than any record between two records.
func TestLongLine(t *testing.T) {
	long := bytes.Repeat([]byte("x"), capture.MaxLine+1)
	text := event(t, "a", true) + string(long) + "\n" + event(t, "b", true)
	r, err := open(text, replay.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if got := story(t, r); got != "1:a, 3:b, broken 2" {
		t.Error(got)
	}
}

func TestFileThatChanges(t *testing.T) {
	t.Parallel()
	text := []byte(event(t, "a", true) + event(t, "b", true))
	file := bytes.NewReader(text)
	r, err := replay.Open(file, int64(len(text)), nil, replay.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		text[i] = 'x'
	}
	if _, err := r.Record(r.Entries[1]); err == nil || !strings.Contains(err.Error(), "line 2: the file was changed") {
		t.Errorf("%v", err)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	recorded := http.Header{
		"X-Go-Signature": {"abc"}, "X-Multi": {"2", "1", "2"}, "x-lower": {"v"}, "Accept": {"application/json"},
		"Connection": {"close, X-Hop", "x-hop-2"}, "X-Hop": {"1"}, "X-Hop-2": {"1"}, "Keep-Alive": {"1"}, "Te": {"trailers"}, "Trailer": {"X"},
		"Transfer-Encoding": {"chunked"}, "Upgrade": {"h2c"}, "Proxy-Authorization": {"Basic x"}, "Content-Length": {"1"}, "Host": {"pos.example.test"},
	}
	got := sender.ResendHeader(recorded)
	var names []string
	for name := range got {
		names = append(names, name)
	}
	slices.Sort(names)
	if strings.Join(names, " ") != "Accept User-Agent X-Go-Signature X-Lower X-Multi" || !slices.Equal(got["X-Multi"], []string{"2", "1", "2"}) || got["User-Agent"] != nil {
		t.Errorf("%v", got)
	}
	if agent := sender.ResendHeader(http.Header{"User-Agent": {"GoBiz/1"}}).Get("User-Agent"); agent != "GoBiz/1" {
		t.Errorf("user agent %q", agent)
	}
}

func TestTargetURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ to, path, query, plain, kept string }{
		{"http://h/x", "/a/b", "q=1", "http://h/x?q=1", "http://h/x/a/b?q=1"},
		{"http://h", "/a", "", "http://h", "http://h/a"},
		{"http://h/x/", "/", "", "http://h/x/", "http://h/x/"},
		{"http://h/x?own=1#f", "/a", "q=%20&q=2", "http://h/x?own=1", "http://h/x/a?own=1&q=%20&q=2"},
		{"http://h/%2Fx", "/a%2Fb%20c", "", "http://h/%2Fx", "http://h/%2Fx/a%2Fb%20c"},
		{"http://h/x", "", "", "http://h/x", "http://h/x"},
	} {
		to, err := url.Parse(tt.to)
		if err != nil {
			t.Fatal(err)
		}
		record := capture.Record{Path: tt.path, Query: tt.query, ReceivedAt: time.Now()}
		if got := deliver(t, replay.Target{URL: to}, record).URL; got != tt.plain {
			t.Errorf("%s: %s, want %s", tt.to, got, tt.plain)
		}
		if got := deliver(t, replay.Target{URL: to, KeepPath: true}, record).URL; got != tt.kept {
			t.Errorf("%s keeping %s: %s, want %s", tt.to, tt.path, got, tt.kept)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(event(f, "a", true) + "{\n" + event(f, "b", false))
	f.Add(`[{"entity_id":"F-1","payload":"{}"}]`)
	f.Add("\uFEFF\n{}\n" + `{"body_base64":"e30="}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := open(text, replay.Selection{Unverified: true})
		if err != nil {
			return
		}
		to, _ := url.Parse("http://127.0.0.1:1/x")
		for _, e := range r.Entries {
			got, err := r.Record(e)
			if err != nil {
				t.Fatalf("line %d was found, and then: %v", e.Line, err)
			}
			if d, err := (replay.Target{URL: to, KeepPath: true}).Delivery(got); err == nil && !strings.HasPrefix(d.URL, "http://127.0.0.1:1/x") {
				t.Errorf("goes to %s", d.URL)
			}
		}
	})
}

func deliver(t *testing.T, to replay.Target, record capture.Record) sender.Delivery {
	t.Helper()
	d, err := to.Delivery(record)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A recorded path that leads out of the target's is refused where it counts.
func TestKeepsNoPathThatLeadsOut(t *testing.T) {
	t.Parallel()
	to, err := url.Parse("http://127.0.0.1:1/x")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/../admin", "/a/%2e%2e/b", `/a/..\b`, "/."} {
		record := capture.Record{Path: path}
		if d, err := (replay.Target{URL: to, KeepPath: true}).Delivery(record); err == nil || d.URL != "" {
			t.Errorf("%s goes to %s", path, d.URL)
		}
		if d := deliver(t, replay.Target{URL: to}, record); d.URL != to.String() {
			t.Errorf("%s goes to %s without the path", path, d.URL)
		}
	}
}
