package rollout_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// A push asks before it writes, and keeps the menu that it replaces. A guard
// stops it where a price moves by more than half, until it is told how many.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			fmt.Fprint(w, `{"success":true,"data":{"request_id":null}}`)
			return
		}
		fmt.Fprint(w, `{"success":true,"data":{"menus":[{"name":"Mi","menu_items":[{"id":"1","external_id":"MI-001","name":"Bakmi","price":27000}]}]}}`)
	}))
	defer server.Close()
	dir, err := os.MkdirTemp("", "state")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	client, err := gobiz.New(gobiz.Options{BaseURL: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}

	file := &catalog.File{Menus: []catalog.Menu{{Name: "Mi", Items: []catalog.Item{{ExternalID: "MI-001", Name: "Bakmi", Price: catalog.Rp(2700)}}}}}
	options := rollout.Options{
		State: &rollout.State{Dir: dir, Environment: rollout.Environment{Name: "sandbox"}},
		Consent: func(_ context.Context, p rollout.Proposal) error {
			for _, sentence := range p.Diff.Sentences() {
				fmt.Println(sentence)
			}
			return nil
		},
	}
	_, err = rollout.Push(context.Background(), rollout.Partner(client), "G100000001", file, options)
	var refused *rollout.RefusedError
	if errors.As(err, &refused) {
		fmt.Println(err)
		options.Overrides = rollout.Overrides{refused.Refusals[0].Guard: refused.Refusals[0].Allow}
	}
	result, err := rollout.Push(context.Background(), rollout.Partner(client), "G100000001", file, options)
	fmt.Println(result.Status, result.Snapshot != "", err)
	// Output:
	// refused to replace the menu of G100000001: 1 price moves by 50 % or more: item MI-001 "Bakmi" from 27000 to 2700
	// item "MI-001": price is 27000 live, and 2700 in the payload
	// pushed true <nil>
}
