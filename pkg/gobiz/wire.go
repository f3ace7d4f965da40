package gobiz

import (
	"net/http"

	"github.com/gobiz-cli/gobiz/internal/redact"
)

// wireTransport stands directly above the network. It refuses what is no answer
// to a call, and takes secrets out of the texts of the network's errors.
type wireTransport struct {
	next http.RoundTripper
}

// An interimFailure is an interim answer (1xx) where the final one should be.
type interimFailure struct{ status int }

func (e *interimFailure) Error() string {
	if e.status == http.StatusSwitchingProtocols {
		return "the server switched to another protocol, which was not asked for"
	}
	return "the server sent an interim answer and no final one"
}

func (t *wireTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	state := stateOf(req.Context())
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, redact.Error(err, state.hide)
	}
	if resp.StatusCode < http.StatusOK {
		// The body of a 101 is the connection itself: neither a time-out nor a
		// cancelled context would end the reading of it.
		resp.Body.Close()
		state.lastStatus = resp.StatusCode
		return nil, &interimFailure{resp.StatusCode}
	}
	return resp, nil
}
