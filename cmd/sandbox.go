package cmd

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/publichost"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

func newSandboxCommand(f *Factory) *cobra.Command {
	return newGroup("sandbox", "A GoBiz on this machine, to try and test everything offline",
		newSandboxStartCommand(f), newSandboxStateCommand(f), newSandboxResetCommand(f),
		newSandboxOrderCommand(f), newSandboxTokenCommand(f))
}

// controlOptions are those of every command that steers a running sandbox.
type controlOptions struct {
	*console
	settings func() (config.Settings, error)
	timeout  func() time.Duration // of a request; 0 is the default

	url string
}

func newControlOptions(f *Factory) controlOptions {
	return controlOptions{console: f.console, settings: f.Settings, timeout: f.timeout}
}

func (o *controlOptions) add(c *cobra.Command) {
	c.PersistentFlags().StringVar(&o.url, "url", "", "`URL` of the sandbox (default: the profile's when it is on this machine, else http://127.0.0.1:8765)")
}

// control is a client of the running sandbox.
func (o *controlOptions) control() (*sandbox.Control, error) {
	base := o.url
	if base == "" {
		hosts, _ := config.HostsOf(config.Local)
		base = hosts.API
		// A profile of another environment is no reason not to find the sandbox. One that
		// cannot be read may name another sandbox than the usual one.
		s, err := o.settings()
		if err != nil {
			return nil, err
		}
		if onThisMachine(s.APIURL) {
			base = s.APIURL
		}
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return nil, usageError("such as --url http://127.0.0.1:8765", "%q is not the URL of a sandbox", base)
	}
	return sandbox.NewControl(u.JoinPath("_sandbox").String(), &http.Client{Timeout: cmp.Or(o.timeout(), 30*time.Second)}), nil
}

func onThisMachine(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	return publichost.Loopback(u.Hostname())
}
