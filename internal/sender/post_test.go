package sender

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestSwitchedProtocolIsNoAnswer has a receiver that answers 101 and keeps the
// connection open: nothing waits for the end of it.
func TestSwitchedProtocolIsNoAnswer(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		reader := bufio.NewReader(conn)
		if _, err := http.ReadRequest(reader); err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nzzz")
			_, _ = io.Copy(io.Discard, reader)
		}
	}()
	got := Post(t.Context(), NewClient(1, nil, nil), "http://"+listener.Addr().String(), http.Header{}, []byte("{}"))
	if got.Status != 0 || got.Error != "the receiver switched to another protocol, which was not asked for" {
		t.Errorf("%+v", got)
	}
	<-closed
}

// TestCertificates calls a receiver whose certificate nobody knows, by two names of
// its address: each is trusted for itself, also after a redirect.
func TestCertificates(t *testing.T) {
	t.Parallel()
	var there string // by name
	receiver := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/there" {
			http.Redirect(w, r, there, http.StatusTemporaryRedirect)
		}
	}))
	receiver.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that hang up
	receiver.StartTLS()
	defer receiver.Close()
	there = strings.Replace(receiver.URL, "127.0.0.1", "localhost", 1)
	byAddress := func(host string) bool { return host == "127.0.0.1" }
	for name, tt := range map[string]struct {
		to     string
		trusts func(string) bool
		status int
	}{
		"trusted":                {receiver.URL, byAddress, 200},
		"nobody is":              {receiver.URL, nil, 0},
		"another one is":         {there, byAddress, 0},
		"redirected to another":  {receiver.URL + "/there", byAddress, 0},
		"redirected, both known": {receiver.URL + "/there", func(string) bool { return true }, 200},
	} {
		client := NewClient(1, tt.trusts, nil)
		got := Post(t.Context(), client, tt.to, http.Header{}, []byte("{}"))
		client.CloseIdleConnections()
		if got.Status != tt.status || tt.status == 0 && !strings.HasPrefix(got.Error, Untrusted+": x509: ") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
