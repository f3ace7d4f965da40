package listener_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/internal/listener"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// seenRequest is what a target received.
type seenRequest struct {
	uri    string
	host   string
	length int64
	header http.Header
	body   []byte
}

// TestForwardsTheVeryBytes sends 10,000 random requests through real sockets, as
// bytes that no client has tidied up, and compares what the target has received.
func TestForwardsTheVeryBytes(t *testing.T) {
	t.Parallel()
	const workers, each = 8, 1250
	var mu sync.Mutex
	byID := map[string]seenRequest{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		byID[r.Header.Get("X-Test-Id")] = seenRequest{r.RequestURI, r.Host, r.ContentLength, r.Header, body}
	}))
	defer server.Close()
	to := parse(t, server.URL+"/base%2Fpath?own=%20value")
	l := start(t, func(o *listener.Options) { o.Forward, o.Patience = to, time.Hour })

	sent := make([][]rawRequest, workers)
	var group sync.WaitGroup
	for w := range workers {
		random := rand.New(rand.NewPCG(20260105, uint64(w)))
		group.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(l.URL(), "http://"))
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			answers := bufio.NewReader(conn)
			for i := range each {
				r := randomRequest(random, fmt.Sprintf("%d-%d", w, i))
				sent[w] = append(sent[w], r)
				if _, err := conn.Write(r.wire()); err != nil {
					t.Error(err)
					return
				}
				answer, err := http.ReadResponse(answers, nil)
				if err != nil || answer.StatusCode != http.StatusOK {
					t.Errorf("answer %v, %v to %q", answer, err, r.wire())
					return
				}
			}
		})
	}
	group.Wait()
	events, summary := l.events()
	if len(events) != workers*each || summary.Forwarded != workers*each {
		t.Fatalf("%d events, %+v", len(events), summary)
	}
	for _, r := range slices.Concat(sent...) {
		r.compare(t, byID[r.id], to.Host)
		if t.Failed() {
			t.Fatalf("sent %q", r.wire())
		}
	}
}

// rawRequest is a request as bytes.
type rawRequest struct {
	id, path, query string
	header          [][2]string // in their order, names in any case
	body            []byte
	chunked         bool
}

func (r *rawRequest) wire() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s%s HTTP/1.1\r\nHost: tunnel.example.test\r\nX-Test-Id: %s\r\n", r.path, r.query, r.id)
	fmt.Fprintf(&b, "%s: %s\r\n", webhook.SignatureHeader, webhook.Sign(secret, r.body))
	// Of this connection, and not to be forwarded.
	b.WriteString("Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nProxy-Authorization: Basic eDp5\r\n")
	for _, line := range r.header {
		fmt.Fprintf(&b, "%s: %s\r\n", line[0], line[1])
	}
	if r.chunked {
		fmt.Fprintf(&b, "Transfer-Encoding: chunked\r\n\r\n")
		if len(r.body) > 0 {
			fmt.Fprintf(&b, "%x\r\n%s\r\n", len(r.body), r.body)
		}
		b.WriteString("0\r\n\r\n")
	} else {
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(r.body), r.body)
	}
	return []byte(b.String())
}

// compare holds what arrived against what was sent.
func (r *rawRequest) compare(t *testing.T, got seenRequest, host string) {
	t.Helper()
	path := r.path
	if path == "/" {
		path = "" // the target's own path, as it is
	}
	want := "/base%2Fpath" + path + "?own=%20value"
	if len(r.query) > 1 {
		want += "&" + r.query[1:]
	}
	if got.uri != want {
		t.Errorf("target %s, want %s", got.uri, want)
	}
	if got.host != host || got.length != int64(len(r.body)) {
		t.Errorf("host %s, length %d", got.host, got.length)
	}
	if string(got.body) != string(r.body) {
		t.Errorf("body %q", got.body)
	}
	if webhook.Verify(got.body, got.header.Get(webhook.SignatureHeader), secret) != 0 {
		t.Error("does not verify any longer")
	}
	header := http.Header{"X-Test-Id": {r.id}, webhook.SignatureHeader: {webhook.Sign(secret, r.body)}}
	for _, line := range r.header {
		name := textproto.CanonicalMIMEHeaderKey(line[0])
		header[name] = append(header[name], strings.Trim(line[1], " \t"))
	}
	delete(got.header, "Content-Length")
	if by := got.header["Gobiz-Forwarded-By"]; len(by) != 1 {
		t.Errorf("forwarded by %q", by)
	}
	delete(got.header, "Gobiz-Forwarded-By")
	if diff := cmp.Diff(header, got.header); diff != "" {
		t.Errorf("headers (-sent +received):\n%s", diff)
	}
}

func randomRequest(random *rand.Rand, id string) rawRequest {
	r := rawRequest{id: id, path: "/", chunked: random.IntN(5) == 0}
	for range random.IntN(4) {
		r.path += pick(random, "a", "gofood", "%2F", "%C3%A9", "...", ".a", "/", ";v=1", "a+b", "~", "%25", "é", "\"<|>", ":@!$&'()*,=") + pick(random, "", "/")
	}
	if random.IntN(2) == 0 {
		r.query = "?"
		for range random.IntN(4) {
			r.query += pick(random, "x=1&", "x=2&", "x=%2f&", "y&", "&&", "z=a+b%20c&", "q=%zz&", "é=1&", "a=?/")
		}
	}
	for range random.IntN(8) {
		name := pick(random, "X-Twice", "x-twice", "X-TWICE", "Accept", "User-Agent", "user-agent", "Content-Type", "Cookie", "X-Forwarded-For", "Via", "X-Go-Idempotency-Key", "Expect-Ct", "Authorization", "Accept-Encoding", "x_under.score")
		value := pick(random, "", "1", "2", "a, b", "a,b ,c", "\"quoted\"", "é", "\xff\xfe", "tab\there", "  spaces  ", "Budi", strings.Repeat("long ", 50))
		r.header = append(r.header, [2]string{name, value})
	}
	switch random.IntN(6) {
	case 0: // none
	case 1:
		r.body = []byte(`{"header":{"event_name":"gofood.order.placed","event_id":"` + id + `"},"body":{"order":{"order_number":"F-` + id + `","status":"PLACED"}}}` + "\r\n")
	default:
		r.body = make([]byte, random.IntN(1<<uint(1+random.IntN(14))))
		for i := range r.body {
			r.body[i] = byte(random.Uint32())
		}
	}
	return r
}

func pick(random *rand.Rand, of ...string) string { return of[random.IntN(len(of))] }
