package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/terminal"
	"github.com/gobiz-cli/gobiz/pkg/auth"
)

type tokenOptions struct {
	*account
	grant string
}

func newTokenCommand(f *Factory) *cobra.Command {
	o := tokenOptions{account: f.account}
	c := &cobra.Command{
		Use:   "token",
		Short: "Print a valid access token",
		Long: `Print a valid access token for curl and other tools; it is refreshed first when it is about to expire.

A profile may hold a login of each grant; --grant chooses, the default is the profile's.`,
		Example: example(
			`curl -H "Authorization: Bearer $(gobiz token)" https://api.partner-sandbox.gobiz.co.id/integrations/partner/v1/linked-outlets`,
			"gobiz token --grant authorization-code",
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runToken(c.Context(), o) },
	}
	c.Flags().StringVar(&o.grant, "grant", "", "client-credentials or authorization-code")
	_ = c.RegisterFlagCompletionFunc("grant", cobra.FixedCompletions(grantFlags, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func runToken(ctx context.Context, o tokenOptions) error {
	o.override(config.KeyGrant, o.grant)
	tokens, err := o.Tokens()
	if err != nil {
		return err
	}
	if o.grant != "" {
		if err := o.checkGrant(ctx, tokens); err != nil {
			return err
		}
	}
	token, err := tokens.Token(ctx, "")
	if err != nil {
		return err
	}
	if o.Machine() {
		return terminal.PrintOne(o.Printer, accessToken{token}, accessTokenColumns)
	}
	return o.Text(token)
}

// accessToken is the token for formats that want a name for it.
type accessToken struct {
	AccessToken string `json:"access_token"`
}

var accessTokenColumns = terminal.Fields[accessToken]("access_token")

// checkGrant refuses to print a token of another grant than the one asked for:
// client credentials in the environment come before a merchant's login.
func (o tokenOptions) checkGrant(ctx context.Context, tokens auth.TokenSource) error {
	s, err := o.Settings()
	if err != nil {
		return err
	}
	login, err := tokens.Status(ctx)
	if err != nil || login.Grant == "" || login.Grant == s.Grant {
		return err
	}
	return &Error{
		Exit: exitAuth, Code: "wrong_grant", Message: "the credentials in the environment cannot give a token of the grant " + grantFlag(s.Grant),
		Hint: "unset GOBIZ_CLIENT_ID and GOBIZ_CLIENT_SECRET, and log in: gobiz login --grant " + grantFlag(s.Grant),
	}
}

var grantFlags = []string{"client-credentials", "authorization-code"}
