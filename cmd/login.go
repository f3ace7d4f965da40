package cmd

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

type loginOptions struct {
	*account

	grant, environment, clientID, api, enterprise string
	store, redirectURI, locale                    string
	scopes                                        []string
	callbackPort                                  int
	secretStdin, relayStdin                       bool
	noBrowser, promptLogin, printURL              bool
	complete                                      string

	secret, relay string // client and relay secret that stdin or a prompt gave
}

func newLoginCommand(f *Factory) *cobra.Command {
	o := loginOptions{account: f.account}
	c := &cobra.Command{
		Use:   "login",
		Short: "Obtain and store credentials for a profile",
		Long: `Obtain and store credentials for a profile.

client-credentials is the login of your own server: menus, orders, subscriptions. authorization-code asks a merchant
for consent in a browser: token-info, link and unlink need it. A profile holds both at once, and each command takes
the one it needs.

Where no browser can open, the page's URL is printed, and the address that the merchant's browser ends up at can be
pasted. --print-url and --complete do the same in two steps, without anybody at the keyboard; what the second needs of
the first rests in the credential store.

Secrets rest in the operating system's keyring, or with --credential-store file in a file that is encrypted with a
passphrase. The client secret comes from a prompt, --client-secret-stdin or GOBIZ_CLIENT_SECRET, never from a flag. So
does the relay secret, which signs webhooks, if there is one: --notification-secret-stdin, GOBIZ_NOTIFICATION_SECRET,
or later 'gobiz profile set-secret notification'. With both on stdin each is a line, the client secret first.`,
		Example: example(
			"gobiz login --env sandbox --client-id my-app",
			"pass show gobiz/secret | gobiz login --env sandbox --client-id my-app --client-secret-stdin",
			"gobiz login --grant authorization-code",
			"gobiz login --print-url > page.txt",
			"gobiz login --complete 'https://pos.example.com/gobiz/callback?code=…&state=…'",
			"gobiz login -p chain --api enterprise --enterprise 7b63bf24-2166-484f-8a05-daf295ae8baf",
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLogin(c.Context(), o) },
	}
	flags := c.Flags()
	flags.StringVar(&o.grant, "grant", "", "client-credentials (default) or authorization-code")
	flags.StringVar(&o.environment, "env", "", "`environment`: sandbox, production, local or custom")
	flags.StringVar(&o.clientID, "client-id", "", "OAuth client `id` (App ID)")
	flags.BoolVar(&o.secretStdin, "client-secret-stdin", false, "read the client secret from stdin")
	flags.BoolVar(&o.relayStdin, "notification-secret-stdin", false, "read the relay secret, which signs webhooks, from stdin")
	flags.StringArrayVar(&o.scopes, "scope", nil, "scope to ask for, may be repeated (default: what the commands need)")
	flags.StringVar(&o.api, "api", "", "partner (default) or enterprise, the legacy API")
	flags.StringVar(&o.enterprise, "enterprise", "", "enterprise `id` of the legacy API")
	flags.StringVar(&o.store, "credential-store", "", "keyring (default) or file")
	flags.StringVar(&o.redirectURI, "redirect-uri", "", "redirect `URI` registered for the client")
	flags.IntVar(&o.callbackPort, "callback-port", 0, "port of the redirect URI on this machine")
	flags.BoolVar(&o.noBrowser, "no-browser", false, "print the login page's URL instead of opening it")
	flags.BoolVar(&o.promptLogin, "prompt-login", false, "show the login page also to a merchant who is logged in")
	flags.BoolVar(&o.printURL, "print-url", false, "print the login page's URL and end; --complete goes on")
	flags.StringVar(&o.complete, "complete", "", "end the login of --print-url with the `address` the browser ended up at; - reads it from stdin")
	c.MarkFlagsMutuallyExclusive("print-url", "complete")
	flags.StringVar(&o.locale, "locale", "", "language of the login page: id or en")
	for flag, values := range map[string][]string{
		"grant": grantFlags, "env": {"sandbox", "production", "local", "custom"}, "api": {"partner", "enterprise"},
		"credential-store": credentials.Kinds(), "locale": {"id", "en"},
	} {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

func runLogin(ctx context.Context, o loginOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	for key, value := range map[string]string{
		config.KeyGrant: o.grant, config.KeyEnvironment: o.environment, config.KeyClientID: o.clientID,
		config.KeyAPI: o.api, config.KeyEnterpriseID: o.enterprise, config.KeyCredentialStore: o.store,
		config.KeyRedirectURI: o.redirectURI, config.KeyScopes: strings.Join(o.scopes, " "),
	} {
		o.override(key, value)
	}
	cfg, err := o.Config()
	if err != nil {
		return err
	}
	var s config.Settings
	name, _ := cfg.Selected()
	if name == "" {
		name = "default"
		s, err = cfg.ResolveNew(name)
	} else {
		s, err = cfg.ResolveNew("")
	}
	if err != nil {
		return err
	}
	o.noteProduction(s)
	store, err := o.account.store(s)
	if err != nil {
		return err
	}
	// Before the user is asked for anything: a secret that cannot be kept is not
	// worth typing.
	if probe, ok := store.(interface{ Probe(context.Context) error }); ok {
		if err := probe.Probe(ctx); err != nil {
			return err
		}
	}
	if err := o.readSecrets(ctx); err != nil {
		return err
	}
	if o.complete != "" {
		return o.finish(ctx, cfg, s)
	}
	endpoint, secret, err := o.endpoint(ctx, s, store)
	if err != nil {
		return err
	}
	if o.printURL {
		return o.printPage(ctx, cfg, s, endpoint, secret)
	}
	var record credentials.Record
	finish := func(login auth.LoginOptions) (err error) {
		login.NotificationSecret = o.notificationSecret(s)
		if record, err = auth.Login(ctx, endpoint, login); err != nil {
			return err
		}
		if err := o.stored(s).Remember(ctx, record); err != nil {
			return err
		}
		return rememberProfile(ctx, cfg, s, endpoint.ClientID())
	}
	if s.Grant == auth.GrantAuthorizationCode {
		err = o.merchant(ctx, s, endpoint, finish)
	} else {
		err = finish(auth.LoginOptions{Grant: s.Grant, Scopes: authProfile(s).ScopesFor(s.Grant)})
	}
	if err != nil {
		return err
	}
	return o.report(ctx, cfg, name, record.Tokens[string(s.Grant)])
}

// check checks flags by themselves.
func (o *loginOptions) check() error {
	if o.locale != "" && o.locale != "id" && o.locale != "en" {
		return usageError("--locale id or --locale en", "unknown locale %q", o.locale)
	}
	if o.printURL || o.complete != "" {
		if o.grant != "" && o.grant != grantFlag(auth.GrantAuthorizationCode) {
			return usageError("leave out --grant", "--print-url and --complete are for a merchant login")
		}
		o.grant = grantFlag(auth.GrantAuthorizationCode)
	}
	if o.callbackPort < 0 || o.callbackPort > 65535 {
		return usageError("", "--callback-port %d is not a port", o.callbackPort)
	}
	if o.printURL && o.relayStdin {
		return usageError("pass it with --complete", "--print-url does not keep the relay secret")
	}
	if (o.secretStdin || o.relayStdin) && o.complete == "-" {
		return usageError("", "stdin cannot hold both a secret and the address")
	}
	return nil
}

// readSecrets reads those that are on stdin.
func (o *loginOptions) readSecrets(ctx context.Context) error {
	var flags []string
	var into []*string
	if o.secretStdin {
		flags, into = append(flags, "--client-secret-stdin"), append(into, &o.secret)
	}
	if o.relayStdin {
		flags, into = append(flags, "--notification-secret-stdin"), append(into, &o.relay)
	}
	if len(flags) == 0 {
		return nil
	}
	secrets, err := o.secretsFromStdin(ctx, flags...)
	for i, secret := range secrets {
		*into[i] = secret
	}
	return err
}

// notificationSecret is the relay secret to keep with the login.
func (o *loginOptions) notificationSecret(s config.Settings) credentials.Secret {
	return credentials.NewSecret(cmp.Or(o.relay, strings.Join(s.NotificationSecrets(), ",")))
}

// endpoint gathers client id and secret: flag or stdin, environment, what
// the profile's other login stored, prompt.
func (o *loginOptions) endpoint(ctx context.Context, s config.Settings, store credentials.Store) (*auth.Endpoint, credentials.Secret, error) {
	id := s.ClientID
	if id == "" {
		var err error
		if id, err = o.prompt.Line(ctx, markProduction(s, "Client id (App ID)"), "--client-id"); err != nil {
			return nil, credentials.Secret{}, err
		}
		if id == "" {
			return nil, credentials.Secret{}, usageError("pass --client-id", "the client id is empty")
		}
	}
	secret, err := o.clientSecret(ctx, s, store, id)
	if err != nil {
		return nil, credentials.Secret{}, err
	}
	endpoint, err := auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: s.OAuthURL, ClientID: id, ClientSecret: secret, ClientAuth: s.ClientAuth,
		HTTPClient: o.loginClient(), UserAgent: userAgent(), Now: o.Now, OnSkew: o.onSkew,
	})
	return endpoint, secret, err
}

func (o *loginOptions) clientSecret(ctx context.Context, s config.Settings, store credentials.Store, id string) (credentials.Secret, error) {
	if o.secret != "" {
		return credentials.NewSecret(o.secret), nil
	}
	if secret := s.ClientSecret(); secret != "" {
		return credentials.NewSecret(secret), nil
	}
	stored, err := store.Load(ctx, s.Profile)
	switch {
	case err == nil && stored.ClientID == id && stored.OAuthURL == s.OAuthURL && !stored.ClientSecret.IsZero():
		return stored.ClientSecret, nil
	case err != nil && !errors.Is(err, credentials.ErrNotFound) && !errors.Is(err, credentials.ErrDamaged):
		return credentials.Secret{}, err
	}
	secret, err := o.prompt.Secret(ctx, markProduction(s, "Client secret"), "--client-secret-stdin")
	if err == nil && secret == "" {
		err = usageError("", "the client secret is empty")
	}
	if err == nil && !o.printURL && o.notificationSecret(s).IsZero() {
		o.relay, err = o.prompt.Secret(ctx, markProduction(s, "Relay secret that signs webhooks (Enter: none, or as before)"), "--notification-secret-stdin")
	}
	return credentials.NewSecret(secret), err
}

// rememberProfile writes what later commands need to the config file. The grant
// of a profile that has one stays: it says which token is the main one.
func rememberProfile(ctx context.Context, cfg *config.Config, s config.Settings, clientID string) error {
	values := config.Profile{
		config.KeyEnvironment:     string(s.Environment),
		config.KeyAPI:             string(s.API),
		config.KeyClientID:        clientID,
		config.KeyCredentialStore: s.CredentialStore,
	}
	for key, value := range map[string]string{
		config.KeyScopes: strings.Join(s.Scopes, " "), config.KeyEnterpriseID: s.EnterpriseID, config.KeyRedirectURI: s.RedirectURI,
	} {
		if value != "" {
			values[key] = value
		}
	}
	if hosts, ok := config.HostsOf(s.Environment); !ok || hosts.API != s.APIURL || hosts.OAuth != s.OAuthURL {
		values[config.KeyAPIURL], values[config.KeyOAuthURL] = s.APIURL, s.OAuthURL
	}
	return cfg.Edit(ctx, func(e *config.Editor) error {
		if old, _ := cfg.Profile(s.Profile); old[config.KeyGrant] == "" || old[config.KeyClientID] != clientID {
			values[config.KeyGrant] = string(s.Grant)
		}
		return putProfile(cfg, e, s.Profile, values)
	})
}

// putProfile changes a profile, and chooses it where none is chosen.
func putProfile(cfg *config.Config, e *config.Editor, name string, values config.Profile) error {
	if err := e.PutProfile(name, values); err != nil || cfg.CurrentProfile() != "" {
		return err
	}
	return e.SetCurrent(name)
}

func (o loginOptions) report(ctx context.Context, cfg *config.Config, profile string, token credentials.Token) error {
	s, err := cfg.Resolve(profile)
	if err != nil {
		return err
	}
	if o.Machine() {
		status, err := newStatus(ctx, s, o.stored(s), o.Now())
		if err != nil {
			return err
		}
		return terminal.PrintOne(o.Printer, status, statusColumns)
	}
	o.Note("logged in: profile %s, %s, client %s", profile, s.Environment, s.ClientID)
	o.Note("scopes: %s", strings.Join(token.Scopes, " "))
	o.Note("secrets are in the %s", storeNames[s.CredentialStore])
	for _, variable := range []string{"GOBIZ_ACCESS_TOKEN", "GOBIZ_CLIENT_SECRET"} {
		if o.Getenv(variable) != "" {
			o.Note("%s in the environment comes before this profile: unset it to use the login", variable)
		}
	}
	return nil
}

var storeNames = map[string]string{
	credentials.KindKeyring: "system's keyring",
	credentials.KindFile:    "encrypted file",
}
