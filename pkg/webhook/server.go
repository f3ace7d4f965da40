package webhook

import (
	"net/http"
	"time"
)

// NewServer returns an HTTP server for a [Handler] at address, with limits for
// connections that send their headers slowly, or nothing at all: net/http has
// none. GoBiz calls https with a valid certificate, on port 443 or 80, so in
// production TLS ends here or in front of it.
func NewServer(address string, h http.Handler) *http.Server {
	return &http.Server{
		Addr:              address,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      20 * time.Second, // above the deadline of a Handler
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
}
