package config

import (
	"slices"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// Keys of the settings.
const (
	KeyProfile               = "profile"
	KeyConfig                = "config"
	KeyStateDir              = "state_dir"
	KeyEnvironment           = "environment"
	KeyAPI                   = "api"
	KeyAPIURL                = "api_url"
	KeyOAuthURL              = "oauth_url"
	KeyGrant                 = "grant"
	KeyClientID              = "client_id"
	KeyClientSecret          = "client_secret"
	KeyScopes                = "scopes"
	KeyAccessToken           = "access_token"
	KeyNotificationSecret    = "notification_secret"
	KeyEnterpriseID          = "enterprise_id"
	KeyRedirectURI           = "redirect_uri"
	KeyClientAuth            = "client_auth"
	KeyCredentialStore       = "credential_store"
	KeyCredentialsPassphrase = "credentials_passphrase"
	KeyNoInput               = "no_input"
	KeyNoColor               = "no_color"
	KeyCI                    = "ci"
)

// Setting declares one setting: everything that reads, documents or completes
// settings derives from Declared.
type Setting struct {
	// Key names the setting in the file and in Settings.Origin.
	Key string
	// Flag is the long flag without dashes, or empty.
	Flag string
	// Env is the environment variable, or empty.
	Env string
	// Default is the value of a setting that nothing sets.
	Default string
	// Values are the allowed values, if they are limited.
	Values []string
	// InProfile says that a profile in the file may hold the key.
	InProfile bool
	// List says that the value is a list: a sequence in the file, separated by spaces
	// elsewhere.
	List bool
	// Secret says that the value is never shown, stored in the file or given as a flag.
	Secret bool
	// Usage says in one line what it is.
	Usage string
}

var declared = []Setting{
	{Key: KeyProfile, Flag: "profile", Env: "GOBIZ_PROFILE", Usage: "profile to use"},
	{Key: KeyConfig, Flag: "config", Env: "GOBIZ_CONFIG", Usage: "configuration file"},
	{Key: KeyStateDir, Env: "GOBIZ_STATE_DIR", Usage: "folder of snapshots, audit log, captures and locks"},
	{
		Key: KeyEnvironment, Flag: "env", Env: "GOBIZ_ENV", Default: string(Sandbox), InProfile: true,
		Values: []string{string(Sandbox), string(Production), string(Local), string(Custom)},
		Usage:  "pair of hosts to talk to",
	},
	{
		Key: KeyAPI, Flag: "api", Env: "GOBIZ_API", Default: string(Partner), InProfile: true,
		Values: []string{string(Partner), string(Enterprise)},
		Usage:  "partner API, or the legacy Enterprise Integration Middleware",
	},
	{Key: KeyAPIURL, Env: "GOBIZ_API_URL", InProfile: true, Usage: "base URL of the API, for the environment custom"},
	{Key: KeyOAuthURL, Env: "GOBIZ_OAUTH_URL", InProfile: true, Usage: "base URL of the login server, for the environment custom"},
	{
		Key: KeyGrant, Flag: "grant", Default: string(auth.GrantClientCredentials), InProfile: true,
		Values: []string{string(auth.GrantClientCredentials), string(auth.GrantAuthorizationCode)},
		Usage:  "how to log in: as the partner's server, or for a merchant",
	},
	{Key: KeyClientID, Flag: "client-id", Env: "GOBIZ_CLIENT_ID", InProfile: true, Usage: "OAuth client id (App ID)"},
	{Key: KeyClientSecret, Env: "GOBIZ_CLIENT_SECRET", Secret: true, Usage: "OAuth client secret; with it nothing is stored"},
	{Key: KeyScopes, Flag: "scope", Env: "GOBIZ_SCOPES", InProfile: true, List: true, Usage: "OAuth scopes to ask for"},
	{Key: KeyAccessToken, Env: "GOBIZ_ACCESS_TOKEN", Secret: true, Usage: "access token to use as it is, without refresh"},
	{Key: KeyNotificationSecret, Env: "GOBIZ_NOTIFICATION_SECRET", Secret: true, Usage: "relay secrets that sign webhooks, separated by commas while rotating"},
	{Key: KeyEnterpriseID, Flag: "enterprise", InProfile: true, Usage: "enterprise id of the legacy API"},
	{Key: KeyRedirectURI, Flag: "redirect-uri", InProfile: true, Usage: "redirect URI registered for the merchant login"},
	{
		Key: KeyClientAuth, InProfile: true, Values: []string{"basic", "post"},
		Usage: "how the client secret is sent, where the login server takes one way only: basic or post",
	},
	{
		Key: KeyCredentialStore, Flag: "credential-store", Env: "GOBIZ_CREDENTIAL_STORE", Default: credentials.KindKeyring, InProfile: true,
		Values: credentials.Kinds(),
		Usage:  "where secrets rest: the system's keyring or an encrypted file",
	},
	{Key: KeyCredentialsPassphrase, Env: "GOBIZ_CREDENTIALS_PASSPHRASE", Secret: true, Usage: "passphrase of the encrypted file"},
	{Key: KeyNoInput, Flag: "no-input", Env: "GOBIZ_NO_INPUT", Usage: "never prompt; false, 0, no and off count as unset"},
	{Key: KeyNoColor, Flag: "no-color", Env: "NO_COLOR", Usage: "no colours"},
	{Key: KeyCI, Env: "CI", Usage: "set by CI systems; never prompt, as GOBIZ_NO_INPUT"},
}

// Declared lists every setting, in the order of the documentation.
func Declared() []Setting { return slices.Clone(declared) }

func settingOf(key string) (Setting, bool) {
	for _, s := range declared {
		if s.Key == key {
			return s, true
		}
	}
	return Setting{}, false
}

// profileKeys lists the keys that a profile may hold, in the order in which they are written.
func profileKeys() []string {
	var keys []string
	for _, s := range declared {
		if s.InProfile {
			keys = append(keys, s.Key)
		}
	}
	return keys
}
