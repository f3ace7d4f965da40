package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// BenchmarkSandboxPut sends a menu of 100 KB to three servers in turn: one that
// only reads the body, one that parses it into any with encoding/json, and the
// sandbox, which judges every field and makes the menu live. One operation is a
// turn with each. What is compared is the CPU time of turns that follow each
// other, client and server together, so that other work on the machine counts
// little; the ratios are medians, above 1 when the sandbox needs less.
func BenchmarkSandboxPut(b *testing.B) {
	const turn = 20
	read := serve(b, func(io.Reader) error { return nil })
	parse := serve(b, func(body io.Reader) error {
		text, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		var v any
		return json.Unmarshal(text, &v)
	})
	s := startSandbox(b)
	payload, err := menu(pushedItems, 0).Build(catalog.BuildOptions{RequestID: "r-1"})
	if err != nil {
		b.Fatal(err)
	}
	body := payload.Encode().JSON()
	put := func(body []byte) []byte {
		return fmt.Appendf(nil, "PUT /integrations/gofood/outlets/%s/v1/catalog HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"+
			"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", outletID, s.token(b), len(body), body)
	}
	bad := put([]byte(strings.Replace(string(body), `"price":`, `"price":"free","was":`, 1)))
	if status := s.connection.send(b, bad); status != http.StatusUnprocessableEntity {
		b.Fatalf("a menu with a wrong price is answered with %d: nothing is judged", status)
	}

	request := put(body)
	b.SetBytes(int64(3 * turn * len(body)))
	servers := []*connection{read, parse, s.connection}
	spent := make([][]float64, len(servers))
	for b.Loop() {
		for i, server := range servers {
			before := cpu(b)
			for range turn {
				if status := server.send(b, request); status != http.StatusOK {
					b.Fatalf("answer %d", status)
				}
			}
			spent[i] = append(spent[i], (cpu(b) - before).Seconds())
		}
	}
	for i, name := range []string{"read", "any", "sandbox"} {
		b.ReportMetric(1e3*median(spent[i])/turn, name+"-cpu-ms")
	}
	b.ReportMetric(medianRatio(spent[0], spent[2]), "x-read")
	b.ReportMetric(medianRatio(spent[1], spent[2]), "x-any")
}

// BenchmarkSandboxTokens asks two sandboxes for access tokens in turn: one that
// has issued 1,000 already, and one that has issued 100,000. The ratio is the
// median of turns that follow each other, by CPU time.
func BenchmarkSandboxTokens(b *testing.B) {
	const turn = 100
	var spent [2][]float64
	var best [2]time.Duration
	var sandboxes [2]*runningSandbox
	for i, issued := range []int{1_000, 100_000} {
		sandboxes[i] = startSandbox(b)
		for range issued {
			sandboxes[i].requestToken(b)
		}
	}
	for b.Loop() {
		for i, s := range sandboxes {
			before, start := cpu(b), time.Now()
			for range turn {
				s.requestToken(b)
			}
			spent[i] = append(spent[i], (cpu(b) - before).Seconds())
			if took := time.Since(start); best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	b.ReportMetric(turn/best[0].Seconds(), "tokens/s-at-1,000")
	b.ReportMetric(turn/best[1].Seconds(), "tokens/s-at-100,000")
	b.ReportMetric(medianRatio(spent[0], spent[1]), "x-at-1,000")
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// medianRatio compares turns in pairs.
func medianRatio(a, b []float64) float64 {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	return median(ratios)
}

// runningSandbox is a sandbox in this process with a connection to it.
type runningSandbox struct {
	info       sandbox.Info
	connection *connection
	form       []byte
}

func startSandbox(b *testing.B) *runningSandbox {
	b.Helper()
	server, err := sandbox.Start(b.Context(), sandbox.Options{CatalogDelay: -1, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = server.Close() })
	s := &runningSandbox{info: server.Info()}
	s.connection = connect(b, s.info.APIURL)
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {s.info.ClientID}, "client_secret": {s.info.ClientSecret},
		"scope": {"gofood:catalog:read gofood:catalog:write"},
	}.Encode()
	s.form = fmt.Appendf(nil, "POST /oauth2/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		len(form), form)
	return s
}

func (s *runningSandbox) requestToken(b *testing.B) {
	b.Helper()
	if status := s.connection.send(b, s.form); status != http.StatusOK {
		b.Fatalf("token call: %d", status)
	}
}

func (s *runningSandbox) token(b *testing.B) string {
	b.Helper()
	s.requestToken(b)
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(s.connection.answer, &answer); err != nil {
		b.Fatal(err)
	}
	return answer.AccessToken
}

// serve is a server that does with a body what use does.
func serve(b *testing.B, use func(body io.Reader) error) *connection {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := use(r.Body)
		if err == nil {
			_, err = io.Copy(io.Discard, r.Body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, `{"success":true,"data":{"request_id":"r-1"}}`)
	}))
	b.Cleanup(server.Close)
	return connect(b, server.URL)
}

// A connection sends requests that are written out already, so that the client
// costs as little as can be.
type connection struct {
	conn   net.Conn
	reader *bufio.Reader
	answer []byte // the body of the last one
}

func connect(b *testing.B, base string) *connection {
	b.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &connection{conn: conn, reader: bufio.NewReader(conn)}
}

func (c *connection) send(b *testing.B, request []byte) (status int) {
	b.Helper()
	if _, err := c.conn.Write(request); err != nil {
		b.Fatal(err)
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	if c.answer, err = io.ReadAll(response.Body); err != nil {
		b.Fatal(err)
	}
	return response.StatusCode
}
