package auth_test

import (
	"net/http"
	"testing"
	"time"

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
	record := s.record(c.Now(), auth.GrantClientCredentials, auth.GrantAuthorizationCode)
	for range 2 {
		store := credentials.NewMemory()
		if err := store.Save(t.Context(), "jakarta", record); err != nil {
			t.Fatal(err)
		}
		src := auth.NewStored(s.profile(), auth.Options{
			StateDir: t.TempDir(),
			Now:      c.Now, OpenStore: func() (credentials.Store, error) { return store, nil }, OnSkew: once,
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
	record := s.record(c.Now(), auth.GrantClientCredentials)
	token := record.Tokens[string(auth.GrantClientCredentials)]
	token.Obtained, token.Expiry = c.Now().Add(24*time.Hour), c.Now().Add(25*time.Hour)
	record.Tokens[string(auth.GrantClientCredentials)] = token
	src, _ := stored(t, s, c, &record)
	if got, err := src.Token(t.Context(), "getCatalog"); got != "at-client_credentials-1" || err != nil {
		t.Errorf("got %q, %v: a token of tomorrow is one of a wrong clock", got, err)
	}
	// The clocks of two processes may differ by a little.
	token.Obtained, token.Expiry = c.Now().Add(30*time.Second), c.Now().Add(time.Hour)
	record.Tokens[string(auth.GrantClientCredentials)] = token
	src, _ = stored(t, s, c, &record)
	if got, err := src.Token(t.Context(), "getCatalog"); got != "old-client_credentials" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}
