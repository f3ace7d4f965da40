package cmd

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A public name may stand for an address of this network: that one is not connected to.
func TestImageClientStaysOutside(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was connected to") }))
	defer server.Close()
	if _, err := fetchImage(t.Context(), newImageClient(0), server.URL); err == nil || !strings.Contains(err.Error(), "the address 127.0.0.1 is not public") {
		t.Error(err)
	}
}
