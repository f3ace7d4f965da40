package cmd

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/webhook/diagnose"
)

type webhookVerifyOptions struct {
	*console
	secret   relaySecret
	settings func() (config.Settings, error)
	config   func() (*config.Config, error)
	store    func(config.Settings) (credentials.Store, error)

	file        string
	signature   string
	allProfiles bool
	choice      recordChoice
}

func newWebhookVerifyCommand(f *Factory) *cobra.Command {
	o := webhookVerifyOptions{console: f.console, secret: f.relaySecret(), settings: f.Settings, config: f.Config, store: f.store}
	c := &cobra.Command{
		Use:   "verify [FILE|-]",
		Short: "Check the signature of a notification, and say why it fails",
		Long: `Check that a notification's body was signed by GoBiz.

FILE is the body as it arrived, read as bytes: a body with one newline more is another body. It may also be a capture
of 'gobiz webhook listen', or what 'gobiz notifications list -o json' prints: these bring their signatures along, and
--id, --invalid and --last choose among them.

For one notification -o json prints an object, for several a list of them; --last 1 makes it one. -o ndjson prints a line
for each, however many there are.

The secret is the relay secret (notification_secret_key): the one in GOBIZ_NOTIFICATION_SECRET, else the profile's.
While it is being rotated, name both, separated by a comma.

When a signature does not verify, the usual mistakes are undone one by one, and two together: a newline too many, JSON
that was parsed and written again, a secret that was decoded, a signature in base64, another profile's secret. One that
makes it verify is named, with what to change. It still counts as not verified: the exit code is 9.`,
		Example: example(
			"gobiz webhook verify body.json --signature d95697f3…",
			"gobiz webhook verify --signature \"$SIGNATURE\" < body.json",
			"gobiz webhook verify capture.jsonl --last 1",
			"gobiz webhook verify capture.jsonl --invalid --last 1",
			"gobiz notifications list --entity F-100200300 -o json | gobiz webhook verify",
			"pass show gobiz/relay | gobiz webhook verify body.json --signature \"$SIGNATURE\" --secret-stdin",
			"gobiz webhook verify body.json --signature d95697f3… --jq '.diagnosis[] | select(.matches) | .transform'",
		),
		Args: optionalArg,
		RunE: func(c *cobra.Command, args []string) error {
			o.file = firstOr(args, "-")
			return runWebhookVerify(c.Context(), o)
		},
	}
	c.Flags().StringVar(&o.signature, "signature", "", "value of the X-Go-Signature header, 64 hex characters (default: the record's)")
	o.secret.addFlag(c.Flags())
	c.Flags().BoolVar(&o.allProfiles, "all-profiles", false, "on a mismatch try the secrets of every profile, also when the secret is not the profile's")
	c.Flags().StringArrayVar(&o.choice.ids, "id", nil, "event `id` or idempotency key of a record (repeatable)")
	c.Flags().IntVar(&o.choice.last, "last", 0, "only the last `n` records")
	c.Flags().BoolVar(&o.choice.invalid, "invalid", false, "only records of a capture that did not verify when they were received")
	return c
}

func runWebhookVerify(ctx context.Context, o webhookVerifyOptions) error {
	secrets, err := o.secret.load(ctx, o.file)
	if err != nil {
		return err
	}
	in, err := o.readRecords(ctx, o.file, o.choice)
	if err != nil {
		return err
	}
	if o.signature != "" {
		if len(in.Records) > 1 {
			return usageError("choose one with --id or --last 1, or leave --signature out", "--signature is for one notification, and %s has %d", inputName(o.file), len(in.Records))
		}
		in.Records[0].Signature = strings.TrimSpace(o.signature)
	} else if in.Kind == capture.Body {
		return usageError("pass the value of the X-Go-Signature header; a capture, or what 'gobiz notifications list -o json' prints, brings its own", "missing --signature")
	}
	v := verifier{secrets: secrets, others: func() []diagnose.NamedSecret { return o.otherSecrets(ctx) }}
	results := make([]verification, len(in.Records))
	for i := range in.Records {
		results[i] = v.verify(&in.Records[i], in.Places[i])
	}
	if len(results) == 1 {
		err = terminal.PrintOne(o.Printer, results[0], verificationColumns)
	} else {
		err = terminal.Print(o.Printer, results, verificationsColumns)
	}
	if err != nil {
		return err
	}
	return v.conclude(o.Printer, results)
}

// maxBody bounds what is read as a notification's body.
const maxBody = 64 << 20

// relaySecret says where the secret that signs notifications comes from.
type relaySecret struct {
	in        io.Reader
	known     func(context.Context) ([]string, error) // those of the environment or the profile
	fromStdin bool
}

func (f *Factory) relaySecret() relaySecret {
	return relaySecret{in: f.Streams.In, known: f.NotificationSecrets}
}

func (s *relaySecret) addFlag(flags *pflag.FlagSet) {
	flags.BoolVar(&s.fromStdin, "secret-stdin", false, "read the relay secret from stdin")
}

// load returns the secrets a notification may be signed with, one or more: from
// stdin, else the environment, else the profile. bodyFile must not be stdin too.
func (s *relaySecret) load(ctx context.Context, bodyFile string) ([]string, error) {
	if s.fromStdin {
		if bodyFile == "-" {
			return nil, usageError("name the body's file as an argument", "stdin cannot hold both the body and the secret")
		}
		secret, err := unlessInterrupted(ctx, func() (string, error) { return terminal.ReadSecret(s.in) })
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			return nil, usageError("", "--secret-stdin: %v", err)
		}
		return []string{secret}, nil
	}
	secrets, err := s.known(ctx)
	if err == nil && len(secrets) == 0 {
		err = usageError("gobiz profile set-secret notification, or set GOBIZ_NOTIFICATION_SECRET, or pass --secret-stdin", "no relay secret (notification_secret_key) is known")
	}
	return secrets, err
}
