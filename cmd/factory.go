package cmd

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// Factory returns commands what they need, made at first use: `--help` opens
// nothing, and `webhook verify` never touches the network.
type Factory struct {
	*account
	ctx     context.Context // of the command that runs; ends with Ctrl-C
	stop    context.CancelFunc
	running *cobra.Command // with its flags as they were typed

	rolloutState func() (rollout.State, error) // where snapshots and the log of writes are
}

func newFactory(sys *System) *Factory {
	f := &Factory{account: newAccount(sys), ctx: context.Background(), stop: func() {}}
	f.rolloutState = sync.OnceValues(f.findRolloutState) // a sandbox is asked who it is
	return f
}

// apply puts the global flags into effect, right before a command runs. Ctrl-C has
// its default effect until then: help and version have nothing to clean up, and
// watching for signals costs a thread.
func (f *Factory) apply(c *cobra.Command) (err error) {
	f.running = c
	if err := f.Flags.check(c.Flags()); err != nil {
		return err
	}
	if c.HasParent() && f.Interrupts != nil {
		f.ctx, f.stop = f.Interrupts(f.ctx)
		c.SetContext(f.ctx)
	}
	f.prompt = terminal.NewPrompter(f.Streams, f.forbidsInput())
	f.Streams.NoColor = terminal.NoColor(f.Flags.noColor, f.Getenv)
	f.Streams.Pager = cmp.Or(f.Getenv("PAGER"), "less")
	var also []terminal.Format
	for _, name := range strings.Fields(c.Annotations[moreFormats]) {
		also = append(also, terminal.Format(name))
	}
	f.Printer, err = terminal.NewPrinter(c.Context(), f.Streams, terminal.Options{
		Format: terminal.Format(f.Flags.output), Also: also, JQ: f.Flags.jq, Quiet: f.Flags.quiet, Complete: f.asTyped,
	})
	return err
}

// forbidsInput says why no question may be asked, empty when one may.
func (f *Factory) forbidsInput() string {
	by := ""
	for _, variable := range []string{"CI", "GOBIZ_NO_INPUT"} {
		if isOn(f.Getenv(variable)) {
			by = variable
		}
	}
	if f.Flags.noInput {
		by = "--no-input"
	}
	if by == "" {
		return ""
	}
	return by + " forbids to ask"
}

// isOn reads a variable that switches something on: whatever does not say no.
// NO_COLOR is not one of them, it counts by its presence.
func isOn(value string) bool {
	return !slices.Contains([]string{"", "0", "false", "no", "off"}, strings.ToLower(strings.TrimSpace(value)))
}

// timeout is the one of the flag, for a request; 0 is the default.
func (f *Factory) timeout() time.Duration { return f.Flags.timeout }

func userAgent() string { return "gobiz/" + buildVersion().Version }

// Client calls the partner API.
func (f *Factory) Client() (*gobiz.Client, error) {
	s, err := f.Settings()
	if err != nil {
		return nil, err
	}
	if s.API == config.Enterprise {
		return nil, usageError("use a profile with 'api: partner'", "the legacy API (api: enterprise) does not have this command")
	}
	return f.api(s)
}

// usesEnterprise reports whether the profile speaks to the legacy API, for commands
// that need nothing else of it: one that cannot be read does not stop them.
func (f *Factory) usesEnterprise() (bool, error) {
	s, err := f.Settings()
	var broken *config.FileError
	if errors.As(err, &broken) {
		f.Note("taken for the partner API: %v", broken)
		return false, nil
	}
	return s.API == config.Enterprise, err
}

// perAPI makes what works on the API of the profile, from a client of it.
func perAPI[T any](f *Factory, partner func(*gobiz.Client) T, legacy func(*enterprise.Client) T) (made T, err error) {
	s, err := f.Settings()
	if err != nil {
		return made, err
	}
	client, err := f.api(s)
	if err != nil {
		return made, err
	}
	if s.API == config.Enterprise {
		return legacy(enterprise.New(client)), nil
	}
	return partner(client), nil
}

// api makes the client that all commands share, whichever API they speak to.
func (f *Factory) api(s config.Settings) (*gobiz.Client, error) {
	if err := s.RequireAPIURL(); err != nil {
		return nil, err
	}
	tokens, err := auth.New(authProfile(s), f.authOptions(s))
	if err != nil {
		return nil, err
	}
	return gobiz.New(f.clientOptions(s, tokens))
}
