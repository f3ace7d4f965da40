// Package triage reads and concludes: checks that find out why something does
// not work, and say what to type next. They change nothing.
//
// Doctor looks at the set-up of a machine: settings, credentials, hosts, clock,
// token. What it looks at comes in as values and functions, so that it can be
// asked of any set-up.
package triage

import (
	"context"
	"net/http"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// Setup is what Doctor looks at. Everything but Version may be missing.
type Setup struct {
	// Version is the program's name and version.
	Version string
	// Empty says that nothing was ever set up: no profile, nothing in the
	// environment. Then the checks end with "profile".
	Empty bool

	// ConfigPath is the configuration file; empty when it is not known. ConfigErr
	// says why it cannot be read or understood. One that is not there is no error.
	ConfigPath string
	ConfigErr  error
	Profile    Profile
	// Settings are what the profile and the environment come to. SettingsErr says
	// why they are refused: hosts that are mixed, a wrong value.
	Settings    config.Settings
	SettingsErr error
	// StateDir is the folder of locks, snapshots and the encrypted credential file.
	StateDir string

	// Store keeps the secrets. Nil means that they come from the environment.
	Store credentials.Store
	// Logins lists what the stored or given credentials are good for, without a
	// call to a server. Its error means that there is no login that can be used.
	Logins func(context.Context) ([]Login, error)
	// Tokens are the access tokens of the profile.
	Tokens gobiz.TokenSource
	// Requirements are what the operations of the API need.
	Requirements []auth.Requirement
	// Commands are those that call each operation, such as "catalog push".
	Commands map[string][]string
	// RelaySecrets counts the relay secrets that are known, and says where they
	// come from.
	RelaySecrets func(context.Context) (n int, source string, err error)

	// Client calls the partner API. Nil for the legacy API.
	Client *gobiz.Client
	// Transport carries the requests that look at the hosts, through its Proxy.
	// Nil means http.DefaultTransport's settings.
	Transport *http.Transport
	// Getenv looks up variables, to say which ones to change. Nil means an empty
	// environment.
	Getenv func(string) string
	// UserAgent is sent to the hosts.
	UserAgent string

	// Advice says what to type next about an error. Nil means that nobody knows.
	Advice func(error) string
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	// GOOS selects commands and permissions of a platform. Empty means the
	// platform of the build.
	GOOS string
	// Timeout bounds each check of the network. Default 5 s. A refresh of a
	// merchant login that has begun is brought to its end all the same, since the
	// server may have taken the old refresh token. All checks together have six
	// times as long.
	Timeout time.Duration
}

// Profile is the choice of a profile.
type Profile struct {
	// Name is empty when there is none.
	Name string
	// Origin is where the choice was made: a flag, a variable, a file.
	Origin string
	// Known lists the profiles of the configuration file.
	Known []string
	// DirectoryFile is the .gobiz.yaml that was found, with the profile it names.
	// A stronger choice may hide it.
	DirectoryFile, DirectoryProfile string
	// Err says why the choice is none. DirectoryErr says that DirectoryFile is at
	// fault.
	Err          error
	DirectoryErr bool
}

// Login is one kind of token.
type Login struct {
	// Grant is empty for a token of which nothing is known.
	Grant auth.Grant
	// Main says that this is the profile's own grant.
	Main bool
	// Usable says that there is a token, or a way to get one.
	Usable bool
	// Renewable says that a new token comes without a person.
	Renewable bool
	// Lost says that the login ended while it was renewed.
	Lost bool
	// ExpiresAt is zero when there is no token yet, or its end is unknown.
	ExpiresAt time.Time
	// Scopes are those of the token, or those to ask for. Nil means unknown.
	Scopes []string
	// FromEnvironment says that the credentials are not stored.
	FromEnvironment bool
}

const defaultTimeout = 5 * time.Second

// Doctor runs all checks, those of the network at the same time, and gives
// their results in a fixed order. A check that needs a failed one is skipped and
// says so. It ends early only when ctx does.
func Doctor(ctx context.Context, setup Setup) []Result {
	d := newDoctor(setup)
	ctx, cancel := context.WithTimeout(ctx, 6*d.setup.Timeout)
	defer cancel()
	return run(ctx, d.checks(), d.setup.Timeout, d.setup.Now)
}

// doctor carries what one check finds and a later one needs. A field is written
// by one check and read by checks that wait for it.
type doctor struct {
	setup   Setup
	skews   [2]*skew            // by clock of the login host and of the API host
	usable  map[auth.Grant]bool // grants that gave a token
	lacking map[string]*lack    // operations that the token cannot do
}

func newDoctor(setup Setup) *doctor {
	setup.fillDefaults()
	return &doctor{setup: setup, usable: map[auth.Grant]bool{}, lacking: map[string]*lack{}}
}

func (d *doctor) checks() []check {
	checks := []check{
		{name: "version", run: d.version},
		{name: "config_file", run: d.configFile},
		{name: "profile", needs: []string{"config_file"}, login: d.setup.Empty, run: d.profile},
		{name: "environment", needs: []string{"profile"}, run: d.environment},
		{name: "state_folder", needs: []string{"config_file"}, run: d.stateFolder},
		{name: "credential_store", needs: []string{"environment"}, login: true, run: d.credentialStore},
		{name: "passphrase", needs: []string{"credential_store"}, login: true, run: d.passphrase},
		{name: "credentials", needs: []string{"passphrase"}, login: true, run: d.credentials},
		{name: "logins", needs: []string{"credentials"}, login: true, run: d.logins},
		{name: "proxy", needs: []string{"environment"}, run: d.proxy},
		{name: "login_host", needs: []string{"proxy"}, bounded: true, run: d.loginHost},
		{name: "api_host", needs: []string{"proxy"}, bounded: true, run: d.apiHost},
		{name: "clock", needs: []string{"environment"}, after: []string{"login_host", "api_host"}, run: d.clock},
		{name: "token", needs: []string{"credentials", "login_host"}, after: []string{"logins"}, login: true, bounded: true, run: d.token},
		{name: "scopes", needs: []string{"token"}, run: d.scopes},
		{name: "outlets", needs: []string{"token", "api_host"}, after: []string{"scopes"}, bounded: true, run: d.outlets},
		{name: "subscriptions", needs: []string{"token", "api_host"}, after: []string{"scopes"}, bounded: true, run: d.subscriptions},
		{name: "merchant", needs: []string{"token", "api_host"}, after: []string{"scopes"}, bounded: true, run: d.merchant},
		{name: "relay_secret", needs: []string{"passphrase"}, run: d.relaySecret},
	}
	if d.setup.Empty {
		return checks[:3]
	}
	return checks
}
