package cmd

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// account is what the commands that log in and show logins have besides the
// console: the config file, credential stores and the login server.
type account struct {
	*System
	*console
	Flags globalFlags

	overrides map[string]string               // settings given as flags, by key
	Config    func() (*config.Config, error)  // what the config file says
	Settings  func() (config.Settings, error) // those of the profile in use
	onSkew    func(time.Duration)             // tells once that this machine is off the time

	storesMu sync.Mutex
	stores   map[string]credentials.Store // the opened ones, by kind
}

func newAccount(sys *System) *account {
	a := &account{System: sys, console: &console{workDir: sys.WorkDir}, overrides: map[string]string{}, stores: map[string]credentials.Store{}}
	a.Config = sync.OnceValues(a.loadConfig)
	a.Settings = sync.OnceValues(a.resolveSettings)
	a.onSkew = auth.SkewOnce(a.noteSkew)
	return a
}

func (a *account) loadConfig() (*config.Config, error) {
	cfg, err := config.Load(a.configOptions())
	if err != nil {
		return nil, err
	}
	for _, skipped := range cfg.Skipped() {
		a.Logger().Info("not read", "file", skipped)
	}
	return cfg, nil
}

// configFile is what the config file says, whatever a .gobiz.yaml does.
func (a *account) configFile() (*config.Config, error) {
	options := a.configOptions()
	options.WorkDir = ""
	return config.Load(options)
}

// namedConfig is for a command that names its profile: a .gobiz.yaml that cannot be
// read does not stop it.
func (a *account) namedConfig() (*config.Config, error) {
	cfg, err := a.Config()
	if err == nil {
		return cfg, nil
	}
	alone, fileErr := a.configFile()
	if fileErr != nil {
		return nil, err
	}
	a.Note("not read: %v", err)
	return alone, nil
}

func (a *account) configOptions() config.Options {
	a.override(config.KeyProfile, a.Flags.profile)
	a.override(config.KeyConfig, a.Flags.config)
	dir, err := a.WorkDir()
	if err != nil {
		dir = "" // a removed working directory has no .gobiz.yaml
	}
	return config.Options{Getenv: a.Getenv, Flags: a.overrides, WorkDir: dir}
}

// override sets a setting from a flag; an empty value is a flag that was not
// given. It must come before the first use of Config.
func (a *account) override(key, value string) {
	if value != "" {
		a.overrides[key] = value
	}
}

func (a *account) resolveSettings() (config.Settings, error) {
	cfg, err := a.Config()
	if err != nil {
		enough := false
		if cfg, enough = config.LoadEnvironment(a.configOptions()); !enough {
			return config.Settings{}, err
		}
	}
	s, err := cfg.Resolve("")
	if err == nil {
		a.noteProduction(s)
	}
	return s, err
}

// noteProduction tells that a .gobiz.yaml has chosen production, also where
// nothing is asked.
func (a *account) noteProduction(s config.Settings) {
	if from := s.Origin(config.KeyProfile); from.Layer == config.LayerDirectory && s.IsProduction() && a.Printer != nil {
		a.Note("profile %s is production, chosen by %s", s.Profile, from)
	}
}

// store opens the credential store that the profile remembers, once: it asks for
// its passphrase once. It does no I/O.
func (a *account) store(s config.Settings) (store credentials.Store, err error) {
	if err := s.RequireStateDir(); err != nil {
		return nil, err
	}
	a.storesMu.Lock()
	defer a.storesMu.Unlock()
	if store = a.stores[s.CredentialStore]; store == nil {
		if store, err = credentials.Open(s.CredentialStore, credentials.Options{Dir: s.StateDir, Passphrase: a.passphrase(s)}); err == nil {
			a.stores[s.CredentialStore] = store
		}
	}
	return store, err
}

// passphrase opens the encrypted file store: from the environment, else a
// prompt, twice for a new file.
func (a *account) passphrase(s config.Settings) func(context.Context, bool) (credentials.Secret, error) {
	return func(ctx context.Context, isNew bool) (credentials.Secret, error) {
		if p := s.Passphrase(); p != "" {
			return credentials.NewSecret(p), nil
		}
		const env = "GOBIZ_CREDENTIALS_PASSPHRASE"
		first, err := a.prompt.Secret(ctx, markProduction(s, "Passphrase of the encrypted credential file"), env)
		if err != nil || !isNew {
			return credentials.NewSecret(first), err
		}
		second, err := a.prompt.Secret(ctx, markProduction(s, "Passphrase again"), env)
		if err == nil && first != second {
			err = usageError("", "the two passphrases differ")
		}
		return credentials.NewSecret(first), err
	}
}

// Tokens returns access tokens for the profile in use, or for the credentials in
// the environment.
func (a *account) Tokens() (auth.TokenSource, error) {
	s, err := a.Settings()
	if err != nil {
		return nil, err
	}
	return auth.New(authProfile(s), a.authOptions(s))
}

// stored are the profile's own credentials, whatever the environment has.
func (a *account) stored(s config.Settings) *auth.Stored {
	return auth.NewStored(authProfile(s), a.authOptions(s))
}

func (a *account) authOptions(s config.Settings) auth.Options {
	return auth.Options{
		OpenStore:  func() (credentials.Store, error) { return a.store(s) },
		StateDir:   s.StateDir,
		HTTPClient: a.loginClient(),
		UserAgent:  userAgent(),
		Now:        a.Now,
		OnSkew:     a.onSkew,
	}
}

// loginTimeout bounds a call of the login server.
const loginTimeout = 30 * time.Second

// loginClient talks to the login server.
func (a *account) loginClient() *http.Client {
	client := &http.Client{Timeout: cmp.Or(a.Flags.timeout, loginTimeout)}
	if a.Flags.verbose > 0 {
		client.Transport = loginLog{http.DefaultTransport, a.Logger(), a.Now}
	}
	return client
}

// NotificationSecrets are the relay secrets that sign webhooks.
func (a *account) NotificationSecrets(ctx context.Context) ([]string, error) {
	// Those of the environment need no profile, nor a config file that can be read.
	given := credentials.Record{NotificationSecret: credentials.NewSecret(a.Getenv("GOBIZ_NOTIFICATION_SECRET"))}.NotificationSecrets()
	if len(given) > 0 {
		return given, nil
	}
	s, err := a.Settings()
	if err != nil {
		return nil, err
	}
	return relaySecrets(ctx, s, func() (credentials.Store, error) { return a.store(s) })
}

// clientOptions are those of every client of an API.
func (a *account) clientOptions(s config.Settings, tokens auth.TokenSource) gobiz.Options {
	return gobiz.Options{
		BaseURL:   s.APIURL,
		Tokens:    tokens,
		UserAgent: userAgent(),
		Timeout:   a.Flags.timeout,
		Logger:    a.Logger(),
		OnAttempt: a.logAttempt(),
		Now:       a.Now,
	}
}

// noteSkew warns of a clock that is minutes off: times in logs and the expiry
// that status shows are off by as much.
func (a *account) noteSkew(skew time.Duration) {
	direction := "ahead of"
	if skew < 0 {
		direction, skew = "behind", -skew
	}
	a.Note("warning: this machine's clock is %s %s the login server's", terminal.Duration(skew), direction)
}
