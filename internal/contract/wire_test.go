package contract

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// reports collects what a Transport says.
type reports struct {
	mu   sync.Mutex
	list []string
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, err.Error())
}

func (r *reports) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { r.list = nil }()
	return r.list
}

func TestTransportJudgesAndPassesOn(t *testing.T) {
	var got string
	answer := `{"success":true,"data":{"request_id":"r1"}}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
		w.Header().Set("Content-Type", jsonType)
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	var said reports
	c := Load(t)
	client := &http.Client{Transport: c.Transport(nil, said.add)}
	call := func(body string) string {
		t.Helper()
		req := request(t, "PUT", server.URL+menuPath, body)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}

	if text := call(smallMenu); text != answer || got != smallMenu {
		t.Errorf("server got %q, client got %q", got, text)
	}
	if list := said.take(); len(list) != 0 {
		t.Errorf("reported: %v", list)
	}
	if text := call(`{}`); text != answer || got != `{}` {
		t.Errorf("a wrong request was changed: server got %q, client got %q", got, text)
	}
	if list := said.take(); len(list) != 1 || !strings.Contains(list[0], "putCatalog request") {
		t.Errorf("a wrong request gave %v", list)
	}
	answer = `{"success":true}`
	if text := call(smallMenu); text != answer {
		t.Errorf("a wrong answer was changed: %q", text)
	}
	if list := said.take(); len(list) != 1 || !strings.Contains(list[0], "putCatalog response") {
		t.Errorf("a wrong answer gave %v", list)
	}
	if got := c.Seen()["putCatalog"]; len(got) != 1 || got[0] != 200 {
		t.Errorf("seen: %v", got)
	}
}

func TestTransportKeepsTheErrorOfACutBody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, `{"success":`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	var said reports
	client := &http.Client{Transport: Load(t).Transport(server.Client().Transport, said.add)}
	resp, err := client.Do(request(t, "PUT", server.URL+menuPath, smallMenu))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if string(text) != `{"success":` || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q and %v", text, err)
	}
	if list := said.take(); len(list) != 0 {
		t.Errorf("a cut body was judged: %v", list)
	}
}

func TestConcurrentUse(t *testing.T) {
	c := Load(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, op := range c.Operations() {
				req, _ := http.NewRequest(op.Method, "http://127.0.0.1"+op.Path, nil)
				_ = c.CheckRequest(req, nil)
				_ = c.CheckResponse(req, 200, http.Header{"Content-Type": {jsonType}}, []byte(`{}`))
				_ = c.Unseen()
			}
		})
	}
	wg.Wait()
	if n := len(c.Seen()); n != len(operationIDs) {
		t.Errorf("%d operations seen", n)
	}
}
