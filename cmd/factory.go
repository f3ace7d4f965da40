package cmd

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
)

// Factory gives commands what they need, made at first use: `--help` opens
// nothing, and `webhook verify` never touches the network.
type Factory struct {
	*System
	*console // complete when the command's flags are read
	Flags    globalFlags

	ctx       context.Context   // of this run; ends with Ctrl-C
	overrides map[string]string // settings given as flags, by key
	config    func() (*config.Config, error)
	settings  func() (config.Settings, error)
	onSkew    func(time.Duration) // tells once that this machine is off the time
}

func newFactory(sys *System) *Factory {
	f := &Factory{System: sys, console: &console{workDir: sys.WorkDir}, ctx: context.Background(), overrides: map[string]string{}}
	f.config = sync.OnceValues(f.loadConfig)
	f.settings = sync.OnceValues(f.resolveSettings)
	f.onSkew = auth.SkewOnce(f.noteSkew)
	return f
}

func (f *Factory) loadConfig() (*config.Config, error) {
	f.override(config.KeyProfile, f.Flags.profile)
	f.override(config.KeyConfig, f.Flags.config)
	dir, err := f.WorkDir()
	if err != nil {
		dir = "" // a removed working directory has no .gobiz.yaml
	}
	return config.Load(config.Options{Getenv: f.Getenv, Flags: f.overrides, WorkDir: dir})
}

// apply puts the global flags of a command into effect.
func (f *Factory) apply(c *cobra.Command) (err error) {
	if err := f.Flags.check(c.Flags()); err != nil {
		return err
	}
	f.prompt = terminal.NewPrompter(f.Streams, f.Flags.noInput || f.Getenv("GOBIZ_NO_INPUT") != "" || f.Getenv("CI") != "")
	f.Streams.NoColor = terminal.NoColor(f.Flags.noColor, f.Getenv)
	var also []terminal.Format
	for _, name := range strings.Fields(c.Annotations[moreFormats]) {
		also = append(also, terminal.Format(name))
	}
	f.console.Printer, err = terminal.NewPrinter(c.Context(), f.Streams, terminal.Options{
		Format: terminal.Format(f.Flags.output), Also: also, JQ: f.Flags.jq, Quiet: f.Flags.quiet,
	})
	return err
}

// override sets a setting from a flag; an empty value is a flag that was not
// given. It must come before the first use of Config.
func (f *Factory) override(key, value string) {
	if value != "" {
		f.overrides[key] = value
	}
}

// Config is what the config file says.
func (f *Factory) Config() (*config.Config, error) { return f.config() }

func (f *Factory) resolveSettings() (config.Settings, error) {
	cfg, err := f.Config()
	if err != nil {
		return config.Settings{}, err
	}
	return cfg.Resolve("")
}

// Settings are those of the profile in use.
func (f *Factory) Settings() (config.Settings, error) { return f.settings() }

// store opens the credential store that the profile remembers. It does no I/O.
func (f *Factory) store(s config.Settings) (credentials.Store, error) {
	if err := s.RequireStateDir(); err != nil {
		return nil, err
	}
	return credentials.Open(s.CredentialStore, credentials.Options{Dir: s.StateDir, Passphrase: f.passphrase(s)})
}

// passphrase opens the encrypted file store: from the environment, else a
// prompt, twice for a new file.
func (f *Factory) passphrase(s config.Settings) func(context.Context, bool) (credentials.Secret, error) {
	return func(ctx context.Context, isNew bool) (credentials.Secret, error) {
		if p := s.Passphrase(); p != "" {
			return credentials.NewSecret(p), nil
		}
		const env = "GOBIZ_CREDENTIALS_PASSPHRASE"
		prompt := f.prompt
		first, err := prompt.Secret(ctx, marked(s, "Passphrase of the encrypted credential file"), env)
		if err != nil || !isNew {
			return credentials.NewSecret(first), err
		}
		second, err := prompt.Secret(ctx, marked(s, "Passphrase again"), env)
		if err == nil && first != second {
			err = usageError("", "the two passphrases differ")
		}
		return credentials.NewSecret(first), err
	}
}

// Tokens gives access tokens for the profile in use, or for the credentials in
// the environment.
func (f *Factory) Tokens() (auth.Source, error) {
	s, err := f.Settings()
	if err != nil {
		return nil, err
	}
	return auth.New(s, f.authOptions(s))
}

func (f *Factory) authOptions(s config.Settings) auth.Options {
	return auth.Options{
		OpenStore:  func() (credentials.Store, error) { return f.store(s) },
		HTTPClient: f.loginClient(),
		UserAgent:  userAgent(),
		Now:        f.Now,
		OnSkew:     f.onSkew,
	}
}

// loginTimeout bounds a call of the login server.
const loginTimeout = 30 * time.Second

// loginClient talks to the login server.
func (f *Factory) loginClient() *http.Client {
	client := &http.Client{Timeout: cmp.Or(f.Flags.timeout, loginTimeout)}
	if f.Flags.verbose > 0 {
		client.Transport = loginLog{http.DefaultTransport, f.Logger(), f.Now}
	}
	return client
}

// NotificationSecrets are the relay secrets that sign webhooks.
func (f *Factory) NotificationSecrets(ctx context.Context) ([]string, error) {
	s, err := f.Settings()
	if err != nil {
		return nil, err
	}
	return auth.NotificationSecrets(ctx, s, func() (credentials.Store, error) { return f.store(s) })
}

// timeout is the one of the flag, for a request; 0 is the default.
func (f *Factory) timeout() time.Duration { return f.Flags.timeout }

// noteSkew warns of a clock that is minutes off: times in logs and the expiry
// that status shows are off by as much.
func (f *Factory) noteSkew(skew time.Duration) {
	direction := "ahead of"
	if skew < 0 {
		direction, skew = "behind", -skew
	}
	f.Note("warning: this machine's clock is %s %s the login server's", terminal.Duration(skew), direction)
}

func userAgent() string { return "gobiz/" + buildVersion().Version }

// Client calls the partner API.
func (f *Factory) Client() (*gobiz.Client, error) {
	s, err := f.Settings()
	if err != nil {
		return nil, err
	}
	if s.API == config.Enterprise {
		return nil, usageError("use a profile with 'api: partner'", "the legacy API (api: enterprise) does not have this command")
	}
	return f.api(s)
}

// Enterprise calls the legacy API.
func (f *Factory) Enterprise() (*enterprise.Client, error) {
	s, err := f.Settings()
	if err != nil {
		return nil, err
	}
	client, err := f.api(s)
	if err != nil {
		return nil, err
	}
	return enterprise.New(client), nil
}

// usesEnterprise tells whether the profile speaks to the legacy API.
func (f *Factory) usesEnterprise() (bool, error) {
	s, err := f.Settings()
	return s.API == config.Enterprise, err
}

// perAPI makes what works on the API of the profile, from a client of it.
func perAPI[T any](f *Factory, partner func(*gobiz.Client) T, legacy func(*enterprise.Client) T) (T, error) {
	var none T
	isLegacy, err := f.usesEnterprise()
	if err != nil {
		return none, err
	}
	if isLegacy {
		client, err := f.Enterprise()
		if err != nil {
			return none, err
		}
		return legacy(client), nil
	}
	client, err := f.Client()
	if err != nil {
		return none, err
	}
	return partner(client), nil
}

// api makes the client that all commands share, whichever API they speak to.
func (f *Factory) api(s config.Settings) (*gobiz.Client, error) {
	if err := s.RequireAPIURL(); err != nil {
		return nil, err
	}
	tokens, err := auth.New(s, f.authOptions(s))
	if err != nil {
		return nil, err
	}
	return gobiz.New(gobiz.Options{
		BaseURL:   s.APIURL,
		Tokens:    tokens,
		UserAgent: userAgent(),
		Timeout:   f.Flags.timeout,
		Logger:    f.Logger(),
		OnAttempt: f.logAttempt(),
		Now:       f.Now,
	})
}
