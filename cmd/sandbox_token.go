package cmd

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

type sandboxTokenOptions struct {
	controlOptions
	loginClient func() *http.Client
	now         func() time.Time
	phone       string
}

func newSandboxTokenCommand(f *Factory) *cobra.Command {
	o := sandboxTokenOptions{controlOptions: newControlOptions(f), loginClient: f.loginClient, now: f.Now}
	c := &cobra.Command{
		Use:   "token",
		Short: "Print a merchant's access token, as if the merchant had logged in",
		Long: `Print a merchant's access token. The sandbox's merchant goes through the login pages at once: phone, OTP, Allow.

It is for scripts that link outlets without a browser, with nothing stored.`,
		Example: example(
			"GOBIZ_ACCESS_TOKEN=$(gobiz sandbox token) gobiz token-info",
			"GOBIZ_ACCESS_TOKEN=$(gobiz sandbox token --phone +6281200000002) gobiz link G100000002",
		),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runSandboxToken(c.Context(), o)
		},
	}
	o.add(c)
	c.Flags().StringVar(&o.phone, "phone", "", "`number` of the merchant (default: the first, an owner)")
	return c
}

func runSandboxToken(ctx context.Context, o sandboxTokenOptions) error {
	control, err := o.control()
	if err != nil {
		return err
	}
	info, err := control.Info(ctx)
	if err != nil {
		return err
	}
	merchant, err := merchantOf(info, o.phone)
	if err != nil {
		return err
	}
	endpoint, err := auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: info.OAuthURL, ClientID: info.ClientID, ClientSecret: credentials.NewSecret(info.ClientSecret),
		HTTPClient: o.loginClient(), UserAgent: userAgent(), Now: o.now,
	})
	if err != nil {
		return err
	}
	scopes := auth.DefaultScopes(auth.GrantAuthorizationCode)
	a := endpoint.Authorize(auth.AuthorizationRequest{RedirectURI: info.RedirectURIs[0], Scopes: scopes})
	back, err := merchant.Consent(ctx, a.URL, true)
	if err != nil {
		return err
	}
	code, err := a.Code(back.Query())
	if err != nil {
		return err
	}
	token, err := endpoint.Exchange(ctx, code, a.RedirectURI, a.Verifier, scopes)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.Streams().Out, token.AccessToken.Reveal())
	return err
}

func merchantOf(info sandbox.Info, phone string) (sandbox.Merchant, error) {
	for _, u := range info.Users {
		if u.Phone == cmp.Or(phone, u.Phone) {
			return sandbox.Merchant{Phone: u.Phone, OTP: u.OTP, Transport: http.DefaultTransport}, nil
		}
	}
	return sandbox.Merchant{}, usageError("the sandbox lists its merchants when it starts", "the sandbox has no merchant with the phone number %q", phone)
}
