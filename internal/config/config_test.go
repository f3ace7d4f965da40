package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/auth"
)

// env makes a Getenv of pairs, with a home that is empty.
func env(t *testing.T, pairs ...string) func(string) string {
	t.Helper()
	m := map[string]string{"HOME": t.TempDir()}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func writeConfig(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, opts config.Options) *config.Config {
	t.Helper()
	if opts.Getenv == nil {
		opts.Getenv = env(t)
	}
	c, err := config.Load(opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func resolve(t *testing.T, opts config.Options) config.Settings {
	t.Helper()
	s, err := load(t, opts).Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const jakarta = `current_profile: jakarta
profiles:
  jakarta:
    environment: production
    grant: authorization_code
    client_id: my-app
    scopes: [gofood:catalog:read, gofood:catalog:write]
  EIM.Chain:
    api: enterprise
    environment: custom
    api_url: https://eim.example.com/
    oauth_url: https://login.example.com
`

func TestNothingSetUp(t *testing.T) {
	s := resolve(t, config.Options{})
	if s.Profile != "" || s.Environment != config.Sandbox || s.Grant != auth.GrantClientCredentials || s.API != config.Partner || s.CredentialStore != "keyring" {
		t.Errorf("defaults are %+v", s)
	}
	if s.APIURL != "https://api.partner-sandbox.gobiz.co.id" || s.OAuthURL != "https://integration-goauth.gojekapi.com" {
		t.Errorf("hosts are %s and %s", s.APIURL, s.OAuthURL)
	}
	if s.IsProduction() {
		t.Error("the default is production")
	}
}

func TestProfileOfTheFile(t *testing.T) {
	path := writeConfig(t, jakarta)
	s := resolve(t, config.Options{Path: path})
	if s.Profile != "jakarta" || s.Environment != config.Production || s.Grant != auth.GrantAuthorizationCode || s.ClientID != "my-app" {
		t.Errorf("got %+v", s)
	}
	if got := strings.Join(s.Scopes, ","); got != "gofood:catalog:read,gofood:catalog:write" {
		t.Errorf("scopes are %s", got)
	}
	if !s.IsProduction() {
		t.Error("not recognised as production")
	}
	if got := s.Origin(config.KeyClientID).String(); got != path+":6" {
		t.Errorf("client id comes from %s", got)
	}
	c := load(t, config.Options{Path: path})
	if got := strings.Join(c.Profiles(), ","); got != "EIM.Chain,jakarta" {
		t.Errorf("profiles are %s: case and dots must stay", got)
	}
	s, err := c.Resolve("EIM.Chain")
	if err != nil {
		t.Fatal(err)
	}
	if s.APIURL != "https://eim.example.com" || s.API != config.Enterprise {
		t.Errorf("got %+v", s)
	}
}

func TestLayers(t *testing.T) {
	path := writeConfig(t, jakarta)
	for _, tt := range []struct {
		name       string
		env        []string
		flags      map[string]string
		want       string
		wantSource string
	}{
		{name: "profile", want: "my-app", wantSource: path + ":6"},
		{name: "environment beats profile", env: []string{"GOBIZ_CLIENT_ID", "from-env"}, want: "from-env", wantSource: "GOBIZ_CLIENT_ID"},
		{name: "flag beats environment", env: []string{"GOBIZ_CLIENT_ID", "from-env"}, flags: map[string]string{"client_id": "from-flag"}, want: "from-flag", wantSource: "--client-id"},
		{name: "empty variable counts as unset", env: []string{"GOBIZ_CLIENT_ID", ""}, want: "my-app", wantSource: path + ":6"},
		{name: "blank variable counts as unset", env: []string{"GOBIZ_CLIENT_ID", "  "}, want: "my-app", wantSource: path + ":6"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := resolve(t, config.Options{Path: path, Getenv: env(t, tt.env...), Flags: tt.flags})
			if s.ClientID != tt.want || s.Origin(config.KeyClientID).String() != tt.wantSource {
				t.Errorf("got %s from %s, want %s from %s", s.ClientID, s.Origin(config.KeyClientID), tt.want, tt.wantSource)
			}
		})
	}
	s := resolve(t, config.Options{Path: path, Getenv: env(t, "GOBIZ_SCOPES", " a:b  c:d ")})
	if got := strings.Join(s.Scopes, "|"); got != "a:b|c:d" {
		t.Errorf("GOBIZ_SCOPES gives %q", got)
	}
	s = resolve(t, config.Options{Path: path, Flags: map[string]string{"grant": "client-credentials"}})
	if s.Grant != auth.GrantClientCredentials {
		t.Errorf("--grant client-credentials gives %q", s.Grant)
	}
}

func TestWhichProfile(t *testing.T) {
	path := writeConfig(t, "current_profile: a\nprofiles: {a: {}, b: {}, c: {}, d: {}}\n")
	shop := t.TempDir()
	if err := os.WriteFile(filepath.Join(shop, ".gobiz.yaml"), []byte("profile: b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	menus := filepath.Join(shop, "menus", "2026")
	if err := os.MkdirAll(menus, 0o700); err != nil {
		t.Fatal(err)
	}
	credentials := []string{"GOBIZ_CLIENT_ID", "id", "GOBIZ_CLIENT_SECRET", "s3cret"}
	for _, tt := range []struct {
		name  string
		dir   string
		env   []string
		flags map[string]string
		want  string
	}{
		{name: "current", want: "a"},
		{name: "directory beats current", dir: menus, want: "b"},
		{name: "environment beats directory", dir: menus, env: []string{"GOBIZ_PROFILE", "c"}, want: "c"},
		{name: "flag beats environment", dir: menus, env: []string{"GOBIZ_PROFILE", "c"}, flags: map[string]string{"profile": "d"}, want: "d"},
		{name: "credentials of the environment keep the profile's hosts", env: credentials, want: "a"},
		{name: "credentials and hosts of the environment need no profile", dir: menus, env: append(credentials, "GOBIZ_ENV", "local"), want: ""},
		{name: "a token too", env: []string{"GOBIZ_ACCESS_TOKEN", "t", "GOBIZ_ENV", "local"}, want: ""},
		{name: "a named profile still counts", env: append(credentials, "GOBIZ_ENV", "local", "GOBIZ_PROFILE", "c"), want: "c"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := resolve(t, config.Options{Path: path, WorkDir: tt.dir, Getenv: env(t, tt.env...), Flags: tt.flags})
			if s.Profile != tt.want {
				t.Errorf("profile is %q, want %q (from %s)", s.Profile, tt.want, s.Origin(config.KeyProfile))
			}
		})
	}
}

func TestUnknownProfile(t *testing.T) {
	c := load(t, config.Options{Path: writeConfig(t, jakarta), Getenv: env(t, "GOBIZ_PROFILE", "bandung")})
	_, err := c.Resolve("")
	var unknown *config.UnknownProfileError
	if !errors.As(err, &unknown) || !errors.Is(err, config.ErrInvalid) {
		t.Fatalf("got %v", err)
	}
	if got := err.Error(); got != `no profile named "bandung" (from GOBIZ_PROFILE)` {
		t.Errorf("text is %s", got)
	}
	if got := unknown.Advice(); got != "profiles: EIM.Chain, jakarta" {
		t.Errorf("advice is %s", got)
	}
	s, err := c.ResolveNew("")
	if err != nil || s.Profile != "bandung" {
		t.Errorf("a new profile gives %+v, %v", s, err)
	}
	if _, err := c.ResolveNew("-rf"); !errors.Is(err, config.ErrInvalid) {
		t.Errorf("name -rf gives %v", err)
	}
}

func TestHosts(t *testing.T) {
	const (
		sandboxAPI, sandboxOAuth       = "https://api.partner-sandbox.gobiz.co.id", "https://integration-goauth.gojekapi.com"
		productionAPI, productionOAuth = "https://api.gobiz.co.id", "https://accounts.go-jek.com"
		localURL                       = "http://127.0.0.1:8765"
		chainAPI, chainOAuth           = "https://eim.example.com/v1", "https://login.example.com"
	)
	for _, tt := range []struct {
		name    string
		profile string
		env     []string
		// environment, API, OAuth; or the text of the error
		want []string
		err  string
	}{
		{name: "production", profile: "environment: production", want: []string{"production", productionAPI, productionOAuth}},
		{name: "local", profile: "environment: local", want: []string{"local", localURL, localURL}},
		{name: "local on another port", env: []string{"GOBIZ_ENV", "local", "GOBIZ_API_URL", "http://127.0.0.1:9000/", "GOBIZ_OAUTH_URL", "http://[::1]:9000"}, want: []string{"local", "http://127.0.0.1:9000", "http://[::1]:9000"}},
		{name: "custom", profile: "environment: custom\n    api_url: " + chainAPI + "/\n    oauth_url: HTTPS://Login.Example.com:443", want: []string{"custom", chainAPI, chainOAuth}},
		{name: "older sandbox host", profile: "environment: sandbox\n    api_url: https://api.sandbox.gobiz.co.id", want: []string{"sandbox", "https://api.sandbox.gobiz.co.id", sandboxOAuth}},
		{name: "variable hides the profile's own URLs", profile: "environment: custom\n    api_url: " + chainAPI + "\n    oauth_url: " + chainOAuth, env: []string{"GOBIZ_ENV", "sandbox"}, want: []string{"sandbox", sandboxAPI, sandboxOAuth}},
		{name: "a pair of variables says its environment", profile: "environment: sandbox", env: []string{"GOBIZ_API_URL", productionAPI, "GOBIZ_OAUTH_URL", productionOAuth}, want: []string{"production", productionAPI, productionOAuth}},
		{name: "one known URL says its environment", env: []string{"GOBIZ_API_URL", productionAPI}, want: []string{"production", productionAPI, productionOAuth}},
		{name: "legacy API has its own host", profile: "api: enterprise\n    environment: sandbox\n    api_url: " + chainAPI, want: []string{"sandbox", chainAPI, sandboxOAuth}},
		{name: "legacy API without host", profile: "api: enterprise", want: []string{"sandbox", "", sandboxOAuth}},
		{name: "legacy API on this machine", env: []string{"GOBIZ_API", "enterprise", "GOBIZ_ENV", "local"}, want: []string{"local", localURL, localURL}},

		{name: "mixed in custom", profile: "environment: custom\n    api_url: " + productionAPI + "\n    oauth_url: " + sandboxOAuth, err: "mixes environments: the login server " + sandboxOAuth + " is sandbox, the API " + productionAPI + " is production"},
		{name: "mixed by one URL of the profile", profile: "environment: sandbox\n    api_url: " + productionAPI, err: "mixes environments"},
		{name: "mixed in spite of spelling", profile: "environment: sandbox\n    api_url: HTTPS://API.GoBiz.co.id.:443/", err: "mixes environments"},
		{name: "mixed with this machine", profile: "environment: custom\n    api_url: http://localhost:1\n    oauth_url: " + productionOAuth, err: "mixes environments"},
		{name: "mixed by a variable", profile: "environment: sandbox", env: []string{"GOBIZ_API_URL", productionAPI}, err: "mixes environments"},
		{name: "mixed variables", env: []string{"GOBIZ_API_URL", productionAPI, "GOBIZ_OAUTH_URL", sandboxOAuth}, err: "mix"},
		{name: "mixed legacy", profile: "api: enterprise\n    environment: sandbox\n    api_url: " + productionAPI, err: "mixes environments"},
		{name: "wrong name for the pair", profile: "environment: sandbox\n    api_url: " + productionAPI + "\n    oauth_url: " + productionOAuth, err: "it is sandbox, but its hosts " + productionOAuth + " and " + productionAPI + " are production"},
		{name: "mixed profile behind a variable", profile: "environment: sandbox\n    api_url: " + productionAPI, env: []string{"GOBIZ_ENV", "local"}, err: "mixes environments"},
		{name: "unknown host in the sandbox", profile: "environment: sandbox\n    api_url: " + chainAPI, err: "is no host of the environment sandbox"},
		{name: "custom without URLs", env: []string{"GOBIZ_ENV", "custom"}, err: "oauth_url: the environment custom needs a URL here"},
		{name: "plain http elsewhere", env: []string{"GOBIZ_ENV", "custom", "GOBIZ_API_URL", "http://api.example.com", "GOBIZ_OAUTH_URL", chainOAuth}, err: "GOBIZ_API_URL: \"http://api.example.com\" is not allowed: plain http is allowed on loopback only"},
		{name: "no such environment", env: []string{"GOBIZ_ENV", "staging"}, err: `GOBIZ_ENV: "staging" is not one of sandbox, production, local, custom`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := config.Options{Getenv: env(t, tt.env...)}
			if tt.profile != "" {
				opts.Path = writeConfig(t, "current_profile: p\nprofiles:\n  p:\n    "+tt.profile+"\n")
			}
			s, err := load(t, opts).Resolve("")
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || !errors.Is(err, config.ErrInvalid) {
					t.Fatalf("got %+v and error %v, want an error with %q", s, err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := []string{string(s.Environment), s.APIURL, s.OAuthURL}
			if strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestProductionByAnyName(t *testing.T) {
	s := resolve(t, config.Options{Getenv: env(t, "GOBIZ_ENV", "custom", "GOBIZ_API_URL", "https://api.gobiz.co.id", "GOBIZ_OAUTH_URL", "https://accounts.go-jek.com")})
	if !s.IsProduction() {
		t.Error("production hosts under the name custom are not production")
	}
}

func TestFileMistakes(t *testing.T) {
	for _, tt := range []struct{ name, content, want, advice string }{
		{"unknown key", "profiles:\n  a:\n    environmemt: sandbox\n", ":3:5: unknown key", "did you mean environment?"},
		{"unknown top key", "profile: a\n", ":1:1: unknown key", "did you mean profiles?"},
		{"secret", "profiles:\n  a:\n    client_secret: hunter2\n", ":3:5: client_secret does not belong into this file", "GOBIZ_CLIENT_SECRET"},
		{"value", "profiles:\n  a:\n    grant: password\n", `:3:12: grant: the value is not one of`, ""},
		{"twice", "profiles:\n  a:\n    api: partner\n    api: enterprise\n", ":4:5: the key that stands here stands on line 3 too", ""},
		{"profile twice", "profiles:\n  a: {}\n  a: {}\n", ":3:3: the key that stands here stands on line 2 too", ""},
		{"syntax", "profiles:\n  a: [\n", ": not valid YAML", "correct the file"},
		{"secret key", "hunter2: x\n", ":1:1: unknown key", ""},
		{"secret key twice", "profiles:\n  hunter2: {}\n  hunter2: {}\n", ":3:3: the key", ""},
		{"secret value", "profiles:\n  a:\n    environment: hunter2\n", "environment: the value is not one of", ""},
		{"secret URL", "profiles:\n  a:\n    api_url: hunter2\n", "api_url: the value is not a URL", ""},
		{"secret in broken YAML", "client_secret hunter2\n\tx: *hunter2 [\n", ": not valid YAML", ""},
		{"secret anchor", "a: *hunter2\n", ": not valid YAML", ""},
		{"list", "- a\n", ":1:1: expected keys and values", ""},
		{"nested value", "profiles:\n  a:\n    client_id: {x: 1}\n", ":3:16: client_id: expected one value", ""},
		{"bad name", "profiles:\n  'a b': {}\n", `:2:3: the value is not a profile name`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := writeConfig(t, tt.content)
			_, err := config.Load(config.Options{Path: path, Getenv: env(t)})
			var mistake *config.FileError
			if !errors.As(err, &mistake) || !errors.Is(err, config.ErrInvalid) {
				t.Fatalf("got %v", err)
			}
			if !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("text is %q, want %q", err, tt.want)
			}
			if !strings.Contains(mistake.Advice(), tt.advice) {
				t.Errorf("advice is %q, want %q", mistake.Advice(), tt.advice)
			}
			if strings.Contains(err.Error()+mistake.Advice(), "hunter2") {
				t.Error("the error shows a secret")
			}
		})
	}
	if _, err := config.Load(config.Options{Path: t.TempDir(), Getenv: env(t)}); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("a directory gives %v", err)
	}
}

func TestDirectories(t *testing.T) {
	for _, tt := range []struct {
		goos         string
		env          map[string]string
		config, data string
	}{
		{"linux", map[string]string{"HOME": "/home/a"}, "/home/a/.config/gobiz/config.yaml", "/home/a/.local/state/gobiz"},
		{"linux", map[string]string{"HOME": "/home/a", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"}, "/c/gobiz/config.yaml", "/s/gobiz"},
		{"linux", map[string]string{"HOME": "/home/a", "XDG_CONFIG_HOME": "relative"}, "/home/a/.config/gobiz/config.yaml", "/home/a/.local/state/gobiz"},
		{"darwin", map[string]string{"HOME": "/Users/a"}, "/Users/a/Library/Application Support/gobiz/config.yaml", "/Users/a/Library/Application Support/gobiz"},
		{"linux", map[string]string{"GOBIZ_CONFIG": "/x.yaml", "GOBIZ_STATE_DIR": "/y"}, "/x.yaml", "/y"},
	} {
		c, err := config.Load(config.Options{GOOS: tt.goos, Getenv: func(name string) string { return tt.env[name] }})
		if err != nil {
			t.Errorf("%v: %v", tt.env, err)
			continue
		}
		if filepath.ToSlash(c.Path()) != tt.config || filepath.ToSlash(c.StateDir()) != tt.data {
			t.Errorf("%s %v: got %s and %s", tt.goos, tt.env, c.Path(), c.StateDir())
		}
	}
}

// Credentials in the environment need no folder; what does need one says so, and
// nothing is written to the working directory instead.
func TestNoHome(t *testing.T) {
	env := map[string]string{"GOBIZ_ENV": "local", "GOBIZ_CLIENT_ID": "my-app", "GOBIZ_CLIENT_SECRET": "made-up"}
	c, err := config.Load(config.Options{GOOS: "linux", Getenv: func(name string) string { return env[name] }})
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Resolve("")
	if err != nil || s.ClientID != "my-app" || s.Environment != config.Local {
		t.Errorf("%+v, %v", s, err)
	}
	if err := s.RequireStateDir(); !errors.Is(err, config.ErrInvalid) {
		t.Errorf("state folder without HOME: %v", err)
	}
	if err := c.Edit(t.Context(), func(e *config.Editor) error { return e.SetCurrent("x") }); !errors.Is(err, config.ErrInvalid) {
		t.Errorf("config file without HOME: %v", err)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	s := resolve(t, config.Options{Getenv: env(t, "GOBIZ_CLIENT_SECRET", "hunter2", "GOBIZ_ACCESS_TOKEN", "hunter2",
		"GOBIZ_NOTIFICATION_SECRET", "one, two", "GOBIZ_CREDENTIALS_PASSPHRASE", "hunter2")})
	if s.ClientSecret() != "hunter2" || s.AccessToken() != "hunter2" || s.Passphrase() != "hunter2" {
		t.Fatal("the secrets of the environment are not read")
	}
	if got := strings.Join(s.NotificationSecrets(), "|"); got != "one|two" {
		t.Errorf("relay secrets are %q", got)
	}
	for _, format := range []string{"%v", "%+v", "%#v"} {
		if text := fmt.Sprintf(format, s); strings.Contains(text, "hunter2") {
			t.Errorf("%s shows a secret", format)
		}
	}
}

func TestDeclared(t *testing.T) {
	seen := map[string]string{}
	for _, s := range config.Declared() {
		for kind, name := range map[string]string{"key": s.Key, "flag": s.Flag, "env": s.Env} {
			if name == "" {
				continue
			}
			if other, ok := seen[kind+name]; ok {
				t.Errorf("%s %s is declared by %s and %s", kind, name, other, s.Key)
			}
			seen[kind+name] = s.Key
		}
		if s.Usage == "" {
			t.Errorf("%s has no usage", s.Key)
		}
		if s.Secret && (s.Flag != "" || s.InProfile) {
			t.Errorf("%s is a secret and must not be a flag or stand in the file", s.Key)
		}
	}
}

// What chooses the profile of a folder is the user's own, and of this work.
func TestDirectoryFileThatIsNotRead(t *testing.T) {
	path := writeConfig(t, "current_profile: a\nprofiles: {a: {}, b: {}}\n")
	root := t.TempDir()
	work := filepath.Join(root, "repository", "menus")
	for _, dir := range []string{work, filepath.Join(root, "repository", ".git")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write := func(dir, content string) string {
		file := filepath.Join(dir, ".gobiz.yaml")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	above := write(root, "hunter2: [\n")
	selected := func(work string, pairs ...string) (string, []string) {
		c := load(t, config.Options{Path: path, WorkDir: work, Getenv: env(t, pairs...)})
		name, _ := c.Selected()
		return name, c.Skipped()
	}
	if name, skipped := selected(work); name != "a" || len(skipped) != 1 || skipped[0] != above+": it lies above the repository" {
		t.Errorf("above the repository: %s, %q", name, skipped)
	}
	elsewhere := filepath.Join(root, "home", "menus")
	if err := os.MkdirAll(elsewhere, 0o700); err != nil {
		t.Fatal(err)
	}
	if name, skipped := selected(elsewhere, "HOME", filepath.Join(root, "home")); name != "a" || len(skipped) != 1 || skipped[0] != above+": it lies above the home directory" {
		t.Errorf("above the home directory: %s, %q", name, skipped)
	}
	own := write(filepath.Join(root, "repository"), "profile: b\n")
	if name, skipped := selected(work); name != "b" || len(skipped) != 0 {
		t.Errorf("at the repository's root: %s, %q", name, skipped)
	}
	if os.Geteuid() == 0 { // only root can give a file away
		if err := os.Chown(own, 12345, -1); err != nil {
			t.Fatal(err)
		}
		if name, skipped := selected(work); name != "a" || len(skipped) != 2 || skipped[0] != own+": it belongs to another user" {
			t.Errorf("of another user: %s, %q", name, skipped)
		}
	}
	// One that cannot be read stops only what needs it.
	write(work, "hunter2: [\n")
	_, err := config.Load(config.Options{Path: path, WorkDir: work, Getenv: env(t)})
	if !errors.Is(err, config.ErrInvalid) || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
	if name, _ := selected(work, "GOBIZ_PROFILE", "b"); name != "b" {
		t.Errorf("a profile that is named: %s", name)
	}
	write(work, "profile: hunter2 is a secret\n")
	_, err = config.Load(config.Options{Path: path, WorkDir: work, Getenv: env(t)})
	if !errors.Is(err, config.ErrInvalid) || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}
