package auth

import (
	"cmp"
	"context"
	"sync/atomic"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// Static is a source of one token, as it is. Nothing is known about its grant, scopes and end.
type Static struct {
	token    credentials.Secret
	origin   string
	rejected atomic.Bool
}

// NewStatic returns a source of one token. origin is what errors call the place it comes from, such as the name of a
// variable; it may be empty.
func NewStatic(token credentials.Secret, origin string) *Static {
	return &Static{token: token, origin: origin}
}

// Token returns the token until it was rejected.
func (s *Static) Token(ctx context.Context, operation string) (string, error) {
	if err := s.Check(ctx, operation); err != nil {
		return "", err
	}
	return s.token.Reveal(), nil
}

// Check knows only whether the token can be one, and whether it was rejected.
func (s *Static) Check(ctx context.Context, _ string) error {
	if err := cancelled(ctx); err != nil {
		return err
	}
	if !isTokenText(s.token.Reveal()) {
		return &LoginError{
			Kind: ErrNotLoggedIn, Reason: TokenMalformed,
			Message: cmp.Or(s.origin, "that") + " is no access token: it holds spaces or characters that a token cannot have",
		}
	}
	if s.rejected.Load() {
		name := "the access token"
		if s.origin != "" {
			name += " in " + s.origin
		}
		return &LoginError{Kind: ErrNotLoggedIn, Reason: TokenRejected, Message: name + " was rejected, and it cannot be refreshed"}
	}
	return nil
}

// Reject makes the source fail from now on.
func (s *Static) Reject(_ context.Context, token string) {
	if s.token.Equal(credentials.NewSecret(token)) {
		s.rejected.Store(true)
	}
}

// Status knows only that there is a token.
func (s *Static) Status(context.Context) (Status, error) {
	return Status{LoggedIn: !s.rejected.Load() && !s.token.IsZero() && isTokenText(s.token.Reveal())}, nil
}

// Redact masks the token in a text of a server.
func (s *Static) Redact(text string) string { return secretsOf(s.token).hide(text) }
