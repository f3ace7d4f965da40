package sandbox

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// A login walks the steps that Getting started (Facilitator) describes: phone number, OTP, consent.
const (
	stepPhone   = "phone"
	stepOTP     = "otp"
	stepConsent = "consent"
)

const (
	loginLifetime = 10 * time.Minute
	maxOTPTries   = 5
	maxLogins     = 1000 // logins that are under way at the same time, and browsers that have logged in
	sessionCookie = "gobiz_sandbox_session"
)

// login is one that is under way in some browser. It lives in memory only: a
// restart begins it anew.
type login struct {
	consent
	ClientName  string
	RedirectURI string
	State       string
	Challenge   string
	Lang        string
	Step        string
	Tries       int
	ExpiresAt   time.Time
}

// session remembers a user in a browser, so that the next login goes straight
// to consent unless prompt=login asks otherwise.
type session struct {
	phone string
	at    time.Time
}

type logins struct {
	mu       sync.Mutex
	open     map[string]login
	sessions map[string]session
}

func newLogins() *logins {
	return &logins{open: map[string]login{}, sessions: map[string]session{}}
}

func (l *logins) begin(id string, v login, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for old, other := range l.open {
		if other.ExpiresAt.Before(now) || len(l.open) >= maxLogins {
			delete(l.open, old)
		}
	}
	v.ExpiresAt = now.Add(loginLifetime)
	l.open[id] = v
}

func (l *logins) get(id string, now time.Time) (login, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	v, ok := l.open[id]
	return v, ok && v.ExpiresAt.After(now)
}

func (l *logins) put(id string, v login) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[id] = v
}

// end takes a login out, once: two clicks on Allow give one code.
func (l *logins) end(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.open[id]
	delete(l.open, id)
	return ok
}

func (l *logins) remember(id string, v session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for old, other := range l.sessions {
		if v.at.Sub(other.at) >= sessionLifetime || len(l.sessions) >= maxLogins {
			delete(l.sessions, old)
		}
	}
	l.sessions[id] = v
}

func (l *logins) session(r *http.Request, now time.Time) (session, bool) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return session{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	v, ok := l.sessions[cookie.Value]
	return v, ok && now.Sub(v.at) < sessionLifetime
}

func (l *logins) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.open)
	clear(l.sessions)
}

func (s *Sandbox) showLogin(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("login_challenge")
	l, ok := s.logins.get(id, s.now())
	if !ok {
		s.showExpired(w, r)
		return
	}
	s.showStep(w, http.StatusOK, id, l, "")
}

func (s *Sandbox) submitLogin(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.showExpired(w, r)
		return
	}
	id := r.PostForm.Get("login_challenge")
	l, ok := s.logins.get(id, s.now())
	if !ok {
		s.showExpired(w, r)
		return
	}
	// A form of an earlier step, sent again with the browser's back button, is
	// answered with where the login stands.
	if step := r.PostForm.Get("step"); step != "" && step != l.Step && step != stepPhone {
		s.showStep(w, http.StatusOK, id, l, "")
		return
	}
	switch {
	case r.PostForm.Has("phone"):
		s.submitPhone(w, r, id, l)
	case l.Step == stepOTP:
		s.submitOTP(w, r, id, l)
	case l.Step == stepConsent:
		s.submitConsent(w, r, id, l)
	default:
		s.showStep(w, http.StatusOK, id, l, "")
	}
}

func (s *Sandbox) submitPhone(w http.ResponseWriter, r *http.Request, id string, l login) {
	phone := normalPhone(r.PostForm.Get("phone"))
	if _, known := find(s.store, s.store.users, phone); !known {
		l.Step = stepPhone
		s.logins.put(id, l)
		s.showStep(w, http.StatusUnprocessableEntity, id, l, "unknown_phone")
		return
	}
	l.Phone, l.Step, l.Tries = phone, stepOTP, 0
	s.logins.put(id, l)
	http.Redirect(w, r, "/oauth2/login?login_challenge="+url.QueryEscape(id), http.StatusSeeOther)
}

func (s *Sandbox) submitOTP(w http.ResponseWriter, r *http.Request, id string, l login) {
	u, _ := find(s.store, s.store.users, l.Phone)
	if subtle.ConstantTimeCompare([]byte(strings.TrimSpace(r.PostForm.Get("otp"))), []byte(u.OTP)) != 1 || u.OTP == "" {
		message := "wrong_otp"
		if l.Tries++; l.Tries >= maxOTPTries {
			l.Step, message = stepPhone, "too_many_tries"
		}
		s.logins.put(id, l)
		s.showStep(w, http.StatusUnprocessableEntity, id, l, message)
		return
	}
	l.Step, l.LoggedInAt = stepConsent, s.now()
	s.logins.put(id, l)
	cookie := s.newSecret()
	s.logins.remember(cookie, session{phone: l.Phone, at: l.LoggedInAt})
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: cookie, Path: "/oauth2/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/oauth2/login?login_challenge="+url.QueryEscape(id), http.StatusSeeOther)
}

func (s *Sandbox) submitConsent(w http.ResponseWriter, r *http.Request, id string, l login) {
	decision := r.PostForm.Get("decision")
	if decision != "allow" && decision != "deny" {
		s.showStep(w, http.StatusOK, id, l, "")
		return
	}
	if !s.logins.end(id) {
		s.showExpired(w, r)
		return
	}
	if decision == "deny" {
		redirectError(w, r, l.RedirectURI, l.State,
			errOAuth("access_denied", "The resource owner or authorization server denied the request", "the merchant chose Deny"))
		return
	}
	code := authCode{
		consent: l.consent, Code: s.newSecret(), RedirectURI: l.RedirectURI, Challenge: l.Challenge, ExpiresAt: s.now().Add(codeLifetime),
	}
	err := s.store.update(func() error {
		s.store.codes.put(code.Code, code)
		return nil
	})
	if err != nil {
		redirectError(w, r, l.RedirectURI, l.State, errOAuth("server_error", "the sandbox failed; see its log", ""))
		return
	}
	parameters := url.Values{"code": {code.Code}, "state": {l.State}}
	http.Redirect(w, r, redirectTo(l.RedirectURI, parameters), http.StatusSeeOther)
}

// normalPhone returns a phone number in international form: 0812… and 62812… are
// +62812….
func normalPhone(s string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if local, ok := strings.CutPrefix(digits, "0"); ok {
		digits = "62" + local
	}
	return "+" + digits
}
