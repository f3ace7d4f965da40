package cmd

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// demoHook is the partner's receiver in the demo. It hands on the first event.
type demoHook struct {
	url    string
	events chan demoEvent
}

type demoEvent struct {
	body      []byte
	signature string
}

func (h demoHook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	select {
	case h.events <- demoEvent{body, r.Header.Get(webhook.SignatureHeader)}:
	default: // only the first one is shown
	}
	w.WriteHeader(http.StatusNoContent)
}

func (h demoHook) wait(ctx context.Context) (demoEvent, error) {
	ctx, cancel := context.WithTimeout(ctx, demoWait)
	defer cancel()
	select {
	case event := <-h.events:
		return event, nil
	case <-ctx.Done():
		return demoEvent{}, fmt.Errorf("the order's webhook did not arrive: %w", context.Cause(ctx))
	}
}
