package cmd

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// profileSecrets are those that a person knows, by the name that the command has.
var profileSecrets = map[string]string{"client": "client secret", "notification": "relay secret"}

func newProfileSetSecretCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "set-secret client|notification",
		Short: "Store the client secret or the relay secret of a profile",
		Long: `Store a secret of the profile in use in its credential store: the client secret, or the relay secret (notification secret),
which signs webhooks. It comes from a prompt, or from stdin where that is no terminal. GoBiz is not asked whether it is
right. While relay secrets are rotated, separate the old and the new one by a comma.`,
		Example: example(
			"gobiz profile set-secret notification",
			"pass show gobiz/relay | gobiz profile set-secret notification -p jakarta",
		),
		Args: func(c *cobra.Command, args []string) error {
			if err := exactArgs("client|notification")(c, args); err != nil {
				return err
			}
			if profileSecrets[args[0]] == "" {
				return usageError("client or notification", "unknown secret %q", args[0])
			}
			return nil
		},
		ValidArgsFunction: cobra.FixedCompletions([]string{"client", "notification"}, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(c *cobra.Command, args []string) error {
			return runProfileSetSecret(c.Context(), f.account, args[0])
		},
	}
}

func runProfileSetSecret(ctx context.Context, a *account, which string) error {
	s, err := a.Settings()
	if err != nil {
		return err
	}
	name := s.Profile
	if name == "" {
		return usageError("name one with --profile", "no profile is in use")
	}
	store, err := a.store(s)
	if err != nil {
		return err
	}
	old, err := store.Load(ctx, name)
	if err != nil && !errors.Is(err, credentials.ErrNotFound) {
		return err
	}
	record := credentials.Record{ClientID: cmp.Or(s.ClientID, old.ClientID), OAuthURL: s.OAuthURL, Tokens: map[string]credentials.Token{}}
	if record.ClientID == "" {
		return usageError("gobiz login, or gobiz profile set "+name+" client_id=ID", "profile %s has no client id", name)
	}
	if old.ClientID != "" && (old.ClientID != record.ClientID || old.OAuthURL != record.OAuthURL) {
		return usageError(loginCommand(name, ""), "the login of profile %s is one of client %s at %s, not of %s at %s", name, old.ClientID, old.OAuthURL, record.ClientID, record.OAuthURL)
	}
	secret, err := a.readSecret(ctx, s, profileSecrets[which])
	if err != nil {
		return err
	}
	if which == "client" {
		record.ClientSecret = secret
	} else {
		record.NotificationSecret = secret
	}
	if err := a.stored(s).Remember(ctx, record); err != nil {
		return err
	}
	a.Note("the %s of profile %s is in the %s", profileSecrets[which], name, storeNames[s.CredentialStore])
	return nil
}

// readSecret asks for a secret, or reads it from a stdin that is no terminal.
func (a *account) readSecret(ctx context.Context, s config.Settings, what string) (credentials.Secret, error) {
	if !a.Streams.InTTY {
		secrets, err := a.secretsFromStdin(ctx, what)
		if err != nil {
			return credentials.Secret{}, err
		}
		return credentials.NewSecret(secrets[0]), nil
	}
	secret, err := a.prompt.Secret(ctx, markProduction(s, "The "+what), "stdin")
	if err == nil && secret == "" {
		err = usageError("", "the %s is empty", what)
	}
	return credentials.NewSecret(secret), err
}

// secretsFromStdin reads secrets, each on a line of its own. Errors call them by
// what the user does.
func (a *account) secretsFromStdin(ctx context.Context, called ...string) ([]string, error) {
	return unlessInterrupted(ctx, func() ([]string, error) {
		secrets, err := terminal.ReadSecrets(a.Streams.In, len(called))
		if err != nil {
			return nil, usageError("", "%s: %v", strings.Join(called, " "), err)
		}
		return secrets, nil
	})
}
