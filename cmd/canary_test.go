package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/cmd"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// canaryCommands has a call of every command, by its path. Arguments may name
// what the test makes: OUTLET, MENU, BODY, SUBSCRIPTIONS, CAPTURE, ORDER, URL.
var canaryCommands = map[string][][]string{
	"api":                   {{"api", "GET", "/integrations/partner/v1/linked-outlets", "--include"}, {"api", "PATCH", "/integrations/gofood/outlets/OUTLET/v2/menu_item_stocks", "--input", "BODY"}},
	"catalog audit":         {{"catalog", "audit", "OUTLET"}, {"catalog", "audit", "OUTLET", "NOWHERE"}},
	"catalog history":       {{"catalog", "history", "OUTLET"}},
	"catalog rollback":      {{"catalog", "rollback", "OUTLET", "--yes"}, {"catalog", "rollback", "OUTLET", "--dry-run"}},
	"catalog diff":          {{"catalog", "diff", "OUTLET", "-f", "MENU"}, {"catalog", "diff", "OUTLET", "-f", "MENU", "--save-plan", "menu.plan", "--exit-code"}, {"catalog", "diff", "NOWHERE", "-f", "MENU"}},
	"catalog pull":          {{"catalog", "pull", "OUTLET", "-f", "-"}, {"catalog", "pull", "OUTLET"}, {"catalog", "pull", "NOWHERE", "-f", "-"}},
	"catalog push":          {{"catalog", "push", "OUTLET", "-f", "MENU", "--yes"}, {"catalog", "push", "OUTLET", "-f", "MENU", "--dry-run"}, {"catalog", "push", "OUTLET", "-f", "BODY", "--yes"}},
	"catalog new":           {{"catalog", "new", "-f", "-"}},
	"catalog schema":        {{"catalog", "schema"}},
	"catalog validate":      {{"catalog", "validate", "MENU"}, {"catalog", "validate", "BODY", "-o", "sarif"}},
	"completion":            {{"completion", "bash"}},
	"demo":                  {{"demo"}},
	"doctor":                {{"doctor"}},
	"help":                  {{"help", "environment"}},
	"link":                  {{"link", "OUTLET"}, {"link", "G900000001"}},
	"login":                 {{"login", "--no-input"}, {"login", "--print-url"}, {"login", "--complete", "https://pos.example.test/cb?code=x&state=y"}},
	"logout":                {{"logout", "-p", "other"}},
	"notifications list":    {{"notifications", "list", "--entity", "F-1"}, {"notifications", "list", "--entity", "ORDER", "--replay-to", "http://127.0.0.1:9/hook"}},
	"outlets list":          {{"outlets", "list"}},
	"outlets show":          {{"outlets", "show", "OUTLET"}, {"outlets", "show", "NOWHERE"}},
	"profile list":          {{"profile", "list"}},
	"profile remove":        {{"profile", "remove", "NOWHERE", "--yes"}},
	"profile set":           {{"profile", "set", "other", "environment=local"}},
	"profile set-secret":    {{"profile", "set-secret", "client", "-p", "other"}},
	"profile show":          {{"profile", "show"}},
	"profile use":           {{"profile", "use", "default"}},
	"sandbox order advance": {{"sandbox", "order", "advance", "F-1", "--url", "URL"}},
	"sandbox order cancel":  {{"sandbox", "order", "cancel", "F-1", "--url", "URL"}},
	"sandbox order create":  {{"sandbox", "order", "create", "--outlet", "OUTLET", "--url", "URL"}},
	"sandbox reset":         nil, // makes all tokens void
	"sandbox start":         nil, // prints the sandbox's made-up credentials, and runs on
	"sandbox state":         {{"sandbox", "state", "--url", "URL"}},
	"sandbox token":         nil, // prints a token; so does token
	"status":                {{"status"}},
	"subscriptions add":     {{"subscriptions", "add", "gofood.order.placed", "--url", "http://127.0.0.1:9/hook"}},
	"subscriptions delete":  {{"subscriptions", "delete", "3f0c7a52-90fe-4c1d-8e5c-0a2b7c1d9e10"}},
	"subscriptions list":    {{"subscriptions", "list"}, {"subscriptions", "list", "--outlet", "OUTLET"}},
	"subscriptions sync":    {{"subscriptions", "sync", "-f", "SUBSCRIPTIONS", "--yes"}, {"subscriptions", "sync", "-f", "SUBSCRIPTIONS", "--dry-run", "--prune"}, {"subscriptions", "sync", "-f", "BODY", "--yes"}},
	"subscriptions update":  {{"subscriptions", "update", "3f0c7a52-90fe-4c1d-8e5c-0a2b7c1d9e10", "--inactive"}},
	"token":                 nil,
	"token-info":            {{"token-info"}},
	"unlink":                {{"unlink", "NOWHERE"}},
	"version":               {{"version"}},
	"webhook events":        {{"webhook", "events"}},
	"webhook listen":        {{"webhook", "listen", "--port", "0", "--subscribe", "https://10.0.0.1/hook"}, {"webhook", "listen", "--port", "0", "--outlet", "NOWHERE", "--subscribe", "http://127.0.0.1:9/hook"}}, // both are refused
	"webhook explain":       {{"webhook", "explain", "BODY"}, {"webhook", "explain", "BODY", "--outlet", "OUTLET"}},
	"webhook replay":        {{"webhook", "replay", "CAPTURE", "--to", "http://127.0.0.1:9/hook", "--re-sign"}, {"webhook", "replay", "BODY", "--to", "http://127.0.0.1:9/hook"}},
	"webhook trigger":       {{"webhook", "trigger", "gofood.order.placed", "--to", "http://127.0.0.1:9/hook"}, {"webhook", "trigger", "gofood.order.placed", "--print"}, {"webhook", "trigger", "--data", "BODY", "--to", "http://127.0.0.1:9/hook"}},
	"webhook sign":          {{"webhook", "sign", "BODY"}},
	"webhook verify":        {{"webhook", "verify", "BODY", "--signature", "00"}},
}

// TestNoSecretLeaks plants secrets, runs every command for people and for
// scripts with all logs, also against a server that fails, and searches all output and every file below HOME
// for them.
func TestNoSecretLeaks(t *testing.T) {
	t.Parallel()
	walk(cmd.Tree(), func(c *cobra.Command, path []string) {
		if _, ok := canaryCommands[strings.Join(path, " ")]; !ok && !isGroup(c) {
			t.Errorf("no call of %q in the table", strings.Join(path, " "))
		}
	})
	c := newCanary(t)
	var calls [][]string
	for _, path := range slices.Sorted(maps.Keys(canaryCommands)) {
		for _, args := range canaryCommands[path] {
			for _, mode := range [][]string{nil, {"-vv", "-o", "json"}, {"-v", "-o", "yaml"}} {
				calls = append(calls, append(slices.Clone(args), mode...))
			}
		}
	}
	c.runAll(calls)
	for _, fault := range []string{"* status=401", "* status=500 body=html", "createToken status=400 body=json", "* truncate"} {
		c.fault(fault)
		c.runAll([][]string{
			{"outlets", "list", "-vv"}, {"catalog", "push", "OUTLET", "-f", "MENU", "--yes", "-vv"}, {"token-info", "-vv", "-o", "json"},
			{"subscriptions", "add", "gofood.order.placed", "--url", "http://127.0.0.1:9/hook", "-vv"}, {"login", "-vv"}, {"doctor", "-vv"},
			{"login", "--complete", "https://pos.example.test/cb?code=x&state=y", "-vv"},
		})
	}
	c.searchHome()
}

// runAll runs some calls at a time: most of them wait for a repeat.
func (c *canary) runAll(calls [][]string) {
	c.Helper()
	queue := make(chan []string)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for args := range queue {
				c.run(args...)
			}
		})
	}
	for _, args := range calls {
		queue <- args
	}
	close(queue)
	workers.Wait()
}

type canary struct {
	*testing.T
	sandbox *sandbox.Sandbox
	env     map[string]string
	home    string
	places  *strings.Replacer
	secrets map[string]string // what it is, by value
}

func newCanary(t *testing.T) *canary {
	s, err := sandbox.Start(t.Context(), sandbox.Options{CatalogDelay: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	home, info := t.TempDir(), s.Info()
	c := &canary{
		T: t, sandbox: s, home: home,
		env: map[string]string{
			"HOME": home, "USERPROFILE": home, "AppData": home, "LocalAppData": home, "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
			"GOBIZ_ENV": "local", "GOBIZ_API_URL": info.APIURL, "GOBIZ_OAUTH_URL": info.OAuthURL,
			"GOBIZ_CREDENTIAL_STORE": "file", "GOBIZ_CREDENTIALS_PASSPHRASE": "canary-passphrase-4f1d",
		},
		secrets: map[string]string{
			info.ClientSecret:        "client secret",
			info.NotificationSecret:  "relay secret",
			"canary-passphrase-4f1d": "passphrase",
		},
	}
	body, menu, wanted := filepath.Join(home, "body.json"), filepath.Join(home, "menu.yaml"), filepath.Join(home, "subscriptions.yaml")
	c.write(body, "{}")
	c.write(menu, "menus: [{name: Mi, menu_items: [{external_id: MI-001, name: Bakmi, price: 27000}]}]\n")
	c.write(wanted, "subscriptions: [{event: gofood.order.completed, url: 'http://127.0.0.1:9/hook'}]\n")
	captured := filepath.Join(home, "capture.jsonl")
	c.write(captured, `{"received_at":"2026-01-05T05:30:00Z","method":"POST","headers":{},"body_base64":"e30=","valid":true}`+"\n")

	c.env["GOBIZ_NOTIFICATION_SECRET"] = info.NotificationSecret
	c.must(info.ClientSecret, "login", "--client-id", info.ClientID, "--client-secret-stdin")
	delete(c.env, "GOBIZ_NOTIFICATION_SECRET")
	page := strings.TrimSpace(c.must("", "login", "--print-url"))
	c.collect() // the login that waits: its verifier
	owner := info.Users[0]
	back, err := sandbox.Merchant{Phone: owner.Phone, OTP: owner.OTP}.Consent(t.Context(), page, true)
	if err != nil {
		t.Fatal(err)
	}
	c.must(back.String(), "login", "--complete", "-")
	c.collect()
	c.must("", "subscriptions", "add", "gofood.order.merchant_accepted", "--url", "http://127.0.0.1:9/hook")
	order, err := sandbox.NewControl(info.ControlURL, nil).CreateOrder(t.Context(), sandbox.OrderRequest{OutletID: "G100000001"})
	if err != nil {
		t.Fatal(err)
	}
	c.places = strings.NewReplacer("OUTLET", "G100000001", "MENU", menu, "BODY", body, "SUBSCRIPTIONS", wanted, "ORDER", order.Number, "CAPTURE", captured, "URL", info.APIURL)
	if len(c.secrets) < 7 {
		t.Fatalf("%d secrets planted: %v", len(c.secrets), slices.Collect(maps.Values(c.secrets)))
	}
	return c
}

func (c *canary) write(path, content string) {
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		c.Fatal(err)
	}
}

func (c *canary) fault(rules ...string) {
	var faults []sandbox.Fault
	for _, rule := range rules {
		fault, err := sandbox.ParseFault(rule)
		if err != nil {
			c.Fatal(err)
		}
		faults = append(faults, fault)
	}
	if err := sandbox.NewControl(c.sandbox.Info().ControlURL, nil).SetFaults(context.Background(), faults...); err != nil {
		c.Fatal(err)
	}
}

// must runs a command that prepares the test and gives its stdout.
func (c *canary) must(stdin string, args ...string) string {
	c.Helper()
	p := exec.Command("gobiz", args...)
	var stderr bytes.Buffer
	p.Env, p.Dir, p.Stdin, p.Stderr = environ(c.env), c.home, strings.NewReader(stdin), &stderr
	out, err := p.Output()
	if err != nil {
		c.Fatalf("gobiz %v: %v: %s", args, err, &stderr)
	}
	return string(out)
}

// collect adds what the profile's record holds now.
func (c *canary) collect() {
	c.Helper()
	var found []string
	err := filepath.WalkDir(c.home, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == credentials.FileName {
			found = append(found, filepath.Dir(path))
		}
		return err
	})
	if err != nil || len(found) != 1 {
		c.Fatalf("credential files: %v, %v", found, err)
	}
	store := credentials.NewFile(found[0], func(context.Context, bool) (credentials.Secret, error) {
		return credentials.NewSecret(c.env["GOBIZ_CREDENTIALS_PASSPHRASE"]), nil
	})
	record, err := store.Load(c.Context(), "default")
	if err != nil {
		c.Fatal(err)
	}
	for grant, token := range record.Tokens {
		c.plant(token.AccessToken, "access token of "+grant)
		c.plant(token.RefreshToken, "refresh token of "+grant)
		c.plant(token.IDToken, "id_token of "+grant)
	}
	c.plant(record.Pending.Verifier, "PKCE verifier")
}

func (c *canary) plant(secret credentials.Secret, what string) {
	if !secret.IsZero() {
		c.secrets[secret.Reveal()] = what
	}
}

func (c *canary) run(args ...string) {
	c.Helper()
	for i, arg := range args {
		args[i] = c.places.Replace(arg)
	}
	p := exec.Command("gobiz", args...)
	p.Env, p.Dir = environ(c.env), c.home
	out, err := p.CombinedOutput()
	if exit := exitCode(err); exit < 0 {
		c.Errorf("gobiz %v: %v", args, err)
	}
	c.search(fmt.Sprintf("output of gobiz %s", strings.Join(args, " ")), out)
}

func (c *canary) search(where string, content []byte) {
	c.Helper()
	for secret, what := range c.secrets {
		if bytes.Contains(content, []byte(secret)) {
			c.Errorf("%s holds the %s", where, what)
		}
	}
}

func (c *canary) searchHome() {
	files := 0
	err := filepath.WalkDir(c.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		c.search(strings.TrimPrefix(path, c.home), content)
		return err
	})
	if err != nil || files < 3 {
		c.Errorf("searched %d files: %v", files, err)
	}
}
