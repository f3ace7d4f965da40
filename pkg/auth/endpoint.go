package auth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/gobiz-cli/gobiz/internal/backoff"
	"github.com/gobiz-cli/gobiz/internal/cleantext"
	"github.com/gobiz-cli/gobiz/internal/redact"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// EndpointOptions describe an OAuth client and its server.
type EndpointOptions struct {
	// OAuthURL is the base URL of the login server.
	OAuthURL     string
	ClientID     string
	ClientSecret credentials.Secret
	// ClientAuth says how the secret is sent: "basic" (HTTP Basic) or "post" (form fields). Empty is what GoBiz
	// documents: Basic for client credentials, form fields for the other grants.
	ClientAuth string
	HTTPClient *http.Client
	UserAgent  string
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// OnSkew is as in Options.
	OnSkew func(skew time.Duration)
}

// Endpoint calls the token endpoint of a login server, POST {OAuthURL}/oauth2/token.
// Errors are an *Error when the server answered, else a *NetworkError.
type Endpoint struct {
	opts   EndpointOptions
	client *http.Client
	now    func() time.Time
}

// tokenTimeout bounds one call when the caller's HTTP client has no time-out.
const tokenTimeout = 30 * time.Second

// NewEndpoint checks the options. It does no I/O.
func NewEndpoint(opts EndpointOptions) (*Endpoint, error) {
	opts.OAuthURL = strings.TrimRight(opts.OAuthURL, "/")
	if u, err := url.Parse(opts.OAuthURL); err != nil || u.Host == "" {
		return nil, &LoginError{Kind: ErrNotLoggedIn, Reason: NoLoginServer, Message: "the login server has no URL"}
	}
	if opts.ClientID == "" {
		return nil, &LoginError{Kind: ErrNotLoggedIn, Reason: NoClientID, Message: "no client id"}
	}
	opts.OnSkew = SkewOnce(opts.OnSkew)
	e := &Endpoint{opts: opts, now: opts.Now}
	if e.now == nil {
		e.now = time.Now
	}
	client := http.Client{}
	if opts.HTTPClient != nil {
		client = *opts.HTTPClient
	}
	if client.Timeout == 0 {
		client.Timeout = tokenTimeout
	}
	// A redirect of a token call would repeat the client secret to another place.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Jar = nil
	e.client = &client
	return e, nil
}

// OAuthURL is the base URL of the login server.
func (e *Endpoint) OAuthURL() string { return e.opts.OAuthURL }

// ClientID is the OAuth client.
func (e *Endpoint) ClientID() string { return e.opts.ClientID }

func (e *Endpoint) tokenURL() string { return e.opts.OAuthURL + "/oauth2/token" }

// ClientCredentials gets a token for the partner itself. The client authenticates with HTTP Basic
// (Enterprise Integration Middleware, "Get Token"). Network errors, 429 and 5xx are tried again.
func (e *Endpoint) ClientCredentials(ctx context.Context, scopes []string) (credentials.Token, error) {
	cfg := clientcredentials.Config{
		ClientID: e.opts.ClientID, ClientSecret: e.opts.ClientSecret.Reveal(),
		TokenURL: e.tokenURL(), Scopes: scopes, AuthStyle: e.authStyle(oauth2.AuthStyleInHeader),
	}
	return retry(ctx, func(ctx context.Context) (credentials.Token, error) {
		return e.call(ctx, scopes, nil, cfg.Token)
	})
}

// Exchange turns the code of a merchant login into tokens. A code works once, for two minutes (Getting started
// (Facilitator)), so nothing is tried again. The verifier is PKCE's, or empty.
func (e *Endpoint) Exchange(ctx context.Context, code, redirectURI, verifier string, scopes []string) (credentials.Token, error) {
	cfg := e.authorizationCode(redirectURI, scopes)
	var opts []oauth2.AuthCodeOption
	if verifier != "" {
		opts = append(opts, oauth2.VerifierOption(verifier))
	}
	return e.call(ctx, scopes, secrets{}.and(code).and(verifier), func(ctx context.Context) (*oauth2.Token, error) {
		return cfg.Exchange(ctx, code, opts...)
	})
}

// Refresh gets new tokens for a merchant login. The token that comes back has a refresh token in any case: the new
// one, or the old one when the server sent none. It is not tried again: the server may have
// taken the old refresh token already.
func (e *Endpoint) Refresh(ctx context.Context, refreshToken credentials.Secret, scopes []string) (credentials.Token, error) {
	cfg := e.authorizationCode("", nil)
	return e.call(ctx, scopes, secretsOf(refreshToken), func(ctx context.Context) (*oauth2.Token, error) {
		return cfg.TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken.Reveal()}).Token()
	})
}

// authorizationCode sends client id and secret as form fields, as the pages of this flow do (developer documentation,
// authorization-code).
func (e *Endpoint) authorizationCode(redirectURI string, scopes []string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: e.opts.ClientID, ClientSecret: e.opts.ClientSecret.Reveal(),
		RedirectURL: redirectURI, Scopes: scopes,
		Endpoint: oauth2.Endpoint{
			AuthURL: e.opts.OAuthURL + "/oauth2/auth", TokenURL: e.tokenURL(), AuthStyle: e.authStyle(oauth2.AuthStyleInParams),
		},
	}
}

// call runs one token call of the oauth2 library and turns what comes back into this package's values.
// asked are the scopes that the token has when the server does not say (RFC 6749, 5.1). sent are the secrets of the request
// besides the client's.
func (e *Endpoint) call(ctx context.Context, asked []string, sent secrets, do func(context.Context) (*oauth2.Token, error)) (credentials.Token, error) {
	client := *e.client
	rec := &recorder{
		next: client.Transport, userAgent: e.opts.UserAgent, requestID: uuid.NewString(), now: e.now,
		secrets: sent.andClient(e.opts.ClientID, e.opts.ClientSecret),
	}
	client.Transport = rec
	began := e.now()
	t, err := do(context.WithValue(ctx, oauth2.HTTPClient, &client))
	if e.opts.OnSkew != nil && rec.hasDate && skewed(rec.skew) {
		e.opts.OnSkew(rec.skew)
	}
	if err == nil && (!isTokenText(t.AccessToken) || !isTokenText(t.RefreshToken)) {
		rec.malformed = "the answer is no token: it holds characters that a token cannot have"
		err = errMalformed
	}
	if err == nil && !strings.EqualFold(t.TokenType, "bearer") { // required (RFC 6749, 5.1)
		rec.malformed = "the answer is no token: its token_type is not bearer"
		err = errMalformed
	}
	if err != nil {
		if rec.network != nil && ctx.Err() != nil {
			return credentials.Token{}, &NetworkError{cancelled(ctx)}
		}
		return credentials.Token{}, rec.failure(err, asked)
	}
	token := credentials.Token{
		AccessToken:  credentials.NewSecret(t.AccessToken),
		RefreshToken: credentials.NewSecret(t.RefreshToken),
		Obtained:     began,
		Scopes:       asked,
	}
	// The library sets Expiry by the system's clock. Counted from before the call, the token never seems
	// to live longer than it does.
	if rec.lifetime > 0 {
		token.Expiry = began.Add(rec.lifetime)
	}
	if id, ok := t.Extra("id_token").(string); ok {
		token.IDToken = credentials.NewSecret(id)
	}
	if scope, ok := t.Extra("scope").(string); ok && strings.TrimSpace(scope) != "" {
		token.Scopes = strings.Fields(scope)
	}
	return token, nil
}

// takeLifetime reads expires_in out of an answer and gives the rest to the library, which refuses a whole token for the sake of a
// fraction. Some servers send the number as a string. What cannot be read counts as unknown.
func takeLifetime(body []byte) (time.Duration, []byte) {
	const member = "expires_in"
	var answer map[string]json.RawMessage
	if json.Unmarshal(body, &answer) != nil {
		return 0, body
	}
	raw, ok := answer[member]
	if !ok {
		return 0, body
	}
	delete(answer, member)
	rest, err := json.Marshal(answer)
	if err != nil {
		return 0, body
	}
	seconds, _ := strconv.ParseFloat(strings.Trim(string(raw), `" `), 64)
	if !(seconds > 0) {
		return 0, rest
	}
	return time.Duration(min(seconds, 10*365*24*3600) * float64(time.Second)), rest
}

// recorder adds the headers of a call, bounds the body, and remembers what is needed to tell about a failure.
type recorder struct {
	next      http.RoundTripper
	userAgent string
	requestID string
	now       func() time.Time

	status  int
	skew    time.Duration // see skewOf
	hasDate bool
	// retryAfter is the server's Retry-After, or 0.
	retryAfter time.Duration
	body       []byte
	lifetime   time.Duration // of the token, or 0
	network    error
	malformed  string // what is wrong with an answer that cannot be used
	secrets    secrets
}

// errMalformed only ends the library's work; recorder.malformed tells.
var errMalformed = errors.New("malformed answer")

// maxTokenBody bounds an answer: tokens have a few kilobytes.
const maxTokenBody = 256 << 10

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-Request-Id", r.requestID)
	req.Header.Set("Accept", "application/json")
	if r.userAgent != "" {
		req.Header.Set("User-Agent", r.userAgent)
	}
	next := r.next
	if next == nil {
		next = http.DefaultTransport
	}
	sent := r.now()
	resp, err := next.RoundTrip(req)
	if err != nil {
		r.network = err
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	r.status = resp.StatusCode
	received := r.now()
	r.skew, r.hasDate = skewOf(resp.Header, sent, received)
	// A date there is one of the server's clock.
	r.retryAfter = backoff.RetryAfter(resp.Header, received)
	if id := r.secrets.show(resp.Header.Get("X-Request-Id"), 128); id != "" {
		r.requestID = id
	}
	if r.status < http.StatusOK {
		// The body of a 101 is the connection itself: neither a time-out nor a cancelled context would end the reading of it.
		r.malformed = "the server switched to another protocol, or sent no final answer"
		return nil, errMalformed
	}
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxTokenBody+1))
	if err != nil {
		r.network = err
		return nil, err
	}
	if len(r.body) > maxTokenBody && r.status < http.StatusMultipleChoices {
		r.malformed = fmt.Sprintf("the answer is no token: it is larger than %d bytes", maxTokenBody)
		return nil, errMalformed
	}
	rest := r.body
	if r.status < http.StatusMultipleChoices {
		r.lifetime, rest = takeLifetime(r.body)
	}
	resp.Body = io.NopCloser(bytes.NewReader(rest))
	return resp, nil
}

// failure turns an error of the library into an *Error, or keeps the network's.
func (r *recorder) failure(err error, asked []string) error {
	if r.status == 0 || r.network != nil {
		var urlError *url.Error
		if errors.As(err, &urlError) {
			// The text of a url.Error repeats the method and the URL; ours names what was done.
			err = urlError.Err
		}
		return &NetworkError{redact.Error(err, r.secrets.hide)}
	}
	e := &Error{Status: r.status, RequestID: r.requestID, Scopes: asked}
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Hint        string `json:"error_hint"`
	}
	show := r.secrets.show
	switch {
	case r.malformed != "":
		e.Snippet = r.malformed
	case json.Unmarshal(r.body, &body) == nil && body.Error != "":
		e.Code, e.Description, e.Hint = show(body.Error, 60), show(body.Description, 300), show(body.Hint, 200)
	case r.status < 200 || r.status > 299:
		e.Snippet = r.secrets.hide(cleantext.OneLine(cleantext.Page(r.secrets.hide(string(r.body))), 120))
	default:
		// The body may hold half a token, so nothing of it is shown.
		e.Snippet = "the answer is no token"
	}
	e.RetryAfter = r.retryAfter
	return e
}

// NetworkError is a call of the login server without an answer.
type NetworkError struct{ Err error }

func (e *NetworkError) Error() string { return "login server not reached: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *NetworkError) Unwrap() error { return e.Err }

// authStyle is how the client secret is sent: as the grant's page documents it, unless the options say otherwise. It
// is never tried out, since that would send the secret twice.
func (e *Endpoint) authStyle(documented oauth2.AuthStyle) oauth2.AuthStyle {
	switch e.opts.ClientAuth {
	case "basic":
		return oauth2.AuthStyleInHeader
	case "post":
		return oauth2.AuthStyleInParams
	}
	return documented
}
