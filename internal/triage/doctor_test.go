package triage_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/triage"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// order is what a script may rely on.
var order = []string{
	"version", "config_file", "profile", "environment", "state_folder", "credential_store", "passphrase", "credentials", "logins",
	"proxy", "login_host", "api_host", "clock", "token", "scopes", "outlets", "subscriptions", "merchant", "relay_secret",
}

// advised is an error that says what to do.
type advised struct{ message, advice string }

func (e *advised) Error() string { return e.message }

func advice(err error) string {
	var a *advised
	var wrong *config.ValueError
	switch {
	case errors.As(err, &a):
		return a.advice
	case errors.As(err, &wrong):
		return wrong.Advice()
	}
	return ""
}

// keyring and encryptedFile are stores of which only what the doctor asks is there.
type keyring struct {
	credentials.Store
	probe func() error
}

func (*keyring) Name() string                  { return credentials.KindKeyring }
func (k *keyring) Probe(context.Context) error { return k.probe() }

type encryptedFile struct {
	credentials.Store
	path string
	err  error
}

func (*encryptedFile) Name() string   { return credentials.KindFile }
func (f *encryptedFile) Path() string { return f.path }
func (f *encryptedFile) Load(context.Context, string) (credentials.Record, error) {
	return credentials.Record{}, f.err
}

// tokens gives one token, or fails for some operations.
type tokens struct {
	token string
	fail  map[string]error
}

func (t *tokens) Token(_ context.Context, operation string) (string, error) {
	return t.token, t.fail[operation]
}

func (t *tokens) Reject(context.Context, string) {}

func logins(list ...triage.Login) func(context.Context) ([]triage.Login, error) {
	return func(context.Context) ([]triage.Login, error) { return list, nil }
}

var serverLogin = triage.Login{
	Grant: auth.GrantClientCredentials, Main: true, Usable: true, Renewable: true, FromEnvironment: true,
	Scopes: []string{"partner:outlet:read", "gofood:catalog:read", "gofood:catalog:write"},
}

var merchantLogin = triage.Login{
	Grant: auth.GrantAuthorizationCode, Usable: true, Renewable: true, Scopes: []string{"openid", "offline", "partner:outlet:read"},
}

// requirements are a few of the API's.
var requirements = []auth.Requirement{
	{Operation: "getTokenInfo", Grants: []auth.Grant{auth.GrantAuthorizationCode}, Scopes: []string{"partner:outlet:read"}},
	{Operation: "linkOutlet", Grants: []auth.Grant{auth.GrantAuthorizationCode}, Scopes: []string{"partner:outlet:read"}},
	{Operation: "listLinkedOutlets", Grants: []auth.Grant{auth.GrantClientCredentials, auth.GrantAuthorizationCode}, Scopes: []string{"partner:outlet:read"}},
	{Operation: "putCatalog", Grants: []auth.Grant{auth.GrantClientCredentials, auth.GrantAuthorizationCode}, Scopes: []string{"gofood:catalog:write"}},
	{Operation: "createPromo", Grants: []auth.Grant{auth.GrantClientCredentials}, Scopes: []string{"promo:food_promo:write"}},
	{Operation: "listNotifications", Grants: []auth.Grant{auth.GrantClientCredentials}},
}

var commands = map[string][]string{
	"getTokenInfo":      {"token-info"},
	"linkOutlet":        {"link"},
	"listLinkedOutlets": {"outlets list"},
	"putCatalog":        {"catalog push"},
}

// setup is a good set-up of credentials from the environment; change what a
// test is about.
func setup(t *testing.T, oauthURL, apiURL string) triage.Setup {
	t.Helper()
	dir := t.TempDir()
	s := triage.Setup{
		Advice:       advice,
		Version:      "gobiz 1.2.3",
		ConfigPath:   filepath.Join(dir, "gobiz", "config.yaml"),
		Settings:     config.Settings{Environment: config.Local, API: config.Partner, OAuthURL: oauthURL, APIURL: apiURL},
		StateDir:     filepath.Join(dir, "state"),
		Logins:       logins(serverLogin),
		Tokens:       &tokens{token: "canary-token"},
		Requirements: requirements,
		Commands:     commands,
		RelaySecrets: func(context.Context) (int, string, error) { return 1, "GOBIZ_NOTIFICATION_SECRET", nil },
		GOOS:         "linux",
	}
	if apiURL != "" {
		client, err := gobiz.New(gobiz.Options{BaseURL: apiURL, Tokens: s.Tokens, MaxAttempts: 1})
		if err != nil {
			t.Fatal(err)
		}
		s.Client = client
		t.Cleanup(client.CloseIdleConnections)
	}
	return s
}

// examine runs the doctor and holds what every run promises.
func examine(t *testing.T, s triage.Setup) map[string]triage.Result {
	t.Helper()
	results := triage.Doctor(t.Context(), s)
	byName := map[string]triage.Result{}
	var names []string
	for _, r := range results {
		names = append(names, r.Check)
		byName[r.Check] = r
		if r.Message == "" || strings.ContainsAny(r.Message, "\n\x1b") {
			t.Errorf("%s: message %q is not one line", r.Check, r.Message)
		}
		if strings.Contains(r.Message, "canary") || r.Fix != nil && strings.Contains(*r.Fix, "canary") {
			t.Errorf("%s shows a secret: %s", r.Check, r.Message)
		}
		if !slices.Contains([]triage.Status{triage.OK, triage.Warning, triage.Failed, triage.Skipped}, r.Status) {
			t.Errorf("%s: status %q", r.Check, r.Status)
		}
	}
	if !slices.Equal(names, order) {
		t.Errorf("the checks are %v, want %v", names, order)
	}
	return byName
}

// want holds one check to its status and to parts of what it says.
func want(t *testing.T, results map[string]triage.Result, check string, status triage.Status, message, fix string) {
	t.Helper()
	r := results[check]
	if r.Status != status || !strings.Contains(r.Message, message) {
		t.Errorf("%s is %s: %q; want %s: %q", check, r.Status, r.Message, status, message)
	}
	got := ""
	if r.Fix != nil {
		got = *r.Fix
	}
	if got != fix {
		t.Errorf("%s: the fix is %q, want %q", check, got, fix)
	}
}

// TestSandbox examines a set-up of real parts.
func TestSandbox(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Start(t.Context(), sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	info := server.Info()
	s := setup(t, info.OAuthURL, info.APIURL)
	endpoint, err := auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: info.OAuthURL, ClientID: info.ClientID, ClientSecret: credentials.NewSecret(info.ClientSecret),
	})
	if err != nil {
		t.Fatal(err)
	}
	source := auth.NewClientCredentials(endpoint, serverLogin.Scopes)
	s.Tokens = source
	if s.Client, err = gobiz.New(gobiz.Options{BaseURL: info.APIURL, Tokens: source}); err != nil {
		t.Fatal(err)
	}
	defer s.Client.CloseIdleConnections()
	got := examine(t, s)
	for _, check := range []string{"version", "config_file", "profile", "environment", "state_folder", "credentials", "proxy", "clock", "token", "scopes", "relay_secret"} {
		if got[check].Status != triage.OK {
			t.Errorf("%s is %s: %s", check, got[check].Status, got[check].Message)
		}
	}
	want(t, got, "login_host", triage.OK, "answers (405)", "")
	want(t, got, "api_host", triage.OK, "answers (401)", "")
	want(t, got, "outlets", triage.OK, "3 linked outlets", "")
	want(t, got, "merchant", triage.Skipped, "no merchant login", "")
	want(t, got, "credential_store", triage.Skipped, "the environment", "")
	want(t, got, "logins", triage.OK, "no merchant login, which token-info and link would need", "")
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	s := setup(t, "http://127.0.0.1:1", "http://127.0.0.1:1")
	s.Empty = true
	results := triage.Doctor(t.Context(), s)
	if len(results) != 3 {
		t.Fatalf("%d checks, want 3: a wall of failures is no beginning", len(results))
	}
	first, n := triage.FirstFailed(results)
	if n != 1 || first.Check != "profile" || !first.Login || first.Fix == nil {
		t.Errorf("%d failed, first %+v", n, first)
	}
}

// TestSkips follows one failure through everything that builds on it.
func TestSkips(t *testing.T) {
	t.Parallel()
	s := setup(t, "", "")
	s.ConfigErr = &advised{"config.yaml:3: unknown key \"clientid\"", "did you mean client_id?"}
	got := examine(t, s)
	want(t, got, "config_file", triage.Failed, `unknown key "clientid" (did you mean client_id?)`, "${EDITOR:-vi} "+s.ConfigPath)
	want(t, got, "version", triage.OK, "gobiz 1.2.3", "")
	for _, check := range order[2:] {
		// A check that only waits says what it saw; here all need the file.
		want(t, got, check, triage.Skipped, "not checked, because config_file failed", "")
	}
	if got["config_file"].Login {
		t.Error("a broken file is no failed login")
	}
}

func TestConfigFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no permission bits")
	}
	for _, test := range []struct {
		name         string
		folder, file fs.FileMode
		status       triage.Status
		message, fix string
	}{
		{"private", 0o700, 0o600, triage.OK, "is readable, 0 profiles", ""},
		{"readable for others", 0o700, 0o644, triage.Warning, "the file has mode 0644", "chmod 600 FILE"},
		{"open folder", 0o755, 0o600, triage.Warning, "the folder has mode 0755", "chmod 700 DIR"},
		{"both", 0o755, 0o640, triage.Warning, "the file has mode 0640, others can read it, the folder", "chmod 600 FILE && chmod 700 DIR"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, "", "")
			dir := filepath.Dir(s.ConfigPath)
			if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(s.ConfigPath, nil, 0o600),
				os.Chmod(s.ConfigPath, test.file), os.Chmod(dir, test.folder)); err != nil {
				t.Fatal(err)
			}
			fix := strings.NewReplacer("FILE", s.ConfigPath, "DIR", dir).Replace(test.fix)
			want(t, examine(t, s), "config_file", test.status, test.message, fix)
		})
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		profile triage.Profile
		status  triage.Status
		message string
		fix     string
	}{
		{"environment", triage.Profile{}, triage.OK, "none: environment variables", ""},
		{"none chosen", triage.Profile{Known: []string{"jakarta", "bali"}}, triage.Warning, "none is chosen of jakarta, bali", "gobiz profile use jakarta"},
		{"flag", triage.Profile{Name: "bali", Origin: "--profile"}, triage.OK, "bali, chosen by --profile", ""},
		{
			"hidden folder file", triage.Profile{Name: "bali", Origin: "GOBIZ_PROFILE", DirectoryFile: "/menus/.gobiz.yaml", DirectoryProfile: "jakarta"},
			triage.OK, `chosen by GOBIZ_PROFILE; /menus/.gobiz.yaml names "jakarta" and is not used`, "",
		},
		{
			"folder file", triage.Profile{Name: "jakarta", Origin: "/menus/.gobiz.yaml", DirectoryFile: "/menus/.gobiz.yaml", DirectoryProfile: "jakarta"},
			triage.OK, "jakarta, chosen by /menus/.gobiz.yaml", "",
		},
		{"unknown", triage.Profile{Name: "x", Err: &advised{`no profile named "x"`, "profiles: bali"}}, triage.Failed, `no profile named "x" (profiles: bali)`, "gobiz profile list"},
		{"first of all", triage.Profile{Name: "x", Err: &advised{`no profile named "x"`, "gobiz login --profile x"}}, triage.Failed, `no profile named "x"`, "gobiz login --profile x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, "", "")
			s.Profile = test.profile
			want(t, examine(t, s), "profile", test.status, test.message, test.fix)
		})
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	s := setup(t, "", "")
	s.Settings = config.Settings{
		Environment: config.Production, API: config.Partner, OAuthURL: "https://accounts.example", APIURL: "https://api.example",
	}
	s.Transport = unreachable()
	want(t, examine(t, s), "environment", triage.OK, "PRODUCTION, real shops and orders: API https://api.example, login https://accounts.example", "")

	mixed := &advised{"settings mix environments", "set one environment"}
	s.Settings, s.SettingsErr = config.Settings{}, mixed
	want(t, examine(t, s), "environment", triage.Failed, "settings mix environments (set one environment)", "gobiz help environment")
	s.Profile = triage.Profile{Name: "jakarta", Origin: "--profile"}
	want(t, examine(t, s), "environment", triage.Failed, "settings mix", "gobiz profile set jakarta environment=ENVIRONMENT api_url= oauth_url=")
	s.Getenv = func(name string) string { return map[string]string{"GOBIZ_API_URL": "https://x"}[name] }
	want(t, examine(t, s), "environment", triage.Failed, "settings mix", "unset GOBIZ_API_URL")
}

func TestStateFolder(t *testing.T) {
	t.Parallel()
	s := setup(t, "", "")
	want(t, examine(t, s), "state_folder", triage.OK, "can be made", "")
	if _, err := os.Stat(s.StateDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the doctor made the folder: %v", err)
	}

	if err := os.Mkdir(s.StateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	want(t, examine(t, s), "state_folder", triage.OK, "is writable", "")
	if left, _ := os.ReadDir(s.StateDir); len(left) > 0 {
		t.Errorf("the doctor left %v", left)
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(s.StateDir, 0o755); err != nil {
			t.Fatal(err)
		}
		want(t, examine(t, s), "state_folder", triage.Warning, "has mode 0755", "chmod 700 "+s.StateDir)
	}

	file := filepath.Join(t.TempDir(), "a file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.StateDir = filepath.Join(file, "gobiz")
	want(t, examine(t, s), "state_folder", triage.Failed, "not usable", "export GOBIZ_STATE_DIR=DIR # a folder of yours")
	s.StateDir = file
	want(t, examine(t, s), "state_folder", triage.Failed, "not writable", "export GOBIZ_STATE_DIR=DIR # a folder of yours")
}

func TestCredentialStore(t *testing.T) {
	t.Parallel()
	s := setup(t, "", "")
	s.Profile = triage.Profile{Name: "jakarta", Origin: "--profile"}
	store := &keyring{probe: func() error {
		return &advised{"keyring not available: no secret service is running", "gobiz login --credential-store file"}
	}}
	s.Store = store
	got := examine(t, s)
	want(t, got, "credential_store", triage.Failed, "no secret service", "gobiz login --profile jakarta --credential-store file")
	if !got["credential_store"].Login {
		t.Error("a missing keyring is a matter of the login")
	}
	want(t, got, "credentials", triage.Skipped, "not checked, because credential_store failed", "")
	want(t, got, "state_folder", triage.OK, "", "")

	store.probe = func() error { return nil }
	want(t, examine(t, s), "credential_store", triage.OK, "the keyring answered in ", "")

	// A keyring that takes its time, on a clock of ours.
	start, late := time.Now(), atomic.Int64{}
	s.Now = func() time.Time { return start.Add(time.Duration(late.Load())) }
	store.probe = func() error { late.Add(int64(1500 * time.Millisecond)); return nil }
	want(t, examine(t, s), "credential_store", triage.Warning, "answered in 1500 ms, which every command waits for", "")
}

func TestPassphrase(t *testing.T) {
	t.Parallel()
	s := setup(t, "", "")
	path := filepath.Join(t.TempDir(), "credentials.json")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	store := &encryptedFile{path: path, err: credentials.ErrNotFound}
	s.Store = store
	got := examine(t, s)
	want(t, got, "credential_store", triage.OK, "encrypted file "+path, "")
	want(t, got, "passphrase", triage.OK, "opens", "")

	store.err = &advised{"the passphrase is wrong", "check it"}
	got = examine(t, s)
	want(t, got, "passphrase", triage.Failed, "the passphrase is wrong (check it)", "export GOBIZ_CREDENTIALS_PASSPHRASE=PASSPHRASE")
	want(t, got, "relay_secret", triage.Skipped, "not checked, because passphrase failed", "")

	if runtime.GOOS != "windows" {
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		want(t, examine(t, s), "credential_store", triage.Warning, "has mode 0644", "chmod 600 "+path)
	}
}

func TestRelaySecret(t *testing.T) {
	t.Parallel()
	s := setup(t, "", "")
	s.RelaySecrets = func(context.Context) (int, string, error) { return 0, "", nil }
	want(t, examine(t, s), "relay_secret", triage.Warning, "none is known", "export GOBIZ_NOTIFICATION_SECRET=SECRET # then gobiz login keeps it")
	s.RelaySecrets = func(context.Context) (int, string, error) { return 2, "the environment", nil }
	want(t, examine(t, s), "relay_secret", triage.OK, "2, as while rotating", "")
}

// TestForeignText has an error carry what a server may have said.
func TestForeignText(t *testing.T) {
	t.Parallel()
	s := setup(t, "", "")
	s.ConfigErr = errors.New("evil \x1b[31mred\x1b[0m\nsecond line \u202egnp " + strings.Repeat("x", 5000))
	got := examine(t, s)
	if message := got["config_file"].Message; strings.ContainsAny(message, "\u202e") || len(message) > 700 {
		t.Errorf("not cleaned: %q", message)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, r := range triage.Doctor(ctx, setup(t, "http://127.0.0.1:1", "http://127.0.0.1:1")) {
		if r.Status != triage.Skipped {
			t.Errorf("%s was run: %s", r.Check, r.Message)
		}
	}
}
