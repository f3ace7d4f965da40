package auth

import (
	"context"
	"sync/atomic"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// Static gives one token as it is. Nothing is known about its grant, scopes and end.
type Static struct {
	token    credentials.Secret
	rejected atomic.Bool
}

// NewStatic gives a source of one token.
func NewStatic(token credentials.Secret) *Static { return &Static{token: token} }

// Token gives the token until it was rejected.
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
			Kind:    ErrNotLoggedIn,
			Message: "GOBIZ_ACCESS_TOKEN is no access token: it holds spaces or characters that a token cannot have",
			advice:  "set GOBIZ_ACCESS_TOKEN to the token alone, or unset it and use a login",
		}
	}
	if s.rejected.Load() {
		return &LoginError{
			Kind:    ErrNotLoggedIn,
			Message: "the access token in GOBIZ_ACCESS_TOKEN was rejected, and it cannot be refreshed",
			advice:  "set a new GOBIZ_ACCESS_TOKEN, or unset it and use a login",
		}
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
	return Status{LoggedIn: !s.rejected.Load() && !s.token.IsZero() && isTokenText(s.token.Reveal()), Grant: config.Grant("")}, nil
}

// Redact masks the token in a text of a server.
func (s *Static) Redact(text string) string { return secretsOf(s.token).hide(text) }
