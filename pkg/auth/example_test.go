package auth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// A partner's own server: client id and secret come from its configuration, and
// the token stays in memory. The source is what gobiz.Options.Tokens takes.
func Example() {
	ctx := context.Background()
	gobiz, err := sandbox.Start(ctx, sandbox.Options{}) // in place of GoBiz
	if err != nil {
		log.Fatal(err)
	}
	defer gobiz.Close()
	info := gobiz.Info()

	tokens, err := auth.New(auth.Profile{
		OAuthURL: info.OAuthURL,
		ClientID: info.ClientID, ClientSecret: credentials.NewSecret(info.ClientSecret),
		Grant: auth.GrantClientCredentials,
	}, auth.Options{UserAgent: "my-pos/1.0"})
	if err != nil {
		log.Fatal(err)
	}
	token, err := tokens.Token(ctx, "getCatalog")
	fmt.Println(token != "", err)

	// Only a merchant links an outlet: that is known without asking the server.
	err = tokens.Check(ctx, "linkOutlet")
	fmt.Println(errors.Is(err, auth.ErrWrongGrant), err)
	// Output:
	// true <nil>
	// true this call needs a merchant login, client credentials cannot make it
}

// A merchant logs in and consents in a browser, and the login is kept: it is
// refreshed when it is needed, also after a restart.
func Example_merchant() {
	ctx := context.Background()
	gobiz, err := sandbox.Start(ctx, sandbox.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer gobiz.Close()
	info := gobiz.Info()
	locks, err := os.MkdirTemp("", "locks")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(locks)

	profile := auth.Profile{Name: "jakarta", OAuthURL: info.OAuthURL, Grant: auth.GrantAuthorizationCode}
	store := credentials.NewMemory() // credentials.Open in real life
	login := auth.NewStored(profile, auth.Options{
		StateDir: locks, OpenStore: func() (credentials.Store, error) { return store, nil },
	})
	endpoint, err := auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: info.OAuthURL, ClientID: info.ClientID, ClientSecret: credentials.NewSecret(info.ClientSecret),
	})
	if err != nil {
		log.Fatal(err)
	}

	receiver, err := auth.NewReceiver("http://127.0.0.1:0/callback") // registered at GoBiz
	if err != nil {
		log.Fatal(err)
	}
	a := endpoint.Authorize(auth.AuthorizationRequest{
		RedirectURI: receiver.RedirectURI(), Scopes: auth.DefaultScopes(auth.GrantAuthorizationCode),
	})
	// Here a browser shows a.URL. The sandbox's merchant does what a person would.
	merchant := sandbox.Merchant{Phone: info.Users[0].Phone, OTP: info.Users[0].OTP}
	back, err := merchant.Consent(ctx, a.URL, true)
	if err != nil {
		log.Fatal(err)
	}
	go visit(back.String())
	err = receiver.Wait(ctx, a, func(ctx context.Context, code string) error {
		record, err := auth.Login(ctx, endpoint, a.LoginOptions(code))
		if err != nil {
			return err
		}
		return login.Remember(ctx, record)
	})
	if err != nil {
		log.Fatal(err)
	}
	status, err := login.Status(ctx)
	fmt.Println(status.LoggedIn, status.Grant, status.Refreshable, err)
	// Output:
	// true authorization_code true <nil>
}

// visit is a browser that is sent to an address.
func visit(address string) {
	if answer, err := http.Get(address); err == nil {
		answer.Body.Close()
	}
}
