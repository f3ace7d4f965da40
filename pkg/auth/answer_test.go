package auth_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// A server that switches the protocol and keeps the connection open must not hold up a login.
func TestSwitchedProtocolIsNoAnswer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	closed := make(chan struct{}, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				reader := bufio.NewReader(conn)
				if _, err := http.ReadRequest(reader); err != nil {
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nzzz")
				_, _ = io.Copy(io.Discard, reader)
				closed <- struct{}{}
			}()
		}
	}()
	e, err := auth.NewEndpoint(auth.EndpointOptions{OAuthURL: "http://" + listener.Addr().String(), ClientID: "id", ClientSecret: credentials.NewSecret("s")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.ClientCredentials(t.Context(), nil)
	<-closed
	var failure *auth.Error
	if !errors.As(err, &failure) || failure.Status != 101 || failure.Code != "" || errors.Is(err, auth.ErrServer) || !strings.Contains(err.Error(), "another protocol") {
		t.Errorf("%v", err)
	}
	if n := len(closed); n != 0 {
		t.Errorf("asked %d times more", n)
	}
}

func TestTooLargeAnswerIsMalformedAndNotAskedAgain(t *testing.T) {
	e, calls := endpointAt(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"`+strings.Repeat("a", 300<<10)+`"}`)
	})
	_, err := e.ClientCredentials(t.Context(), nil)
	var failure *auth.Error
	if !errors.As(err, &failure) || failure.Status != 200 || !strings.Contains(err.Error(), "larger than 262144 bytes") || *calls != 1 {
		t.Errorf("%d calls, %v", *calls, err)
	}
}

func TestSpellingsOfTheLifetime(t *testing.T) {
	for given, want := range map[string]time.Duration{
		`3599`: 3599 * time.Second, `3599.5`: 3599*time.Second + 500*time.Millisecond, `"3599"`: 3599 * time.Second, `"3599.5"`: 3599*time.Second + 500*time.Millisecond, `3.6e3`: time.Hour,
		`null`: 0, `"soon"`: 0, `-1`: 0, `{}`: 0, `"NaN"`: 0, `1e99`: 10 * 365 * 24 * time.Hour,
	} {
		c := newClock()
		s := newServer(t)
		s.before = func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"access_token":"at","refresh_token":"rt","token_type":"bearer","expires_in":%s,"scope":"a:b"}`, given)
			return true
		}
		token, err := s.endpoint(t, c.Now).Refresh(t.Context(), credentials.NewSecret("rt-0"), nil)
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		got := time.Duration(0)
		if !token.Expiry.IsZero() {
			got = token.Expiry.Sub(c.Now())
		}
		if got != want || token.AccessToken.Reveal() != "at" || token.RefreshToken.Reveal() != "rt" || strings.Join(token.Scopes, " ") != "a:b" {
			t.Errorf("%s: %s, want %s; %v", given, got, want, token)
		}
	}
}
