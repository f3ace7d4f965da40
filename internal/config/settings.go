package config

import (
	"fmt"
	"strings"

	"github.com/spf13/viper"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// Layer is where a value comes from, from weak to strong.
type Layer int

// The layers.
const (
	LayerDefault Layer = iota
	LayerProfile
	LayerDirectory
	LayerEnvironment
	LayerFlag
)

func (l Layer) String() string {
	return [...]string{"default", "profile", "directory", "environment", "flag"}[l]
}

// Origin tells where a value was set.
type Origin struct {
	Layer Layer
	// Detail is the flag, the variable, or the file with its line. Empty for a default.
	Detail string
}

func (o Origin) String() string {
	if o.Detail == "" {
		return o.Layer.String()
	}
	return o.Detail
}

// Settings are the values that one run works with.
type Settings struct {
	// Profile is empty when everything comes from the environment, or nothing is set up.
	Profile     string
	Environment Environment
	API         API
	// APIURL and OAuthURL are base URLs without a trailing slash. APIURL is empty
	// for the legacy API when none was given: no host of it was published.
	APIURL, OAuthURL string
	Grant            auth.Grant
	ClientID         string
	// Scopes is empty when nobody chose any.
	Scopes       []string
	EnterpriseID string
	// ClientAuth is "basic", "post", or empty for the way that each grant documents.
	ClientAuth      string
	RedirectURI     string
	CredentialStore string
	// StateDir is the folder of locks and of the encrypted credential file.
	StateDir string

	origins map[string]Origin
	// secret is a function so that printing Settings with %+v shows nothing.
	secret func(key string) string
}

// Origin says where the value of a setting was set.
func (s Settings) Origin(key string) Origin { return s.origins[key] }

// ClientSecret is the client secret of the environment, or empty.
func (s Settings) ClientSecret() string { return s.lookupSecret(KeyClientSecret) }

// AccessToken is the access token of the environment, or empty.
func (s Settings) AccessToken() string { return s.lookupSecret(KeyAccessToken) }

// NotificationSecrets are the relay secrets of the environment, in their order.
func (s Settings) NotificationSecrets() []string {
	return credentials.Record{NotificationSecret: credentials.NewSecret(s.lookupSecret(KeyNotificationSecret))}.NotificationSecrets()
}

// Passphrase is the passphrase of the encrypted credential file that the
// environment holds, or empty.
func (s Settings) Passphrase() string { return s.lookupSecret(KeyCredentialsPassphrase) }

func (s Settings) lookupSecret(key string) string {
	if s.secret == nil {
		return ""
	}
	return s.secret(key)
}

// IsProduction reports whether one of the hosts is a production host, whatever the
// environment is called.
func (s Settings) IsProduction() bool {
	return s.Environment == Production ||
		environmentOfURL(s.APIURL) == Production || environmentOfURL(s.OAuthURL) == Production
}

// RequireAPIURL is the error to give before a call when there is no API host. It is nil when there is one.
func (s Settings) RequireAPIURL() error {
	if s.APIURL != "" {
		return nil
	}
	return &ValueError{
		Key:     KeyAPIURL,
		Message: "the legacy API has no published host, and none is set",
		advice:  "set api_url in the profile, or GOBIZ_API_URL, to the host that GoBiz gave you",
	}
}

// RequireStateDir is the error to give before locks, credentials or snapshots
// are written when there is no folder for them. It is nil when there is one.
func (s Settings) RequireStateDir() error {
	if s.StateDir == "" {
		return errNoHome
	}
	return nil
}

// Resolve layers the settings of a profile; an empty name means the selected one.
// Errors are *UnknownProfileError, *MixedHostsError, *ValueError.
func (c *Config) Resolve(name string) (Settings, error) {
	return c.resolve(name, false)
}

// ResolveNew is Resolve for a profile that may not exist yet, as login needs it.
func (c *Config) ResolveNew(name string) (Settings, error) {
	return c.resolve(name, true)
}

func (c *Config) resolve(name string, mayBeNew bool) (Settings, error) {
	origin := Origin{Layer: LayerFlag}
	if name == "" {
		name, origin = c.Selected()
	}
	p, known := c.file.profiles[name]
	if name != "" && !known {
		if !mayBeNew {
			return Settings{}, &UnknownProfileError{Name: name, Origin: origin, Known: c.Profiles()}
		}
		if err := checkProfileName(name); err != nil {
			return Settings{}, &ValueError{Key: KeyProfile, Origin: origin, Message: err.Error()}
		}
	}
	if known {
		// A profile that mixes hosts is refused even if today's environment hides it.
		if err := c.checkProfile(name, p); err != nil {
			return Settings{}, err
		}
	}
	l, err := c.layer(p, c.flags, c.getenv)
	if err != nil {
		return Settings{}, err
	}
	hosts, err := l.hosts(name)
	if err != nil {
		return Settings{}, err
	}
	l.origins[KeyProfile] = origin
	return Settings{
		Profile:         name,
		Environment:     hosts.environment,
		API:             API(l.text(KeyAPI)),
		APIURL:          hosts.API,
		OAuthURL:        hosts.OAuth,
		Grant:           auth.Grant(l.text(KeyGrant)),
		ClientID:        l.text(KeyClientID),
		Scopes:          l.values.GetStringSlice(KeyScopes),
		EnterpriseID:    l.text(KeyEnterpriseID),
		RedirectURI:     l.text(KeyRedirectURI),
		ClientAuth:      l.text(KeyClientAuth),
		CredentialStore: l.text(KeyCredentialStore),
		StateDir:        c.stateDir,
		origins:         l.origins,
		secret: func(key string) string {
			setting, _ := settingOf(key)
			return strings.TrimSpace(c.getenv(setting.Env))
		},
	}, nil
}

// checkProfile judges a profile by itself, without environment and flags.
func (c *Config) checkProfile(name string, p profile) error {
	own, err := c.layer(p, nil, func(string) string { return "" })
	if err != nil {
		return err
	}
	_, err = own.hosts(name)
	return err
}

// layered holds the values of one run and where each was set.
type layered struct {
	values  *viper.Viper
	origins map[string]Origin
}

func (l layered) text(key string) string { return l.values.GetString(key) }

// layer stacks default, profile, environment and flags. Viper's own binding of variables
// reads the process's environment, so they come in as values.
func (c *Config) layer(p profile, flags map[string]string, getenv func(string) string) (layered, error) {
	l := layered{values: viper.New(), origins: map[string]Origin{}}
	fromFile, fromEnv := map[string]any{}, map[string]any{}
	for _, s := range declared {
		if !s.InProfile {
			continue
		}
		l.values.SetDefault(s.Key, s.Default)
		if v, ok := p.values[s.Key]; ok {
			fromFile[s.Key] = v.text
			l.origins[s.Key] = Origin{Layer: LayerProfile, Detail: fmt.Sprintf("%s:%d", c.path, v.line)}
		}
		if s.Env != "" {
			if text := strings.TrimSpace(getenv(s.Env)); text != "" {
				origin := Origin{Layer: LayerEnvironment, Detail: s.Env}
				text, err := checkValue(s, text)
				if err != nil {
					return l, &ValueError{Key: s.Key, Origin: origin, Message: err.Error()}
				}
				fromEnv[s.Key] = text
				l.origins[s.Key] = origin
			}
		}
		if text := strings.TrimSpace(flags[s.Key]); text != "" {
			origin := Origin{Layer: LayerFlag, Detail: "--" + s.Flag}
			text, err := checkValue(s, text)
			if err != nil {
				return l, &ValueError{Key: s.Key, Origin: origin, Message: err.Error()}
			}
			if err := l.values.BindFlagValue(s.Key, givenFlag{s.Flag, text}); err != nil {
				return l, err
			}
			l.origins[s.Key] = origin
		}
	}
	for _, values := range []map[string]any{fromFile, fromEnv} {
		if err := l.values.MergeConfigMap(values); err != nil {
			return l, err
		}
	}
	return l, nil
}

// givenFlag is a flag of the command line, without the flag library.
type givenFlag struct{ name, value string }

func (f givenFlag) HasChanged() bool    { return true }
func (f givenFlag) Name() string        { return f.name }
func (f givenFlag) ValueString() string { return f.value }
func (f givenFlag) ValueType() string   { return "string" }
