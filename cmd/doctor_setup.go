package cmd

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/triage"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// newDoctorSetup collects for the doctor what this run would work with. Mistakes
// of the user's do not end it: they are what the doctor is there for.
func newDoctorSetup(ctx context.Context, a *account) (triage.Setup, error) {
	setup := triage.Setup{
		Version: buildVersion().String(), UserAgent: userAgent(),
		Getenv: a.Getenv, Now: a.Now, Timeout: a.Flags.timeout, Advice: advice,
	}
	cfg, ok := readDoctorConfig(a, &setup)
	if !ok {
		return setup, nil
	}
	s, err := cfg.Resolve("")
	var unknown *config.UnknownProfileError
	switch {
	case errors.As(err, &unknown):
		setup.Profile.Err = err
		return setup, nil
	case err != nil:
		setup.SettingsErr = err
		return setup, nil
	}
	setup.Settings = s
	setup.Empty = nothingIsSet(setup.Profile, s)
	if setup.Empty {
		return setup, nil
	}
	return setup, addDoctorLogin(ctx, a, s, &setup)
}

// readDoctorConfig distinguishes a mistake in the config file from one in .gobiz.yaml,
// and finds a .gobiz.yaml also when a stronger choice hides it.
func readDoctorConfig(a *account, setup *triage.Setup) (*config.Config, bool) {
	cfg, err := a.Config()
	if err != nil {
		alone, fileErr := a.configFile()
		if fileErr != nil {
			setup.ConfigPath, setup.ConfigErr = pathIn(fileErr), fileErr
			return nil, false
		}
		cfg = alone
		setup.Profile.Err, setup.Profile.DirectoryErr, setup.Profile.DirectoryFile = err, true, pathIn(err)
	}
	setup.ConfigPath, setup.StateDir = cfg.Path(), cfg.StateDir()
	name, origin := cfg.Selected()
	setup.Profile.Name, setup.Profile.Known = name, cfg.Profiles()
	if origin.Layer != config.LayerDefault {
		setup.Profile.Origin = origin.String()
	}
	if setup.Profile.Err != nil {
		return nil, false
	}
	if dir, err := a.WorkDir(); err == nil {
		// Only the folder's file chooses here.
		folder, err := config.Load(config.Options{Path: cfg.Path(), WorkDir: dir, Getenv: func(name string) string {
			if strings.HasPrefix(name, "GOBIZ_") {
				return ""
			}
			return a.Getenv(name)
		}})
		if err == nil {
			if name, origin := folder.Selected(); origin.Layer == config.LayerDirectory {
				setup.Profile.DirectoryFile, setup.Profile.DirectoryProfile = origin.Detail, name
			}
		}
	}
	return cfg, true
}

// pathIn finds the file that an error is about.
func pathIn(err error) string {
	var (
		mistake *config.FileError
		io      *fs.PathError
	)
	switch {
	case errors.As(err, &mistake):
		return mistake.Path
	case errors.As(err, &io):
		return io.Path
	}
	return ""
}

func nothingIsSet(p triage.Profile, s config.Settings) bool {
	if p.Name != "" || len(p.Known) > 0 || s.AccessToken() != "" || s.ClientSecret() != "" {
		return false
	}
	for _, setting := range config.Declared() {
		if setting.InProfile && s.Origin(setting.Key).Layer != config.LayerDefault {
			return false
		}
	}
	return true
}

// addDoctorLogin returns the doctor the credentials that a command would use.
func addDoctorLogin(ctx context.Context, a *account, s config.Settings, setup *triage.Setup) error {
	options := a.authOptions(s)
	login := &doctorLogin{settings: s}
	if s.AccessToken() == "" && (s.ClientSecret() == "" || s.ClientID == "") {
		store, err := openDoctorStore(ctx, a, s)
		if err != nil {
			return err
		}
		// The one store is asked by all checks, so that a keyring that hangs is waited
		// for once.
		options.OpenStore = func() (credentials.Store, error) { return store, nil }
		login.store, setup.Store = store, store
	}
	tokens, err := auth.New(authProfile(s), options)
	if err != nil {
		return err
	}
	login.tokens = tokens
	setup.Tokens, setup.Logins = tokens, login.list
	setup.Requirements, setup.Commands = doctorRequirements(s.API), commandsOf
	setup.RelaySecrets = login.relaySecrets
	if s.API == config.Partner && s.APIURL != "" {
		options := a.clientOptions(s, tokens)
		options.MaxAttempts = 1 // what goes wrong now and then is to be seen
		setup.Client, err = gobiz.New(options)
	}
	return err
}

// openDoctorStore opens the profile's store. The passphrase is asked for now,
// before any check is timed; without one the check says so.
func openDoctorStore(ctx context.Context, a *account, s config.Settings) (credentials.Store, error) {
	passphrase := credentials.NewSecret(s.Passphrase())
	if s.CredentialStore == credentials.KindFile && passphrase.IsZero() && a.prompt.Enabled() {
		file := credentials.NewFile(s.StateDir, nil)
		if _, err := os.Stat(file.Path()); err == nil {
			if passphrase, err = a.passphrase(s)(ctx, false); err != nil {
				return nil, err
			}
		}
	}
	return credentials.Open(s.CredentialStore, credentials.Options{
		Dir:        s.StateDir,
		Passphrase: func(context.Context, bool) (credentials.Secret, error) { return passphrase, nil },
	})
}

// doctorRequirements are those of the operations of one API.
func doctorRequirements(api config.API) []auth.Requirement {
	legacy := map[string]bool{}
	for _, e := range gobiz.Endpoints() {
		legacy[e.Operation] = e.Enterprise
	}
	return slices.DeleteFunc(auth.Requirements(), func(r auth.Requirement) bool {
		return legacy[r.Operation] != (api == config.Enterprise)
	})
}

// doctorLogin shows the doctor what the credentials are good for, without the
// secrets themselves.
type doctorLogin struct {
	settings config.Settings
	tokens   auth.TokenSource
	store    credentials.Store // nil: the environment
}

func (d *doctorLogin) list(ctx context.Context) ([]triage.Login, error) {
	status, err := d.tokens.Status(ctx)
	if err != nil {
		return nil, err
	}
	if d.store == nil {
		return []triage.Login{{
			Grant: status.Grant, Main: true, Usable: status.LoggedIn, Renewable: status.Refreshable,
			ExpiresAt: status.ExpiresAt, Scopes: status.Scopes, FromEnvironment: true,
		}}, nil
	}
	logins, err := d.stored(ctx, status)
	if err == nil && !status.LoggedIn {
		// Which reason there is, is known to the source.
		err = d.tokens.Check(ctx, "")
	}
	return logins, err
}

// stored lists the profile's grants, the main one first, and with them a login
// that ended.
func (d *doctorLogin) stored(ctx context.Context, status auth.Status) ([]triage.Login, error) {
	record, err := d.store.Load(ctx, d.settings.Profile)
	if errors.Is(err, credentials.ErrNotFound) || err == nil && record.OAuthURL != d.settings.OAuthURL {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	grants := slices.Clone(status.Grants)
	for _, grant := range []auth.Grant{auth.GrantClientCredentials, auth.GrantAuthorizationCode} {
		if _, ok := record.Tokens[string(grant)]; ok && !slices.Contains(grants, grant) {
			grants = append(grants, grant)
		}
	}
	var out []triage.Login
	for _, grant := range grants {
		token, ok := record.Tokens[string(grant)]
		login := triage.Login{
			Grant: grant, Main: grant == status.Grant, Usable: slices.Contains(status.Grants, grant),
			Renewable: !token.RefreshToken.IsZero() || grant == auth.GrantClientCredentials && !record.ClientSecret.IsZero(),
			Lost:      grant == auth.GrantAuthorizationCode && status.Interrupted,
			ExpiresAt: token.Expiry, Scopes: append([]string{}, token.Scopes...),
		}
		if !ok {
			login.Scopes = authProfile(d.settings).ScopesFor(grant)
		}
		out = append(out, login)
	}
	return out, nil
}

// relaySecrets counts the secrets that sign webhooks. With credentials from the
// environment the store is not touched.
func (d *doctorLogin) relaySecrets(ctx context.Context) (int, string, error) {
	if n := len(d.settings.NotificationSecrets()); n > 0 || d.store == nil {
		return n, "GOBIZ_NOTIFICATION_SECRET", nil
	}
	secrets, err := relaySecrets(ctx, d.settings, func() (credentials.Store, error) { return d.store, nil })
	return len(secrets), "the " + storeNames[d.store.Name()], err
}
