package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/publichost"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

type sandboxStartOptions struct {
	*console
	logger func() *slog.Logger
	now    func() time.Time

	port         int
	oauthPort    int
	splitOAuth   bool // --oauth-port was given
	bind         string
	hosts        []string
	private      bool
	state        string
	json         bool
	faults       []string
	switches     []string
	timeScale    float64
	catalogDelay time.Duration
	seed         uint64
}

// defaultSandboxPort is the one of the environment local.
const defaultSandboxPort = 8765

func newSandboxStartCommand(f *Factory) *cobra.Command {
	o := sandboxStartOptions{console: f.console, logger: f.Logger, now: f.Now}
	c := &cobra.Command{
		Use:   "start",
		Short: "Start a GoBiz on this machine",
		Long: `Start a GoBiz on this machine: OAuth with login pages, the partner API, the legacy API, and signed webhooks. It prints
its URLs and made-up credentials, and runs until Ctrl-C.

--fault spoils requests on purpose; it may be repeated, and the first rule that matches a request and is due is applied:

  [METHOD] TARGET KEY[=VALUE]...

  TARGET           a path, in which * stands for anything, or an operation id such as putCatalog
  status=503       this status instead of the answer; the request has no effect
  body=html        a proxy's HTML page; also empty, json
  retry-after=5    the Retry-After header, in seconds; needs status
  delay=2s         wait before answering
  reset            close the connection without an answer
  truncate[=100]   cut the true answer after so many bytes, or half of it
  size=200MB       stream a body of this size
  share=0.3        for this share of the matching requests
  skip=2 times=3   not for the first two; for three, then no more

--switch chooses the other reading where GoBiz's own sources disagree: ` + strings.Join(switchNames(), ", ") + `.`,
		Example: example(
			"gobiz sandbox start",
			"gobiz sandbox start --port 0 --json                        # for scripts: a free port, one line of JSON",
			"gobiz sandbox start --oauth-port 8766                      # a client that mixes up the two hosts is noticed",
			"gobiz sandbox start --bind 0.0.0.0 --allow-host sandbox --private-receivers      # among containers",
			"gobiz sandbox start --state sandbox.db --time-scale 60     # survives a kill; minutes become seconds",
			"gobiz sandbox start --fault 'putCatalog status=503 share=0.3' --fault '* delay=300ms'",
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.splitOAuth = c.Flags().Changed("oauth-port")
			return runSandboxStart(c.Context(), o)
		},
	}
	flags := c.Flags()
	flags.IntVar(&o.port, "port", defaultSandboxPort, "port to listen on; 0 takes a free one")
	flags.IntVar(&o.oauthPort, "oauth-port", 0, "a `port` of its own for OAuth, as at GoBiz; 0 takes a free one (default: the same port)")
	flags.StringVar(&o.bind, "bind", "127.0.0.1", "`address` to listen on; whoever reaches it controls the sandbox")
	flags.StringArrayVar(&o.hosts, "allow-host", nil, "answer to this `name` too, such as a container's; may be repeated")
	flags.BoolVar(&o.private, "private-receivers", false, "send webhooks to private networks too, on any port")
	flags.StringVar(&o.state, "state", "", "keep the state in this `file` (default: in memory)")
	flags.BoolVar(&o.json, "json", false, "print URLs and credentials as one line of JSON")
	flags.StringArrayVar(&o.faults, "fault", nil, "spoil requests by this `rule`, may be repeated")
	flags.StringArrayVar(&o.switches, "switch", nil, "take the other reading, by `name`, may be repeated")
	flags.Float64Var(&o.timeScale, "time-scale", 1, "divide GoBiz's waiting times; 60 turns minutes into seconds")
	flags.DurationVar(&o.catalogDelay, "catalog-delay", 300*time.Millisecond, "how long a pushed menu takes to show")
	flags.Uint64Var(&o.seed, "seed", 0, "make ids and shares of faults repeat; 0: not")
	_ = c.RegisterFlagCompletionFunc("switch", cobra.FixedCompletions(switchNames(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func runSandboxStart(ctx context.Context, o sandboxStartOptions) error {
	options, err := o.sandbox()
	if err != nil {
		return err
	}
	server, err := sandbox.Start(ctx, options)
	if errors.Is(err, syscall.EADDRNOTAVAIL) {
		return usageError("such as 127.0.0.1, or 0.0.0.0 for all of them", "--bind %s is no address of this machine", o.bind)
	}
	if err != nil {
		return portError(err, takenPort(err, o.port), defaultSandboxPort, "a sandbox may be running already: gobiz sandbox state; or take")
	}
	if !publichost.Loopback(o.bind) {
		o.Note("everybody who reaches %s may control this sandbox", o.bind)
	}
	if o.json {
		enc := json.NewEncoder(o.Streams().Out)
		enc.SetEscapeHTML(false)
		err = enc.Encode(server.Info())
	} else {
		err = writeSandboxInfo(o.Streams().Out, server.Info(), o.state)
	}
	if err != nil {
		return errors.Join(err, server.Close())
	}
	<-ctx.Done() // Ctrl-C is the ordinary end of a server
	return server.Close()
}

// takenPort is the port that an error of listening is about.
func takenPort(err error, otherwise int) int {
	var network *net.OpError
	if errors.As(err, &network) {
		if at, ok := network.Addr.(*net.TCPAddr); ok {
			return at.Port
		}
	}
	return otherwise
}

// portError explains why nothing can listen on a port. whenTaken is a hint that
// goes on with "a free port".
func portError(err error, port, usual int, whenTaken string) error {
	var network *net.OpError
	e := &Error{Exit: exitFailed, Err: err}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		e.Code, e.Message, e.Hint = "port_in_use", fmt.Sprintf("port %d is in use", port), whenTaken+" a free port with --port 0"
	case errors.Is(err, syscall.EACCES) && errors.As(err, &network):
		e.Code, e.Message = "port_not_allowed", fmt.Sprintf("port %d needs more rights than this user has", port)
		e.Hint = fmt.Sprintf("take a port above 1023, such as the default %d", usual)
	default:
		return err
	}
	return e
}

func (o sandboxStartOptions) sandbox() (sandbox.Options, error) {
	options := sandbox.Options{
		Addr: net.JoinHostPort(o.bind, strconv.Itoa(o.port)), Exposed: true, Hosts: o.hosts, PrivateReceivers: o.private,
		StateFile: o.state, TimeScale: o.timeScale, CatalogDelay: o.catalogDelay, Seed: o.seed, Now: o.now, Log: o.logger(),
	}
	if o.splitOAuth {
		options.OAuthAddr = net.JoinHostPort(o.bind, strconv.Itoa(o.oauthPort))
	}
	for flag, port := range map[string]int{"--port": o.port, "--oauth-port": o.oauthPort} {
		if port < 0 || port > 65535 {
			return options, usageError("", "%s %d is not a port", flag, port)
		}
	}
	if o.splitOAuth && o.oauthPort == o.port && o.port != 0 {
		return options, usageError("leave --oauth-port out for one port", "--port and --oauth-port are both %d", o.port)
	}
	for _, host := range o.hosts {
		if host == "" || strings.ContainsAny(host, ":/ ") {
			return options, usageError("such as --allow-host sandbox, without a port", "--allow-host %q is not the name of a host", host)
		}
	}
	if _, err := netip.ParseAddr(o.bind); err != nil {
		return options, usageError("such as --bind 127.0.0.1, or --bind 0.0.0.0 for all", "--bind %q is not an address", o.bind)
	}
	if !(o.timeScale > 0) || math.IsInf(o.timeScale, 0) {
		return options, usageError("60 turns minutes into seconds", "--time-scale must be a number above 0")
	}
	if o.catalogDelay < 0 {
		return options, usageError("0 shows a menu at once", "--catalog-delay must not be negative")
	}
	if o.catalogDelay == 0 {
		options.CatalogDelay = -1 // at once
	}
	for _, rule := range o.faults {
		fault, err := sandbox.ParseFault(rule)
		if err != nil {
			return options, usageError("see 'gobiz sandbox start --help'", "%v", err)
		}
		options.Faults = append(options.Faults, fault)
	}
	for _, name := range o.switches {
		if !setSwitch(&options.Switches, name) {
			return options, usageError("one of "+strings.Join(switchNames(), ", "), "unknown switch %q", name)
		}
	}
	return options, nil
}

// switchNames are the JSON names of sandbox.Switches.
func switchNames() []string {
	t := reflect.TypeFor[sandbox.Switches]()
	names := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		names = append(names, t.Field(i).Tag.Get("json"))
	}
	return names
}

func setSwitch(s *sandbox.Switches, name string) bool {
	for i, known := range switchNames() {
		if known == name {
			reflect.ValueOf(s).Elem().Field(i).SetBool(true)
			return true
		}
	}
	return false
}

// writeSandboxInfo says how to use the sandbox in words that can be pasted.
func writeSandboxInfo(w io.Writer, info sandbox.Info, state string) error {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line(`GoBiz sandbox on %s (made-up data, not affiliated with Gojek)

  page       %s
  api        %[1]s
  oauth      %[3]s
  control    %[4]s`, info.APIURL, info.PageURL, info.OAuthURL, info.ControlURL)
	if state != "" {
		line("  state      %s", state)
	}
	line("\nIn another terminal:\n")
	if info.APIURL == "http://127.0.0.1:8765" && info.OAuthURL == info.APIURL {
		line("  export GOBIZ_ENV=local")
	} else {
		line("  export GOBIZ_ENV=local GOBIZ_API_URL=%s GOBIZ_OAUTH_URL=%s", info.APIURL, info.OAuthURL)
	}
	line("  export GOBIZ_CLIENT_ID=%s GOBIZ_CLIENT_SECRET=%s", info.ClientID, info.ClientSecret)
	line("  export GOBIZ_NOTIFICATION_SECRET=%s", info.NotificationSecret)
	line(`
token-info, link and unlink need a merchant:

  GOBIZ_ACCESS_TOKEN=$(gobiz sandbox token) gobiz token-info

or a stored profile, which goes without the exports above:  gobiz login --env local; gobiz login --grant authorization-code

Outlets:`)
	for _, o := range info.Outlets {
		linked := "not linked"
		if o.Linked {
			linked = "linked"
			if o.ExternalOutletID != nil {
				linked += " as " + *o.ExternalOutletID
			}
		}
		line("  %-11s %-28s %s", o.ID, o.Name, linked)
	}
	line("\nMerchants, to log in with:")
	for _, u := range info.Users {
		line("  phone %s  OTP %s  %s", u.Phone, u.OTP, u.Role)
	}
	line("\nDirect integration:  client %s  secret %s", info.Direct.ClientID, info.Direct.ClientSecret)
	line("Legacy API:          client %s  secret %s", info.Enterprise.ClientID, info.Enterprise.ClientSecret)
	line("                     enterprise %s  relay secret %s", info.Enterprise.EnterpriseID, info.Enterprise.NotificationSecret)
	line("\nCtrl-C stops it.")
	_, err := io.WriteString(w, b.String())
	return err
}
