package auth_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// hearSkew collects what OnSkew is called with.
func hearSkew(heard *[]time.Duration) func(time.Duration) {
	return func(skew time.Duration) { *heard = append(*heard, skew) }
}

func TestSkewIsNoticed(t *testing.T) {
	for name, tt := range map[string]struct {
		ahead time.Duration // of this machine's clock
		trip  time.Duration
		date  string
		want  time.Duration
	}{
		"right":                    {},
		"two minutes":              {ahead: 2 * time.Minute},
		"ahead":                    {ahead: 2*time.Minute + 3*time.Second, want: 2*time.Minute + 3*time.Second},
		"behind":                   {ahead: -time.Hour, want: -time.Hour},
		"right, but a slow answer": {trip: 6 * time.Minute},
		"ahead and slow":           {ahead: 5 * time.Minute, trip: 6 * time.Minute, want: 5 * time.Minute},
		"no date":                  {ahead: time.Hour, date: "none"},
		"no date that is one":      {ahead: time.Hour, date: "yesterday"},
	} {
		t.Run(name, func(t *testing.T) {
			s, c := newServer(t), newClock()
			right := c.Now()
			c.advance(tt.ahead)
			s.before = func(w http.ResponseWriter, _ *http.Request) bool {
				c.advance(tt.trip / 2)
				w.Header().Set("Date", right.Add(tt.trip/2).Format(http.TimeFormat))
				switch tt.date {
				case "none":
					w.Header()["Date"] = nil
				case "yesterday":
					w.Header().Set("Date", tt.date)
				}
				c.advance(tt.trip / 2)
				return false
			}
			var heard []time.Duration
			e, err := auth.NewEndpoint(auth.EndpointOptions{
				OAuthURL: s.URL, ClientID: clientID, ClientSecret: credentials.NewSecret(clientSecret), Now: c.Now, OnSkew: hearSkew(&heard),
			})
			if err != nil {
				t.Fatal(err)
			}
			sent := c.Now()
			token, err := e.ClientCredentials(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			// Whatever time it is there: the end is counted from our own clock.
			if !token.Expiry.Equal(sent.Add(3599 * time.Second)) {
				t.Errorf("expires at %s, sent at %s", token.Expiry, sent)
			}
			switch {
			case tt.want == 0 && len(heard) != 0:
				t.Errorf("heard of %v", heard)
			case tt.want != 0 && (len(heard) != 1 || (heard[0]-tt.want).Abs() > time.Second):
				t.Errorf("heard of %v, want %v", heard, tt.want)
			}
		})
	}
}

// A wrong clock is told once, also when several sources and failing calls find out.
func TestSkewIsToldOnce(t *testing.T) {
	s, c := newServer(t), newClock()
	s.before = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Date", c.Now().Add(time.Hour).Format(http.TimeFormat))
		return false
	}
	var heard []time.Duration
	once := auth.SkewOnce(hearSkew(&heard))
	record := s.record(c.Now(), config.ClientCredentials, config.AuthorizationCode)
	for range 2 {
		store := credentials.NewMemory()
		if err := store.Save(t.Context(), "jakarta", record); err != nil {
			t.Fatal(err)
		}
		src := auth.NewStored(s.settings(t, "GOBIZ_STATE_DIR", t.TempDir()), auth.Options{
			Now: c.Now, OpenStore: func() (credentials.Store, error) { return store, nil }, OnSkew: once,
		})
		for _, operation := range []string{"linkOutlet", "putCatalog"} {
			_, _ = src.Token(t.Context(), operation) // the second refresh is refused
		}
	}
	if len(heard) != 1 || heard[0] > -59*time.Minute {
		t.Errorf("heard of %v", heard)
	}
}

// A server asks to wait until a time of its own clock.
func TestRetryAfterByTheServersClock(t *testing.T) {
	s, c := newServer(t), newClock()
	s.before = func(w http.ResponseWriter, _ *http.Request) bool {
		theirs := c.Now().Add(-time.Hour)
		w.Header().Set("Date", theirs.Format(http.TimeFormat))
		w.Header().Set("Retry-After", theirs.Add(40*time.Second).Format(http.TimeFormat))
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	_, err := s.endpoint(t, c.Now).ClientCredentials(t.Context(), nil)
	answer, ok := err.(*auth.Error)
	if !ok || answer.RetryAfter.Round(2*time.Second) != 40*time.Second {
		t.Errorf("got %v, %+v", err, answer)
	}
}

// The clock was wrong when a token came and was set right since.
func TestClockSetBack(t *testing.T) {
	s, c := newServer(t), newClock()
	record := s.record(c.Now(), config.ClientCredentials)
	token := record.Tokens[string(config.ClientCredentials)]
	token.Obtained, token.Expiry = c.Now().Add(24*time.Hour), c.Now().Add(25*time.Hour)
	record.Tokens[string(config.ClientCredentials)] = token
	src, _ := stored(t, s, c, &record)
	if got, err := src.Token(t.Context(), "getCatalog"); got != "at-client_credentials-1" || err != nil {
		t.Errorf("got %q, %v: a token of tomorrow is one of a wrong clock", got, err)
	}
	// The clocks of two processes may differ by a little.
	token.Obtained, token.Expiry = c.Now().Add(30*time.Second), c.Now().Add(time.Hour)
	record.Tokens[string(config.ClientCredentials)] = token
	src, _ = stored(t, s, c, &record)
	if got, err := src.Token(t.Context(), "getCatalog"); got != "old-client_credentials" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCheckServer(t *testing.T) {
	c := newClock()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.Header.Get("Authorization") != "" || len(r.Cookies()) != 0 {
			t.Error("a check carries credentials")
		}
		w.Header().Set("Date", c.Now().Add(10*time.Minute).Format(http.TimeFormat))
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
	}))
	check, err := auth.CheckServer(t.Context(), nil, server.URL, c.Now)
	if err != nil || check.Status != http.StatusFound || !check.Skewed() || check.Skew.Round(time.Minute) != -10*time.Minute || asked != 1 {
		t.Errorf("got %+v, %v after %d calls", check, err, asked)
	}
	server.Close()
	if _, err := auth.CheckServer(t.Context(), nil, server.URL, nil); err == nil {
		t.Error("a server that is not there answers")
	}
	if _, err := auth.CheckServer(t.Context(), nil, "http://\x7f", nil); err == nil || strings.Contains(err.Error(), "\x7f") {
		t.Errorf("no URL gives %q", err)
	}
}
