package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// consent asks before something is changed, and names the environment it is
// changed in. Without a terminal only --yes is consent.
func (c *console) consent(ctx context.Context, settings func() (config.Settings, error), what string, yes bool) error {
	if yes {
		return nil
	}
	s, err := settings()
	if err != nil {
		return err
	}
	return c.ask(ctx, s, what, fmt.Sprintf("%s on %s?", what, s.Environment), "")
}

// ask has a question answered with yes, or with the text to be typed where there
// is one. what is not done after any other answer.
func (c *console) ask(ctx context.Context, s config.Settings, what, question, typed string) (err error) {
	var ok bool
	if typed == "" {
		ok, err = c.prompt.Confirm(ctx, markProduction(s, question), "--yes")
	} else {
		ok, err = c.prompt.ConfirmByTyping(ctx, markProduction(s, question), typed, "--yes")
	}
	var required *terminal.InputRequired
	switch {
	case errors.As(err, &required):
		return &Error{Exit: exitGuard, Code: "consent_required", Message: what + " needs consent, and " + required.Why, Hint: "pass --yes", Err: err}
	case err != nil:
		return err
	case !ok:
		return &Error{Exit: exitGuard, Code: "no_consent", Message: "not done: " + what + " was not confirmed"}
	}
	return nil
}

// markProduction shows production in a question, whatever is asked: that is where
// answers matter. A file that chose it is named: it may be a surprise.
func markProduction(s config.Settings, question string) string {
	from := s.Origin(config.KeyProfile)
	switch {
	case !s.IsProduction():
		return question
	case from.Layer == config.LayerDirectory:
		return "[PRODUCTION, by " + from.String() + "] " + question
	}
	return "[PRODUCTION] " + question
}

// productionConsent asks on production only: elsewhere a command that names
// what it works on is consent enough.
func (c *console) productionConsent(ctx context.Context, settings func() (config.Settings, error), what string, yes bool) error {
	s, err := settings()
	if err != nil || !s.IsProduction() {
		return err
	}
	return c.consent(ctx, settings, what, yes)
}
