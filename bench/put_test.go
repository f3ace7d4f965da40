package bench

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

const receipt = `{"success":true,"data":{"request_id":"r"}}`

// BenchmarkPutBody sends a body of 100 KB to a server that reads it and says yes:
// by PutCatalog, and by net/http alone. In turns both have the same machine:
// x-bare is the median of CPU time, above 1 when the client needs less.
func BenchmarkPutBody(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, receipt)
	}))
	b.Cleanup(server.Close)
	client, err := gobiz.New(gobiz.Options{BaseURL: server.URL, MaxAttempts: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.CloseIdleConnections)
	bare := &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	b.Cleanup(bare.CloseIdleConnections)

	file := menu(pushedItems, 0)
	body, text := catalogBody(b, file), encoded(b, file).JSON()
	put := func() error {
		_, err := client.PutCatalog(b.Context(), outletID, body, "r")
		return err
	}
	putBare := func() error { return barePut(b, bare, server.URL, text) }
	for _, one := range []struct {
		name string
		put  func() error
	}{{"bare", putBare}, {"client", put}} {
		b.Run("by="+one.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			measured(b, one.put)
		})
	}
	b.Run("by=turns", func(b *testing.B) {
		const turn = 20
		var spent [2][]float64
		for b.Loop() {
			for i, put := range []func() error{putBare, put} {
				before := cpu(b)
				for range turn {
					if err := put(); err != nil {
						b.Fatal(err)
					}
				}
				spent[i] = append(spent[i], (cpu(b) - before).Seconds())
			}
		}
		b.ReportMetric(medianRatio(spent[0], spent[1]), "x-bare")
	})
}

// barePut does what a client cannot leave out: it sends the same request, with
// the headers that the API asks for, and reads the answer.
func barePut(b *testing.B, client *http.Client, url string, body []byte) error {
	req, err := http.NewRequestWithContext(b.Context(), http.MethodPut, url+"/integrations/gofood/outlets/"+outletID+"/v1/catalog", bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "gobiz", "X-Request-Id": "3b241101-e2bb-4255-8caf-4136c566a962"} {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && string(answer) != receipt {
		err = fmt.Errorf("the answer is %s", answer)
	}
	return err
}
