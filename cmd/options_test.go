package cmd

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// A command runs with options alone: a printer and a client of this test's own.
func TestRunWithOptionsAlone(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"success":true,"data":{"outlets":[{"id":"G1","external_outlet_id":null,"created_at":null,"updated_at":null}]}}`)
	}))
	defer server.Close()
	streams, _, out, _ := terminal.Test()
	printer, err := terminal.NewPrinter(t.Context(), streams, terminal.Options{JQ: ".[].id"})
	if err != nil {
		t.Fatal(err)
	}
	o := outletsListOptions{
		console: &console{Printer: printer},
		client: func() (*gobiz.Client, error) {
			return gobiz.New(gobiz.Options{BaseURL: server.URL, Tokens: staticToken{}})
		},
	}
	if err := runOutletsList(t.Context(), o); err != nil || out.String() != "G1\n" {
		t.Errorf("%q, %v", out, err)
	}
}

type staticToken struct{}

func (staticToken) Token(context.Context, string) (string, error) { return "token", nil }
func (staticToken) Reject(context.Context, string)                {}
