package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/config"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/terminal"
)

type loginOptions struct {
	grant, environment, clientID, api, enterprise string
	store, redirectURI, locale                    string
	scopes                                        []string
	callbackPort                                  int
	secretStdin, noBrowser, promptLogin           bool
}

// merchantWait bounds how long login waits for the merchant: an unknown client
// never comes back.
const merchantWait = 10 * time.Minute

func newLoginCommand(f *Factory) *cobra.Command {
	var o loginOptions
	c := &cobra.Command{
		Use:   "login",
		Short: "Obtain and store credentials for a profile",
		Long: `Obtain and store credentials for a profile.

client-credentials is the login of your own server: menus, orders, subscriptions. authorization-code asks a merchant
for consent in a browser: token-info, link and unlink need it. A profile holds both at once, and each command takes
the one it needs.

Secrets rest in the operating system's keyring, or with --credential-store file in a file that is encrypted with a
passphrase. The client secret comes from a prompt, --client-secret-stdin or GOBIZ_CLIENT_SECRET, never from a flag.`,
		Example: example(
			"gobiz login --env sandbox --client-id my-app",
			"pass show gobiz/secret | gobiz login --env sandbox --client-id my-app --client-secret-stdin",
			"gobiz login --grant authorization-code",
			"gobiz login -p chain --api enterprise --enterprise 7b63bf24-2166-484f-8a05-daf295ae8baf",
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runLogin(c.Context(), f, o) },
	}
	flags := c.Flags()
	flags.StringVar(&o.grant, "grant", "", "client-credentials (default) or authorization-code")
	flags.StringVar(&o.environment, "env", "", "`environment`: sandbox, production, local or custom")
	flags.StringVar(&o.clientID, "client-id", "", "OAuth client `id` (App ID)")
	flags.BoolVar(&o.secretStdin, "client-secret-stdin", false, "read the client secret from stdin")
	flags.StringArrayVar(&o.scopes, "scope", nil, "scope to ask for, may be repeated (default: what the commands need)")
	flags.StringVar(&o.api, "api", "", "partner (default) or enterprise, the legacy API")
	flags.StringVar(&o.enterprise, "enterprise", "", "enterprise `id` of the legacy API")
	flags.StringVar(&o.store, "credential-store", "", "keyring (default) or file")
	flags.StringVar(&o.redirectURI, "redirect-uri", "", "redirect `URI` registered for the client")
	flags.IntVar(&o.callbackPort, "callback-port", 0, "port of the redirect URI on this machine")
	flags.BoolVar(&o.noBrowser, "no-browser", false, "print the login page's URL instead of opening it")
	flags.BoolVar(&o.promptLogin, "prompt-login", false, "show the login page also to a merchant who is logged in")
	flags.StringVar(&o.locale, "locale", "", "language of the login page: id or en")
	for flag, values := range map[string][]string{
		"grant": grantFlags, "env": {"sandbox", "production", "local", "custom"}, "api": {"partner", "enterprise"},
		"credential-store": credentials.Kinds(), "locale": {"id", "en"},
	} {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

func runLogin(ctx context.Context, f *Factory, o loginOptions) error {
	if o.locale != "" && o.locale != "id" && o.locale != "en" {
		return usageError("--locale id or --locale en", "unknown locale %q", o.locale)
	}
	for key, value := range map[string]string{
		config.KeyGrant: o.grant, config.KeyEnvironment: o.environment, config.KeyClientID: o.clientID,
		config.KeyAPI: o.api, config.KeyEnterpriseID: o.enterprise, config.KeyCredentialStore: o.store,
		config.KeyRedirectURI: o.redirectURI, config.KeyScopes: strings.Join(o.scopes, " "),
	} {
		f.override(key, value)
	}
	cfg, err := f.Config()
	if err != nil {
		return err
	}
	name, _ := cfg.Selected()
	if name == "" {
		name = "default"
	}
	s, err := cfg.ResolveNew(name)
	if err != nil {
		return err
	}
	store, err := f.store(s)
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
	endpoint, err := loginEndpoint(ctx, f, s, store, o)
	if err != nil {
		return err
	}
	login := auth.LoginOptions{Grant: s.Grant, Scopes: s.Scopes, API: s.API}
	if secrets := s.NotificationSecrets(); len(secrets) > 0 {
		login.NotificationSecret = credentials.NewSecret(strings.Join(secrets, ","))
	}
	if s.Grant == config.AuthorizationCode {
		if err := merchantLogin(ctx, f, s, endpoint, o, &login); err != nil {
			return err
		}
	}
	record, err := auth.Login(ctx, endpoint, login)
	if err != nil {
		return err
	}
	if err := auth.NewStored(s, f.authOptions(s)).Remember(ctx, record); err != nil {
		return err
	}
	if err := rememberProfile(cfg, s, endpoint.ClientID()); err != nil {
		return err
	}
	return reportLogin(ctx, f, cfg, name, record.Tokens[string(s.Grant)])
}

// loginEndpoint gathers client id and secret: flag or stdin, environment, what
// the profile's other login stored, prompt.
func loginEndpoint(ctx context.Context, f *Factory, s config.Settings, store credentials.Store, o loginOptions) (*auth.Endpoint, error) {
	prompt := f.Prompter()
	id := s.ClientID
	if id == "" {
		var err error
		if id, err = prompt.Line(ctx, "Client id (App ID)", "--client-id"); err != nil {
			return nil, err
		}
		if id == "" {
			return nil, usageError("pass --client-id", "the client id is empty")
		}
	}
	secret, err := clientSecret(ctx, f, s, store, id, o)
	if err != nil {
		return nil, err
	}
	return auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: s.OAuthURL, ClientID: id, ClientSecret: secret,
		HTTPClient: f.loginClient(), UserAgent: userAgent(), Now: f.Now,
	})
}

func clientSecret(ctx context.Context, f *Factory, s config.Settings, store credentials.Store, id string, o loginOptions) (credentials.Secret, error) {
	if o.secretStdin {
		secret, err := terminal.ReadSecret(f.Streams.In)
		if err != nil {
			return credentials.Secret{}, usageError("", "--client-secret-stdin: %v", err)
		}
		return credentials.NewSecret(secret), nil
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
	secret, err := f.Prompter().Secret(ctx, "Client secret", "--client-secret-stdin")
	if err == nil && secret == "" {
		err = usageError("", "the client secret is empty")
	}
	return credentials.NewSecret(secret), err
}

// merchantLogin has a merchant log in and consent, and leaves the code in
// login.
func merchantLogin(ctx context.Context, f *Factory, s config.Settings, endpoint *auth.Endpoint, o loginOptions, login *auth.LoginOptions) error {
	redirect, err := redirectURI(s, o)
	if err != nil {
		return err
	}
	scopes := auth.ScopesForGrant(s.Scopes, s.Grant)
	if len(scopes) == 0 {
		scopes = auth.DefaultScopes(s.API, s.Grant)
	}
	request := auth.AuthorizationRequest{RedirectURI: redirect, Scopes: scopes, Locale: o.locale, PromptLogin: o.promptLogin}
	if !auth.IsLoopbackRedirect(redirect) {
		return pastedLogin(ctx, f, endpoint.Authorize(request), login)
	}
	receiver, err := auth.NewReceiver(redirect)
	if errors.Is(err, auth.ErrPortInUse) {
		return usageError("choose another registered port with --callback-port", "%v", err)
	}
	if err != nil {
		return err
	}
	request.RedirectURI = receiver.RedirectURI()
	authorization := endpoint.Authorize(request)
	ctx, cancel := context.WithTimeoutCause(ctx, merchantWait, errNoAnswer)
	defer cancel()
	code, err := receiver.Wait(ctx, authorization, func() error {
		showLoginPage(f, authorization.URL, o.noBrowser)
		return nil
	})
	if errors.Is(err, errNoAnswer) {
		return &Error{Exit: exitAuth, Code: "login_timeout", Message: err.Error(), Hint: "check that client id and redirect URI are the registered ones, then start again", Err: err}
	}
	login.Code, login.RedirectURI, login.Verifier = code, authorization.RedirectURI, authorization.Verifier
	return err
}

var errNoAnswer = fmt.Errorf("no merchant came back from the login page within %v", merchantWait)

// showLoginPage opens the page, and prints its URL in any case: the browser may
// be on another machine.
func showLoginPage(f *Factory, page string, noBrowser bool) {
	if noBrowser || f.OpenURL(page) != nil {
		f.note("open this page on this machine and log in as the merchant:")
	} else {
		f.note("a browser opens for the merchant to log in; if it does not, open this page:")
	}
	fmt.Fprintf(f.Streams.Err, "\n  %s\n\n", page)
}

// pastedLogin serves a redirect URI that is a page of the partner's own: the
// user pastes where the browser ended up.
func pastedLogin(ctx context.Context, f *Factory, a *auth.Authorization, login *auth.LoginOptions) error {
	f.note("open this page and log in as the merchant:")
	fmt.Fprintf(f.Streams.Err, "\n  %s\n\n", a.URL)
	pasted, err := f.Prompter().Line(ctx, "Paste the URL that the browser ends up at, within two minutes", "a redirect URI on this machine with --redirect-uri")
	if err != nil {
		return err
	}
	answer, err := auth.ParseCallback(pasted)
	if err != nil {
		return usageError("copy the whole address from the browser", "%v", err)
	}
	code, err := a.Code(answer)
	login.Code, login.RedirectURI, login.Verifier = code, a.RedirectURI, a.Verifier
	return err
}

// redirectURI is the profile's, with the port of --callback-port. The sandbox
// on this machine takes any loopback port.
func redirectURI(s config.Settings, o loginOptions) (string, error) {
	redirect := s.RedirectURI
	if redirect == "" && (s.Environment == config.Local || o.callbackPort != 0) {
		redirect = "http://127.0.0.1:0/callback"
	}
	if redirect == "" {
		return "", usageError("pass --redirect-uri with one that is registered for your client, such as http://127.0.0.1:8400/callback",
			"a merchant login needs a redirect URI")
	}
	u, err := url.Parse(redirect)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "", usageError("", "redirect URI %q is not a complete URL", redirect)
	}
	if o.callbackPort != 0 {
		u.Host = u.Hostname() + ":" + strconv.Itoa(o.callbackPort)
		redirect = u.String()
	}
	return redirect, nil
}

// rememberProfile writes what later commands need to the config file. The grant
// of a profile that has one stays: it says which token is the main one.
func rememberProfile(cfg *config.Config, s config.Settings, clientID string) error {
	old, existed := cfg.Profile(s.Profile)
	values := config.Profile{
		config.KeyEnvironment:     string(s.Environment),
		config.KeyAPI:             string(s.API),
		config.KeyGrant:           cmp.Or(old[config.KeyGrant], string(s.Grant)),
		config.KeyClientID:        clientID,
		config.KeyCredentialStore: s.CredentialStore,
	}
	if existed && old[config.KeyClientID] != clientID {
		values[config.KeyGrant] = string(s.Grant)
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
	return cfg.Edit(func(e *config.Editor) error {
		if err := e.PutProfile(s.Profile, values); err != nil {
			return err
		}
		if cfg.CurrentProfile() == "" {
			return e.SetCurrent(s.Profile)
		}
		return nil
	})
}

func reportLogin(ctx context.Context, f *Factory, cfg *config.Config, profile string, token credentials.Token) error {
	s, err := cfg.Resolve(profile)
	if err != nil {
		return err
	}
	p, err := f.Printer()
	if err != nil {
		return err
	}
	if p.Machine() {
		status, err := newStatus(ctx, f, s, auth.NewStored(s, f.authOptions(s)))
		if err != nil {
			return err
		}
		return terminal.PrintOne(p, status, statusColumns)
	}
	p.Note("logged in: profile %s, %s, client %s", profile, s.Environment, s.ClientID)
	p.Note("scopes: %s", strings.Join(token.Scopes, " "))
	p.Note("secrets are in the %s", storeNames[s.CredentialStore])
	if s.AccessToken() != "" || s.ClientSecret() != "" {
		p.Note("the credentials in the environment come before this profile; unset GOBIZ_ACCESS_TOKEN and GOBIZ_CLIENT_SECRET to use it")
	}
	return nil
}

var storeNames = map[string]string{
	credentials.KindKeyring: "system's keyring",
	credentials.KindFile:    "encrypted file",
}
