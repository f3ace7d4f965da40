package gobiz_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// tokens is a TokenSource that counts. Each Reject makes the next token new.
type tokens struct {
	mu         sync.Mutex
	generation int
	stuck      bool // Reject changes nothing
	operations []string
	rejected   []string
}

func (t *tokens) Token(_ context.Context, operation string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.operations = append(t.operations, operation)
	return fmt.Sprintf("token-%d", t.generation), nil
}

func (t *tokens) Reject(_ context.Context, token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rejected = append(t.rejected, token)
	if !t.stuck {
		t.generation++
	}
}

// seen is a request as the server got it.
type seen struct {
	Method, Path, Query string
	Header              http.Header
	Body                string
}

// server records requests and answers with a handler.
type server struct {
	*httptest.Server
	mu   sync.Mutex
	seen []seen
}

func serve(t testing.TB, handler http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.seen = append(s.seen, seen{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: string(body)})
		s.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]seen(nil), s.seen...)
}

// answer is a handler with one fixed answer.
func answer(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func json200(body string) http.HandlerFunc { return answer(http.StatusOK, "application/json", body) }

func newClient(t testing.TB, base string, change ...func(*gobiz.Options)) *gobiz.Client {
	t.Helper()
	options := gobiz.Options{BaseURL: base, Tokens: &tokens{}, MaxAttempts: 1}
	for _, f := range change {
		f(&options)
	}
	c, err := gobiz.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func ptr[T any](v T) *T { return &v }
