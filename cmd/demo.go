package cmd

import (
	"context"
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

//go:embed demo/menu.yaml
var demoMenu []byte

func newDemoCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Play the whole story against a sandbox inside this process",
		Long: `Play the whole story against a sandbox inside this process: log in, look at the outlets, link one, push a menu and pull
it back, subscribe, receive a signed order and verify it. Each step is a command as you would type it, with its real
output.

It needs no account, no network and no set-up, leaves the keyring alone and nothing behind.`,
		Example: example("gobiz demo"),
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runDemo(c.Context(), f.System) },
	}
}

// The demo's outlet is one that is not linked yet.
const demoOutlet = "G100000002"

// demoWait bounds how long the demo waits for its webhook.
const demoWait = 10 * time.Second

func runDemo(ctx context.Context, sys *System) (err error) {
	dir, err := os.MkdirTemp("", "gobiz-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.WriteFile(filepath.Join(dir, "menu.yaml"), demoMenu, 0o600); err != nil {
		return err
	}
	server, err := sandbox.Start(ctx, sandbox.Options{CatalogDelay: 200 * time.Millisecond, Now: sys.Now})
	if err != nil {
		return err
	}
	defer server.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	hook := demoHook{url: fmt.Sprintf("http://%s/gofood", listener.Addr()), events: make(chan demoEvent, 1)}
	receiver := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: hook}
	go receiver.Serve(listener)
	defer receiver.Close()

	d := &demo{System: sys, ctx: ctx, dir: dir, info: server.Info(), out: sys.Streams.Out}
	d.environment()
	return d.play(hook)
}

// demo runs commands in this process, each as if a user had typed it.
type demo struct {
	*System
	ctx  context.Context
	dir  string
	info sandbox.Info
	env  map[string]string
	out  io.Writer
	step int
}

// environment is that of a user with an empty home, whose sandbox runs on
// another port than usual.
func (d *demo) environment() {
	d.env = map[string]string{
		"HOME":                         d.dir,
		"XDG_CONFIG_HOME":              filepath.Join(d.dir, "config"),
		"XDG_STATE_HOME":               filepath.Join(d.dir, "state"),
		"AppData":                      filepath.Join(d.dir, "config"),
		"LocalAppData":                 filepath.Join(d.dir, "state"),
		"GOBIZ_API_URL":                d.info.APIURL,
		"GOBIZ_OAUTH_URL":              d.info.OAuthURL,
		"GOBIZ_CREDENTIAL_STORE":       "file",
		"GOBIZ_CREDENTIALS_PASSPHRASE": rand.Text(),
		"GOBIZ_NOTIFICATION_SECRET":    d.info.NotificationSecret,
		"NO_COLOR":                     d.Getenv("NO_COLOR"),
		"TERM":                         d.Getenv("TERM"),
	}
}

func (d *demo) play(hook demoHook) error {
	d.say("A GoBiz sandbox runs inside this process on %s. Its data is made up; gobiz is not affiliated with Gojek.", d.info.APIURL)
	d.say("Secrets go to an encrypted file in a temporary folder, your keyring is left alone (GOBIZ_CREDENTIAL_STORE=file).")
	steps := []struct {
		title string
		stdin string
		args  []string
	}{
		{
			"Log in as your own server. The secret comes from stdin, never from a flag", d.info.ClientSecret,
			[]string{"login", "--env", "local", "--client-id", d.info.ClientID, "--client-secret-stdin"},
		},
		{"See what the profile is now", "", []string{"status"}},
		{"Linking needs a merchant's consent: phone, OTP and Allow in a browser, played by the sandbox's owner here", "", []string{"login", "--grant", "authorization-code"}},
		{"The outlets this merchant may link", "", []string{"token-info"}},
		{"Link one of them", "", []string{"link", demoOutlet, "--external-id", "POS-KEMANG"}},
		{"Push a menu. It is compared with what is live, and waited for", "", []string{"catalog", "push", demoOutlet, "-f", "menu.yaml", "--yes", "--wait"}},
		{"Read it back", "", []string{"catalog", "pull", demoOutlet, "-f", "live.yaml"}},
		{"Pushing what was pulled changes nothing", "", []string{"catalog", "push", demoOutlet, "-f", "live.yaml", "--yes"}},
		{"Have accepted orders sent to a receiver, which also runs in this process", "", []string{"subscriptions", "add", string(webhook.OrderMerchantAccepted), "--url", hook.url}},
		{"A customer orders", "", []string{"sandbox", "order", "create", "--outlet", demoOutlet, "--item", "MI-001=2", "--item", "MN-001"}},
	}
	for _, s := range steps {
		if err := d.run(s.title, s.stdin, s.args...); err != nil {
			return err
		}
	}
	event, err := hook.wait(d.ctx)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.dir, "order.json"), event.body, 0o600); err != nil {
		return err
	}
	d.say("The order arrives as a signed webhook; its body is kept byte for byte in order.json:")
	fmt.Fprintf(d.out, "\n  POST %s\n  %s: %s\n\n  %s\n", hook.url, webhook.SignatureHeader, event.signature, terminal.Clean(string(event.body)))
	if err := d.run("Check that GoBiz signed it", "", "webhook", "verify", "order.json", "--signature", event.signature); err != nil {
		return err
	}
	d.say("That is the whole story. Next: 'gobiz sandbox start' in one terminal, and these commands in another.")
	return nil
}

func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.out, "\n%s\n", d.Streams.OutStyle().Faint("# "+fmt.Sprintf(format, args...)))
}

// run shows a command and runs it.
func (d *demo) run(title, stdin string, args ...string) error {
	d.step++
	d.say("%d. %s.", d.step, title)
	fmt.Fprintln(d.out, d.Streams.OutStyle().Bold("$ gobiz "+strings.Join(args, " ")))
	code := Main(args, d.system(stdin))
	if d.ctx.Err() != nil {
		return context.Cause(d.ctx)
	}
	if code != exitOK {
		return &Error{Exit: exitFailed, Code: "demo", Message: fmt.Sprintf("step %d of the demo ended with exit code %d", d.step, code)}
	}
	return nil
}

// system is the process that a step of the demo sees.
func (d *demo) system(stdin string) *System {
	streams := *d.Streams
	streams.In, streams.InTTY = strings.NewReader(stdin), false
	streams.Err, streams.ErrTTY = d.out, false
	return &System{
		Streams: &streams,
		Getenv:  func(name string) string { return d.env[name] },
		WorkDir: func() (string, error) { return d.dir, nil },
		Now:     d.Now,
		OpenURL: func(page string) (<-chan error, error) {
			go d.merchant(page)
			return nil, nil
		},
		Interrupts: func(context.Context) (context.Context, context.CancelFunc) {
			return context.WithCancel(d.ctx)
		},
	}
}

// merchant plays the merchant's browser: log in, Allow, go back to the
// receiver. When it fails the login waits in vain and says so.
func (d *demo) merchant(page string) {
	owner := d.info.Users[0]
	back, err := sandbox.Merchant{Phone: owner.Phone, OTP: owner.OTP}.Consent(d.ctx, page, true)
	if err != nil {
		return
	}
	request, err := http.NewRequestWithContext(d.ctx, http.MethodGet, back.String(), nil)
	if err != nil {
		return
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
	}
}

// demoHook is the partner's receiver in the demo. It hands on the first event.
type demoHook struct {
	url    string
	events chan demoEvent
}

type demoEvent struct {
	body      []byte
	signature string
}

func (h demoHook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	select {
	case h.events <- demoEvent{body, r.Header.Get(webhook.SignatureHeader)}:
	default: // only the first one is shown
	}
	w.WriteHeader(http.StatusNoContent)
}

func (h demoHook) wait(ctx context.Context) (demoEvent, error) {
	ctx, cancel := context.WithTimeout(ctx, demoWait)
	defer cancel()
	select {
	case event := <-h.events:
		return event, nil
	case <-ctx.Done():
		return demoEvent{}, fmt.Errorf("the order's webhook did not arrive: %w", context.Cause(ctx))
	}
}
