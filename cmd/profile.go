package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

func newProfileCommand(f *Factory) *cobra.Command {
	group := newGroup("profile", "Choose between several logins",
		newProfileListCommand(f), newProfileUseCommand(f), newProfileShowCommand(f), newProfileSetCommand(f), newProfileSetSecretCommand(f), newProfileRemoveCommand(f))
	group.Long = `A profile is a named login: environment, API, client id, scopes. Its settings are in the config file, its secrets in the
credential store.

Which one counts is decided by the flag --profile, then GOBIZ_PROFILE, then a file .gobiz.yaml (profile: NAME) in the
working directory or above it, then the one chosen with 'gobiz profile use'.`
	return group
}

// profile is a profile as the commands print it. Secrets are not part of it.
type profileRow struct {
	Name            string   `json:"name"`
	Current         bool     `json:"current"`
	Environment     string   `json:"environment"`
	API             string   `json:"api"`
	Grant           string   `json:"grant"`
	ClientID        *string  `json:"client_id"`
	Scopes          []string `json:"scopes"`
	APIURL          *string  `json:"api_url"`
	OAuthURL        *string  `json:"oauth_url"`
	EnterpriseID    *string  `json:"enterprise_id"`
	RedirectURI     *string  `json:"redirect_uri"`
	CredentialStore string   `json:"credential_store"`

	problem string // why the profile cannot be used
}

var profileColumns = terminal.Fields[profileRow]("name", "current", "environment", "api", "grant", "client_id", "credential_store")

var profileDetailColumns = append(slices.Clone(profileColumns),
	terminal.Fields[profileRow]("scopes", "api_url", "oauth_url", "enterprise_id", "redirect_uri")...)

// newProfileRow shows what the file says: the environment of this run does not
// change it. A profile with a mistake is shown as far as it goes.
func newProfileRow(cfg *config.Config, name string) profileRow {
	values, _ := cfg.Profile(name)
	selected, _ := cfg.Selected()
	row := profileRow{
		Name: name, Current: name == selected,
		Environment:     cmp.Or(values[config.KeyEnvironment], string(config.Sandbox)),
		API:             cmp.Or(values[config.KeyAPI], string(config.Partner)),
		Grant:           cmp.Or(values[config.KeyGrant], string(auth.GrantClientCredentials)),
		ClientID:        nonEmpty(values[config.KeyClientID]),
		Scopes:          append([]string{}, strings.Fields(values[config.KeyScopes])...),
		APIURL:          nonEmpty(values[config.KeyAPIURL]),
		OAuthURL:        nonEmpty(values[config.KeyOAuthURL]),
		EnterpriseID:    nonEmpty(values[config.KeyEnterpriseID]),
		RedirectURI:     nonEmpty(values[config.KeyRedirectURI]),
		CredentialStore: cmp.Or(values[config.KeyCredentialStore], "keyring"),
	}
	if hosts, ok := config.HostsOf(config.Environment(row.Environment)); ok {
		row.APIURL = cmp.Or(row.APIURL, nonEmpty(hosts.API))
		row.OAuthURL = cmp.Or(row.OAuthURL, nonEmpty(hosts.OAuth))
	}
	if _, err := cfg.Resolve(name); err != nil {
		row.problem = err.Error()
	}
	return row
}

func newProfileListCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the profiles",
		Example: example("gobiz profile list", "gobiz profile list --jq '.[].name'"),
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return runProfileList(f.account) },
	}
}

func runProfileList(a *account) error {
	cfg, err := a.namedConfig()
	if err != nil {
		return err
	}
	rows := []profileRow{}
	for _, name := range cfg.Profiles() {
		rows = append(rows, newProfileRow(cfg, name))
	}
	if err := printList(a.Printer, rows, profileColumns, "no profiles; make one with 'gobiz login'"); err != nil {
		return err
	}
	for _, row := range rows {
		if row.problem != "" {
			a.Note("profile %s cannot be used: %s", row.Name, row.problem)
		}
	}
	return nil
}

func newProfileUseCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:               "use NAME",
		Short:             "Choose the profile that later commands use",
		Example:           example("gobiz profile use jakarta"),
		Args:              exactArgs("NAME"),
		ValidArgsFunction: f.completeProfiles,
		RunE:              func(c *cobra.Command, args []string) error { return runProfileUse(c.Context(), f.account, args[0]) },
	}
}

func runProfileUse(ctx context.Context, a *account, name string) error {
	cfg, err := a.namedConfig()
	if err != nil {
		return err
	}
	err = cfg.Edit(ctx, func(e *config.Editor) error {
		if _, err := cfg.Resolve(name); err != nil {
			return err
		}
		return e.SetCurrent(name)
	})
	if err != nil {
		return err
	}
	a.Note("profile %s is used from now on", name)
	if selected, origin := cfg.Selected(); selected != name {
		a.Note("not here, though: %s says %q", origin, selected)
	}
	return nil
}

func newProfileShowCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:               "show [NAME]",
		Short:             "Show the settings of a profile",
		Example:           example("gobiz profile show", "gobiz profile show jakarta -o json"),
		Args:              optionalArg,
		ValidArgsFunction: f.completeProfiles,
		RunE:              func(_ *cobra.Command, args []string) error { return runProfileShow(f.account, args) },
	}
}

func runProfileShow(a *account, args []string) error {
	cfg, err := a.Config()
	if err != nil {
		return err
	}
	name, err := profileName(cfg, args)
	if err != nil {
		return err
	}
	row := newProfileRow(cfg, name)
	if err := terminal.PrintOne(a.Printer, row, profileDetailColumns); err != nil {
		return err
	}
	if row.problem != "" {
		a.Note("it cannot be used: %s", row.problem)
	}
	return nil
}

// profileName is the named profile, else the one in use.
func profileName(cfg *config.Config, args []string) (string, error) {
	name, origin := cfg.Selected()
	if len(args) > 0 {
		name, origin = args[0], config.Origin{Layer: config.LayerFlag}
	}
	if name == "" {
		return "", usageError("gobiz login makes one", "no profile is in use")
	}
	if _, ok := cfg.Profile(name); !ok {
		return "", &config.UnknownProfileError{Name: name, Origin: origin, Known: cfg.Profiles()}
	}
	return name, nil
}

func newProfileSetCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "set NAME KEY=VALUE...",
		Short: "Change settings of a profile, or make one",
		Long: `Change settings of a profile, or make one. An empty value removes the setting. Secrets are not settings: see 'gobiz profile set-secret'.

Keys: ` + strings.Join(profileKeys(), ", ") + `.`,
		Example: example(
			"gobiz profile set jakarta redirect_uri=http://127.0.0.1:8400/callback",
			"gobiz profile set chain api=enterprise enterprise_id=7b63bf24-2166-484f-8a05-daf295ae8baf api_url=https://eim.example.com",
			"gobiz profile set jakarta 'scopes=gofood:catalog:read gofood:catalog:write'",
		),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 2 {
				return exactArgs("NAME", "KEY=VALUE")(c, args)
			}
			return nil
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return f.completeProfiles(c, args, toComplete)
			}
			var keys []string
			for _, key := range profileKeys() {
				keys = append(keys, key+"=")
			}
			return keys, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		},
		RunE: func(c *cobra.Command, args []string) error {
			return runProfileSet(c.Context(), f.account, args[0], args[1:])
		},
	}
}

func profileKeys() []string {
	var keys []string
	for _, s := range config.Declared() {
		if s.InProfile {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

func runProfileSet(ctx context.Context, a *account, name string, pairs []string) error {
	values := config.Profile{}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return usageError("such as environment=sandbox", "%q has no value", pair)
		}
		if strings.Contains(key, "secret") || key == config.KeyAccessToken || key == config.KeyCredentialsPassphrase {
			return usageError("gobiz profile set-secret keeps secrets in the credential store", "%s is a secret, which is never kept in the config file", key)
		}
		if !slices.Contains(profileKeys(), key) {
			return usageError("one of "+strings.Join(profileKeys(), ", "), "unknown key %q", key)
		}
		values[key] = value
	}
	cfg, err := a.namedConfig()
	if err != nil {
		return err
	}
	var existed bool
	err = cfg.Edit(ctx, func(e *config.Editor) error {
		_, existed = cfg.Profile(name)
		return putProfile(cfg, e, name, values)
	})
	if err != nil {
		return err
	}
	if !existed {
		a.Note("profile %s is new; log in with 'gobiz login --profile %s'", name, name)
	}
	return nil
}

func newProfileRemoveCommand(f *Factory) *cobra.Command {
	var yes, force bool
	c := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a profile and the credentials it has stored",
		Long: `Remove a profile from the config file, and its client secret and tokens from the credential store.

GoBiz has no way to revoke tokens: they stay valid until they expire, within the hour.`,
		Example:           example("gobiz profile remove jakarta", "gobiz profile remove jakarta --yes"),
		Args:              exactArgs("NAME"),
		ValidArgsFunction: f.completeProfiles,
		RunE: func(c *cobra.Command, args []string) error {
			return runProfileRemove(c.Context(), f.account, args[0], yes, force)
		},
	}
	c.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	c.Flags().BoolVar(&force, "force", false, "also when the credential store does not answer: what it holds stays there")
	return c
}

func runProfileRemove(ctx context.Context, a *account, name string, yes, force bool) error {
	cfg, err := a.namedConfig()
	if err != nil {
		return err
	}
	if _, err := profileName(cfg, []string{name}); err != nil {
		return err
	}
	s, problem := cfg.Resolve(name)
	if !yes && a.prompt.Enabled() {
		if err := a.ask(ctx, s, "the removal", fmt.Sprintf("Remove profile %s and its credentials?", name), ""); err != nil {
			return err
		}
	}
	// The credentials go first: a profile without them can still be removed, but
	// credentials without a profile would never be found again.
	if problem == nil {
		_, err := a.stored(s).Forget(ctx)
		switch {
		case errors.Is(err, credentials.ErrUnavailable) && force:
			a.Note("%v; what it may hold for this profile stays there", err)
		case errors.Is(err, credentials.ErrUnavailable):
			e := classify(ctx, fmt.Errorf("remove the credentials of profile %s: %w", name, err))
			e.Hint = "unlock or start the keyring; or leave there what it holds, with --force"
			return e
		case err != nil:
			return fmt.Errorf("remove the credentials of profile %s: %w", name, err)
		}
	}
	if err := cfg.Edit(ctx, func(e *config.Editor) error { e.RemoveProfile(name); return nil }); err != nil {
		return err
	}
	a.Note("profile %s is removed", name)
	if left := cfg.Profiles(); cfg.CurrentProfile() == "" && len(left) > 0 {
		a.Note("no profile is chosen now: gobiz profile use %s", left[0])
	}
	return nil
}

// completeProfiles completes the name of a profile.
func (a *account) completeProfiles(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	cfg, err := a.Config()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return cfg.Profiles(), cobra.ShellCompDirectiveNoFileComp
}
