package cmd

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/auth"
)

// status is what is known about a login without asking a server.
type status struct {
	Profile         *string    `json:"profile"`
	Environment     string     `json:"environment"`
	API             string     `json:"api"`
	APIURL          *string    `json:"api_url"`
	OAuthURL        *string    `json:"oauth_url"`
	Grant           *string    `json:"grant"` // null: a token from the environment does not tell
	ClientID        *string    `json:"client_id"`
	Scopes          []string   `json:"scopes"`
	LoggedIn        bool       `json:"logged_in"`
	ExpiresAt       *time.Time `json:"expires_at"`
	Refreshable     bool       `json:"refreshable"`
	CredentialStore string     `json:"credential_store"` // keyring, file or environment

	grants  []auth.Grant
	now     time.Time
	problem error // why it is not known whether there is a login
}

var statusColumns = []terminal.Column[status]{
	{Name: "profile"}, {Name: "environment"}, {Name: "api"}, {Name: "api_url"}, {Name: "oauth_url"},
	{Name: "grant", Value: func(s status) string {
		names := make([]string, 0, len(s.grants))
		for _, g := range s.grants {
			names = append(names, string(g))
		}
		if len(names) == 0 {
			return text(s.Grant)
		}
		return strings.Join(names, ", ")
	}},
	{Name: "client_id"}, {Name: "scopes"}, {Name: "logged_in"},
	{Name: "expires_at", Value: func(s status) string {
		if s.ExpiresAt == nil {
			return ""
		}
		return s.ExpiresAt.Format(time.RFC3339) + " (" + terminal.Relative(*s.ExpiresAt, s.now) + ")"
	}},
	{Name: "refreshable"}, {Name: "credential_store"},
}

func newStatusCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the profile in use: environment, login, token, where secrets are kept",
		Long: `Show the profile in use. No server is asked, and no secret is shown. A credential store that cannot be read counts as
not logged in, and a note says why.`,
		Example: example("gobiz status", "gobiz status -p jakarta -o json", "gobiz status --jq .logged_in"),
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runStatus(c.Context(), f.account) },
	}
}

func runStatus(ctx context.Context, o *account) error {
	s, err := o.Settings()
	if err != nil {
		return err
	}
	tokens, err := o.Tokens()
	if err != nil {
		return err
	}
	status, err := newStatus(ctx, s, tokens, o.Now())
	if err != nil {
		return err
	}
	if err := terminal.PrintOne(o.Printer, status, statusColumns); err != nil {
		return err
	}
	switch half := halfInEnvironment(s); {
	case status.LoggedIn:
	case status.problem != nil:
		e := classify(ctx, status.problem)
		o.Note("not logged in, as far as can be seen: %s", e.Message)
		if e.Hint != "" {
			o.Note("%s", e.Hint)
		}
	case half != "":
		o.Note("not logged in: %s", half)
	default:
		o.Note("not logged in; gobiz login")
	}
	return nil
}

func newStatus(ctx context.Context, s config.Settings, tokens auth.TokenSource, now time.Time) (status, error) {
	login, err := tokens.Status(ctx)
	if errors.Is(err, context.Canceled) {
		return status{}, err // Ctrl-C, at the question for the passphrase
	}
	st := status{
		Profile:         nonEmpty(s.Profile),
		Environment:     string(s.Environment),
		API:             string(s.API),
		APIURL:          nonEmpty(s.APIURL),
		OAuthURL:        nonEmpty(s.OAuthURL),
		Grant:           nonEmpty(string(login.Grant)),
		ClientID:        nonEmpty(s.ClientID),
		Scopes:          append([]string{}, login.Scopes...),
		LoggedIn:        login.LoggedIn,
		Refreshable:     login.Refreshable,
		CredentialStore: cmp.Or(login.Store, "environment"),
		grants:          login.Grants,
		now:             now,
		problem:         err,
	}
	if !login.ExpiresAt.IsZero() {
		expires := login.ExpiresAt.UTC().Truncate(time.Second)
		st.ExpiresAt = &expires
	}
	return st, nil
}
