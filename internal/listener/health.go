package listener

import (
	"context"
	"net"
	"time"
)

const (
	// probeEvery is how often a target that is down is tried.
	probeEvery   = time.Second
	probeTimeout = 3 * time.Second
)

// dial connects to an address over TCP, and says why it cannot.
func dial(ctx context.Context, addr string) error {
	dialer := net.Dialer{Timeout: probeTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return conn.Close()
}

// health says when nothing accepts connections at the target, and when
// something does again. It sends nothing: a target takes each request for an
// event.
type health struct {
	dial   func(context.Context) error
	notify func(NoticeKind, string)
	doubts chan struct{} // a request was not answered
}

func newHealth(addr string, notify func(NoticeKind, string)) *health {
	return &health{func(ctx context.Context) error { return dial(ctx, addr) }, notify, make(chan struct{}, 1)}
}

func (h *health) watch(ctx context.Context) {
	for ctx.Err() == nil {
		if err := h.dial(ctx); err != nil && ctx.Err() == nil {
			h.notify(TargetDown, forwardReason(err))
			if h.recovered(ctx) {
				h.notify(TargetUp, "")
			}
		}
		select {
		case <-h.doubts:
		case <-ctx.Done():
		}
	}
}

// recovered waits for a target that is down.
func (h *health) recovered(ctx context.Context) bool {
	ticker := time.NewTicker(probeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if h.dial(ctx) == nil {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// suspect has the target looked at.
func (h *health) suspect() {
	select {
	case h.doubts <- struct{}{}:
	default: // it will be
	}
}
