package cmd

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/terminal"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

type webhookVerifyOptions struct {
	file        string
	signature   string
	secretStdin bool
}

// verification is what `webhook verify` finds out.
type verification struct {
	Valid         bool        `json:"valid"`
	Algorithm     string      `json:"algorithm"`
	Event         *string     `json:"event"`
	EventID       *string     `json:"event_id"`
	MatchedSecret *int        `json:"matched_secret"` // counts from 1; null when invalid
	Diagnosis     []diagnosis `json:"diagnosis"`
}

// diagnosis is one explanation that was tried for a signature that fails.
type diagnosis struct {
	Transform string `json:"transform"`
	Matches   bool   `json:"matches"`
}

var verificationColumns = []terminal.Column[verification]{
	{Name: "valid", Value: func(v verification) string { return strconv.FormatBool(v.Valid) }},
	{Name: "algorithm", Value: func(v verification) string { return v.Algorithm }},
	{Name: "event", Value: func(v verification) string { return text(v.Event) }},
	{Name: "event_id", Value: func(v verification) string { return text(v.EventID) }},
	{Name: "matched_secret", Value: func(v verification) string { return number(v.MatchedSecret) }},
}

func newWebhookVerifyCommand(f *Factory) *cobra.Command {
	var o webhookVerifyOptions
	c := &cobra.Command{
		Use:   "verify [FILE|-]",
		Short: "Check the signature of a notification",
		Long: `Check that a notification's body was signed by GoBiz.

The body is read as bytes from a file or stdin: a body with one newline more is another body. The secret is the
relay secret (notification_secret_key): the one in GOBIZ_NOTIFICATION_SECRET, else the profile's. While it is being
rotated, name both, separated by a comma.

Exit code 9 says that the signature does not verify.`,
		Example: example(
			"gobiz webhook verify body.json --signature d95697f3…",
			"gobiz webhook verify --signature \"$SIGNATURE\" < body.json",
			"pass show gobiz/relay | gobiz webhook verify body.json --signature \"$SIGNATURE\" --secret-stdin",
		),
		Args: optionalArg,
		RunE: func(c *cobra.Command, args []string) error {
			o.file = firstOr(args, "-")
			return runWebhookVerify(c.Context(), f, o)
		},
	}
	c.Flags().StringVar(&o.signature, "signature", "", "value of the X-Go-Signature header, 64 hex characters (required)")
	c.Flags().BoolVar(&o.secretStdin, "secret-stdin", false, "read the relay secret from stdin")
	return c
}

func runWebhookVerify(ctx context.Context, f *Factory, o webhookVerifyOptions) error {
	if o.signature == "" {
		return usageError("pass the value of the X-Go-Signature header", "missing --signature")
	}
	secrets, err := f.relaySecrets(ctx, o.secretStdin, o.file)
	if err != nil {
		return err
	}
	body, err := f.readInput(o.file, maxBody)
	if err != nil {
		return err
	}
	result := verification{Algorithm: webhook.Algorithm, Diagnosis: []diagnosis{}}
	header := webhook.ParseHeader(body)
	result.Event, result.EventID = nonEmpty(string(header.Event)), nonEmpty(header.EventID)
	if match := webhook.Verify(body, strings.TrimSpace(o.signature), secrets...); match >= 0 {
		match++
		result.Valid, result.MatchedSecret = true, &match
	}
	if err := printOne(f, result, verificationColumns); err != nil || result.Valid {
		return err
	}
	return &Error{
		Exit: exitSignature, Code: "signature_mismatch",
		Message: fmt.Sprintf("the signature does not verify: none of %d secret(s) signed these %d bytes", len(secrets), len(body)),
		Hint:    "check that the body is byte for byte what arrived, and that the relay secret belongs to this environment",
	}
}

// maxBody bounds what is read as a notification's body.
const maxBody = 64 << 20

// relaySecrets gives the secrets a notification may be signed with: from stdin,
// else the environment, else the profile.
func (f *Factory) relaySecrets(ctx context.Context, stdin bool, bodyFile string) ([]string, error) {
	if stdin {
		if bodyFile == "-" {
			return nil, usageError("name the body's file as an argument", "stdin cannot hold both the body and the secret")
		}
		secret, err := terminal.ReadSecret(f.Streams.In)
		if err != nil {
			return nil, usageError("", "--secret-stdin: %v", err)
		}
		return []string{secret}, nil
	}
	secrets, err := f.NotificationSecrets(ctx)
	if err == nil && len(secrets) == 0 {
		err = usageError("set GOBIZ_NOTIFICATION_SECRET, or pass --secret-stdin", "no relay secret (notification_secret_key) is known")
	}
	return secrets, err
}
