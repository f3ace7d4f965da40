package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/internal/triage"
)

func newDoctorCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check config, credentials, hosts, clock, token and scopes, and say how to fix each",
		Long: `Check the set-up from the config file to the token, and say how to fix what is wrong. Nothing is changed, except that a token
is obtained or refreshed as any command would, and no secret is shown.

Each check is ok, warning, failed or skipped; one is skipped when it is not needed here, or when a check that it builds on failed.
With -o json the result is an array of {check, status, message, fix, duration_ms}, always in the same order: fix is the command
to type next or null, duration_ms how long the check took. The checks:

  version            this program
  config_file        readable, understood, no unknown keys, closed to other users
  profile            which one is in use, and what chose it
  environment        the pair of hosts, not mixed; production is marked
  state_folder       writable, closed to other users
  credential_store   the keyring answers within 3 s; the encrypted file is closed to other users
  passphrase         it opens the encrypted file
  credentials        there are some
  logins             client credentials, merchant login, and when their tokens end
  proxy              in use for these hosts, shown without user and password
  login_host         name, connection, certificate, answer
  api_host           name, connection, certificate, answer
  clock              within two minutes of both hosts
  token              one of each kind can be obtained
  scopes             they cover the commands; those that will not work are named
  outlets            how many are linked
  subscriptions      how many events are subscribed to, for all outlets
  merchant           how many outlets the logged-in merchant has
  relay_secret       known, to verify webhooks

Where nothing was ever set up, the list ends with profile.

The exit code is 0 when nothing failed (warnings are allowed). Otherwise the first failed check decides: 3 for the login
(credential_store, passphrase, credentials, logins, token, or a token that the API refuses, or nothing set up), else 1.`,
		Example: example(
			"gobiz doctor",
			"gobiz doctor -p jakarta",
			`gobiz doctor --jq '.[] | select(.status != "ok")'`,
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runDoctor(c.Context(), f.account, f.asTyped) },
	}
}

func runDoctor(ctx context.Context, o *account, asTyped func(string) string) error {
	setup, err := newDoctorSetup(ctx, o)
	if err != nil {
		return err
	}
	results := triage.Doctor(ctx, setup)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, r := range results {
		if r.Fix != nil {
			*r.Fix = asTyped(*r.Fix)
		}
	}
	if err := printDoctor(o.Printer, results); err != nil {
		return err
	}
	if setup.Empty {
		for _, line := range firstSteps {
			o.Note("%s", line)
		}
		return &Error{Exit: exitAuth, Code: "not_logged_in", Message: "nothing is set up yet", Hint: "gobiz demo, or gobiz login"}
	}
	return doctorError(results)
}

// firstSteps is what there is to do where nothing was done yet.
var firstSteps = []string{
	"to begin:",
	"  gobiz demo                                  the whole story, offline, no set-up",
	"  gobiz sandbox start                         a GoBiz on this machine; then gobiz login --env local",
	"  gobiz login --env sandbox --client-id ID    with the credentials that GoBiz gave you",
	"in CI set GOBIZ_ENV, GOBIZ_CLIENT_ID and GOBIZ_CLIENT_SECRET instead",
}

var doctorColumns = terminal.Fields[triage.Result]("check", "status", "message", "fix", "duration_ms")

// printDoctor shows people the fix under the message: next to it, it would be
// out of sight.
func printDoctor(p *terminal.Printer, results []triage.Result) error {
	if p.Format() != terminal.FormatTable {
		return terminal.Print(p, results, doctorColumns)
	}
	var rows []triage.Result
	for _, r := range results {
		rows = append(rows, r)
		if r.Fix != nil {
			rows = append(rows, triage.Result{Status: "  fix:", Message: *r.Fix})
		}
	}
	return terminal.Print(p, rows, doctorColumns[:3])
}

// doctorError is how a failed check ends the command.
func doctorError(results []triage.Result) error {
	first, failed := triage.FirstFailed(results)
	if first == nil {
		return nil
	}
	e := &Error{
		Exit: exitFailed, Code: "check_failed",
		Message: fmt.Sprintf("%d of %d checks failed, first %s", failed, len(results), first.Check),
		Hint:    text(first.Fix),
	}
	if first.Login {
		e.Exit = exitAuth
	}
	return e
}

// commandsOf names the commands that call each operation.
var commandsOf = map[string][]string{
	"getTokenInfo":                 {"token-info"},
	"linkOutlet":                   {"link"},
	"unlinkOutlet":                 {"unlink"},
	"listLinkedOutlets":            {"outlets list"},
	"getOutlet":                    {"outlets show"},
	"getCatalog":                   {"catalog pull", "catalog push"},
	"putCatalog":                   {"catalog push"},
	"createSubscription":           {"subscriptions add", "subscriptions sync"},
	"listSubscriptions":            {"subscriptions list", "subscriptions sync"},
	"updateSubscription":           {"subscriptions update", "subscriptions sync"},
	"deleteSubscription":           {"subscriptions delete", "subscriptions sync"},
	"createOutletSubscription":     {"subscriptions add", "subscriptions sync"},
	"listOutletSubscriptions":      {"subscriptions list", "subscriptions sync"},
	"updateOutletSubscription":     {"subscriptions update", "subscriptions sync"},
	"deleteOutletSubscription":     {"subscriptions delete", "subscriptions sync"},
	"listNotifications":            {"notifications list"},
	"putEnterpriseCatalog":         {"catalog push"},
	"createEnterpriseSubscription": {"subscriptions add", "subscriptions sync"},
	"listEnterpriseSubscriptions":  {"subscriptions list", "subscriptions sync"},
	"deleteEnterpriseSubscription": {"subscriptions delete", "subscriptions sync"},
}
