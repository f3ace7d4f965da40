package auth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// Stored is the source of a profile's stored login. A profile may hold both grants, as a
// facilitator needs them; each operation gets the token that it takes.
//
// A token that is about to expire is replaced under a lock that spans processes: lock, load
// again, refresh if it is still stale, save, unlock. A server that rotates refresh tokens
// so never sees one twice. What happens when a process dies in between is in renewal.go.
type Stored struct {
	profile Profile
	opts    Options // with Now and OnSkew
	calls   map[Grant]*sharedCall
	open    func() (credentials.Store, error)

	mu       sync.Mutex
	loaded   bool
	record   credentials.Record
	rejected map[Grant]credentials.Secret
	// refused remembers grants that the server does not give to this client, so that it is asked once a process.
	refused map[Grant]bool
}

// NewStored returns the source of a profile's stored login. It does no I/O.
func NewStored(profile Profile, opts Options) *Stored {
	opts.OnSkew = SkewOnce(opts.OnSkew)
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &Stored{
		profile: profile, opts: opts,
		calls:    map[Grant]*sharedCall{GrantClientCredentials: {}, GrantAuthorizationCode: {}},
		rejected: map[Grant]credentials.Secret{},
		refused:  map[Grant]bool{},
		open: sync.OnceValues(func() (credentials.Store, error) {
			if opts.OpenStore == nil {
				return nil, notLoggedIn(profile)
			}
			return opts.OpenStore()
		}),
	}
}

func (s *Stored) now() time.Time { return s.opts.Now() }

// lock opens the store and takes the profile's lock.
func (s *Stored) lock(ctx context.Context) (credentials.Store, func(), error) {
	store, err := s.open()
	if err != nil {
		return nil, nil, err
	}
	unlock, err := lockProfile(ctx, s.opts.StateDir, s.profile.Name)
	return store, unlock, err
}

// Token returns a valid token for an operation.
func (s *Stored) Token(ctx context.Context, operation string) (string, error) {
	record, err := s.current(ctx)
	if err != nil {
		return "", err
	}
	need := requirementOf(operation)
	grants, err := s.choose(record, need)
	if err != nil {
		return "", err
	}
	var token credentials.Token
	for i, grant := range grants {
		last := i+1 == len(grants)
		if s.wasRefused(grant) && !last {
			continue
		}
		token, err = s.get(ctx, grant)
		// A facilitator's client may not be allowed client credentials, or not with these scopes; then the
		// merchant's token is the one to use.
		refused := errors.Is(err, ErrScope) || errors.Is(err, ErrCredentials)
		if refused {
			s.refuse(grant)
		}
		if last || !refused && (err != nil || need.Covers(token.Scopes)) {
			break
		}
	}
	if err != nil {
		return "", err
	}
	if !need.Covers(token.Scopes) {
		return "", s.missingScope(need, grants[len(grants)-1], token.Scopes)
	}
	return token.AccessToken.Reveal(), nil
}

// Check reports whether the stored login can make an operation.
func (s *Stored) Check(ctx context.Context, operation string) error {
	record, err := s.current(ctx)
	if err != nil {
		return err
	}
	_, err = s.choose(record, requirementOf(operation))
	return err
}

func (s *Stored) wasRefused(grant Grant) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused[grant]
}

func (s *Stored) refuse(grant Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[grant] = true
}

// choose lists the grants to try for an operation, the best one first.
func (s *Stored) choose(record credentials.Record, need Requirement) ([]Grant, error) {
	has := s.usable(record)
	interrupted := lost(record.Tokens[string(GrantAuthorizationCode)])
	if len(has) == 0 {
		if interrupted {
			return nil, s.interrupted(nil)
		}
		return nil, notLoggedIn(s.profile)
	}
	var grants []Grant
	order := need.Grants
	if len(order) == 0 {
		order = has // any token does: the main grant
	}
	for _, grant := range order {
		if slices.Contains(has, grant) {
			grants = append(grants, grant)
		}
	}
	if len(grants) == 0 {
		if slices.Equal(need.Grants, merchantOnly) {
			if interrupted {
				return nil, s.interrupted(nil)
			}
			return nil, needsMerchant(s.profile.Name)
		}
		return nil, &LoginError{
			Kind: ErrWrongGrant, Message: "this call needs client credentials, a merchant login cannot make it",
			Profile: s.profile.Name, Grant: GrantClientCredentials,
		}
	}
	// Say what is missing before asking the server, if nothing that can be had will do.
	for _, grant := range grants {
		if need.Covers(s.expectedScopes(record, grant)) {
			return grants, nil
		}
	}
	return nil, s.missingScope(need, grants[0], s.expectedScopes(record, grants[0]))
}

// usable lists the grants that a record can give tokens for, the profile's own first.
func (s *Stored) usable(record credentials.Record) []Grant {
	var out []Grant
	if !record.ClientSecret.IsZero() {
		out = append(out, GrantClientCredentials)
	} else if fresh(record.Tokens[string(GrantClientCredentials)], s.now()) {
		out = append(out, GrantClientCredentials)
	}
	if t := record.Tokens[string(GrantAuthorizationCode)]; !t.RefreshToken.IsZero() || fresh(t, s.now()) {
		out = append(out, GrantAuthorizationCode)
	}
	if s.profile.Grant == GrantAuthorizationCode {
		slices.Reverse(out)
	}
	return out
}

// expectedScopes are those that the next token of a grant will have.
func (s *Stored) expectedScopes(record credentials.Record, grant Grant) []string {
	t, ok := record.Tokens[string(grant)]
	if ok && (grant == GrantAuthorizationCode || fresh(t, s.now())) {
		return t.Scopes
	}
	return s.profile.ScopesFor(grant)
}

func (s *Stored) missingScope(need Requirement, grant Grant, has []string) error {
	return missingScope(LoginError{Profile: s.profile.Name, Grant: grant, AskFor: withScope(has, need.Scopes[0])}, need)
}

// get returns a token of one grant: the one in memory, the stored one, or a new one.
func (s *Stored) get(ctx context.Context, grant Grant) (credentials.Token, error) {
	cached := func() (credentials.Token, bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.valid(s.record, grant)
	}
	return s.calls[grant].do(ctx, cached, func(ctx context.Context) (credentials.Token, error) {
		return s.renew(ctx, grant)
	})
}

// valid returns the record's token if it can be used. The caller holds mu.
func (s *Stored) valid(record credentials.Record, grant Grant) (credentials.Token, bool) {
	t := record.Tokens[string(grant)]
	ok := fresh(t, s.now()) && !t.AccessToken.Equal(s.rejected[grant])
	return t, ok
}

// renew replaces the token of a grant under the lock, unless another process has done it.
func (s *Stored) renew(ctx context.Context, grant Grant) (credentials.Token, error) {
	store, unlock, err := s.lock(ctx)
	if err != nil {
		return credentials.Token{}, err
	}
	defer unlock()
	record, err := s.load(ctx, store)
	if err != nil {
		return credentials.Token{}, err
	}
	s.mu.Lock()
	token, ok := s.valid(record, grant)
	s.mu.Unlock()
	if ok {
		s.keep(record)
		return token, nil
	}
	if grant == GrantAuthorizationCode {
		return s.renewMerchant(ctx, store, record)
	}
	if record.ClientSecret.IsZero() {
		return credentials.Token{}, notLoggedIn(s.profile)
	}
	endpoint, err := s.endpoint(record.ClientID, record.ClientSecret)
	if err != nil {
		return credentials.Token{}, err
	}
	fetched, err := endpoint.ClientCredentials(ctx, s.profile.ScopesFor(grant))
	if err != nil {
		return credentials.Token{}, err
	}
	record = record.Clone()
	if record.Tokens == nil {
		record.Tokens = map[string]credentials.Token{}
	}
	record.Tokens[string(grant)] = fetched
	if err := s.save(context.WithoutCancel(ctx), store, record); err != nil {
		return credentials.Token{}, err
	}
	return fetched, nil
}

// endpoint is a client at the profile's login server.
func (s *Stored) endpoint(clientID string, clientSecret credentials.Secret) (*Endpoint, error) {
	profile := s.profile
	profile.ClientID, profile.ClientSecret = clientID, clientSecret
	return NewEndpoint(profile.endpoint(s.opts))
}

// current returns the record, loaded once.
func (s *Stored) current(ctx context.Context) (credentials.Record, error) {
	s.mu.Lock()
	record, loaded := s.record, s.loaded
	s.mu.Unlock()
	if loaded {
		return record, nil
	}
	store, err := s.open()
	if err != nil {
		return credentials.Record{}, err
	}
	record, err = s.load(ctx, store)
	if err != nil {
		return credentials.Record{}, err
	}
	s.keep(record)
	return record, nil
}

// load reads the record and refuses one of another login server or client.
func (s *Stored) load(ctx context.Context, store credentials.Store) (credentials.Record, error) {
	if s.profile.Name == "" {
		return credentials.Record{}, notLoggedIn(s.profile)
	}
	record, err := store.Load(ctx, s.profile.Name)
	if errors.Is(err, credentials.ErrNotFound) {
		return credentials.Record{}, notLoggedIn(s.profile)
	}
	if err != nil {
		return credentials.Record{}, err
	}
	if record.OAuthURL == "" && !record.Pending.IsZero() {
		return credentials.Record{}, notLoggedIn(s.profile) // and waits for its merchant
	}
	if record.OAuthURL != s.profile.OAuthURL {
		return credentials.Record{}, &LoginError{
			Kind: ErrNotLoggedIn, Reason: OtherServer,
			Message: fmt.Sprintf("profile %q is logged in at %s, not at %s", s.profile.Name, record.OAuthURL, s.profile.OAuthURL),
			Profile: s.profile.Name, Environment: s.profile.Environment, Grant: s.profile.Grant,
		}
	}
	if s.profile.ClientID != "" && record.ClientID != s.profile.ClientID {
		return credentials.Record{}, &LoginError{
			Kind:    ErrNotLoggedIn,
			Message: fmt.Sprintf("profile %q is logged in with the client id %s, not %s", s.profile.Name, record.ClientID, s.profile.ClientID) + s.profile.addition(),
			Profile: s.profile.Name, Grant: s.profile.Grant,
		}
	}
	return record, nil
}

// save stores the record, without a merchant login that nobody completed in time.
func (s *Stored) save(ctx context.Context, store credentials.Store, record credentials.Record) error {
	if s.expired(record.Pending) {
		record.Pending = credentials.PendingLogin{}
	}
	if err := store.Save(ctx, s.profile.Name, record); err != nil {
		return fmt.Errorf("saving the login of profile %q: %w", s.profile.Name, err)
	}
	s.keep(record)
	return nil
}

func (s *Stored) keep(record credentials.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record, s.loaded = record, true
}

// Reject marks a token that the API refused. The stored login stays: another process may have replaced the
// token already, and if not the next Token does.
func (s *Stored) Reject(_ context.Context, token string) {
	rejected := credentials.NewSecret(token)
	s.mu.Lock()
	defer s.mu.Unlock()
	for grant, t := range s.record.Tokens {
		if t.AccessToken.Equal(rejected) {
			s.rejected[Grant(grant)] = rejected
		}
	}
}

// Redact masks all secrets of the stored login in a text of a server.
func (s *Stored) Redact(text string) string {
	s.mu.Lock()
	record := s.record
	s.mu.Unlock()
	return secrets{}.andRecord(record).hide(text)
}

// Status tells about the stored login. Without one it is no error.
func (s *Stored) Status(ctx context.Context) (Status, error) {
	st := Status{
		Grant: s.profile.Grant, ClientID: s.profile.ClientID, Scopes: s.profile.ScopesFor(s.profile.Grant),
	}
	if store, err := s.open(); err == nil {
		st.Store = store.Name()
	}
	record, err := s.current(ctx)
	if errors.Is(err, ErrNotLoggedIn) {
		return st, nil
	}
	if err != nil {
		return st, err
	}
	st.ClientID = record.ClientID
	st.Grants = s.usable(record)
	st.Interrupted = lost(record.Tokens[string(GrantAuthorizationCode)])
	if len(st.Grants) == 0 {
		return st, nil
	}
	st.LoggedIn, st.Grant = true, st.Grants[0]
	token, ok := record.Tokens[string(st.Grant)]
	if ok {
		st.Scopes, st.ExpiresAt = slices.Clone(token.Scopes), token.Expiry
	}
	st.Refreshable = !token.RefreshToken.IsZero() || st.Grant == GrantClientCredentials && !record.ClientSecret.IsZero()
	return st, nil
}
