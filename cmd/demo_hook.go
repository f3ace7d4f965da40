package cmd

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// demoHook is the partner's receiver in the demo.
type demoHook struct {
	url    string
	server *http.Server
	events chan demoEvent
}

type demoEvent struct {
	body      []byte
	signature string
}

func startDemoHook() (*demoHook, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h := &demoHook{url: fmt.Sprintf("http://%s/gofood", listener.Addr()), events: make(chan demoEvent, 1)}
	h.server = &http.Server{
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
		}),
	}
	go h.server.Serve(listener)
	return h, nil
}

func (h *demoHook) wait(ctx context.Context) (demoEvent, error) {
	ctx, cancel := context.WithTimeout(ctx, demoWait)
	defer cancel()
	select {
	case event := <-h.events:
		return event, nil
	case <-ctx.Done():
		return demoEvent{}, fmt.Errorf("the order's webhook did not arrive: %w", context.Cause(ctx))
	}
}

func (h *demoHook) close() { _ = h.server.Close() }
