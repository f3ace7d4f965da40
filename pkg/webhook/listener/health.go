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

// health tells when nothing accepts connections at the target, and when
// something does again. It sends nothing: a target takes each request for an
// event.
type health struct {
	addr    string
	every   time.Duration
	notices *notices
	doubt   chan struct{} // a request met a closed port
}

func (h *health) watch(ctx context.Context) {
	for ctx.Err() == nil {
		if reason := h.probe(ctx); reason != "" && ctx.Err() == nil {
			h.notices.tell(TargetDown, reason)
			if h.recovered(ctx) {
				h.notices.tell(TargetUp, "")
			}
		}
		select {
		case <-h.doubt:
		case <-ctx.Done():
		}
	}
}

// recovered waits for a target that is down.
func (h *health) recovered(ctx context.Context) bool {
	ticker := time.NewTicker(h.every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if h.probe(ctx) == "" {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// probe connects, and says why it cannot.
func (h *health) probe(ctx context.Context) string {
	dialer := net.Dialer{Timeout: probeTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", h.addr)
	if err != nil {
		return forwardReason(err)
	}
	_ = conn.Close()
	return ""
}

// suspect has the target looked at.
func (h *health) suspect() {
	select {
	case h.doubt <- struct{}{}:
	default: // it will be
	}
}
