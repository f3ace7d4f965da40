package contract_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/gobiz-cli/gobiz/internal/contract"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// What the sandbox seeds.
const (
	linkedOutlet     = "G100000001"
	unlinkedOutlet   = "G100000002"
	unmappedOutlet   = "G100000003" // some items have no external id
	manualOutlet     = "G1898453S"  // merchants accept its orders by hand
	enterpriseOutlet = "M100001"
)

// together is the client and the sandbox, which share no code, with the
// contract on the wire between them.
type together struct {
	*testing.T
	wire    *contract.Contract
	info    sandbox.Info
	control *sandbox.Control
	// strict judges requests and answers; lenient judges answers only, for
	// requests that are wrong on purpose.
	strict, lenient http.RoundTripper
}

func start(t *testing.T) *together {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Options{CatalogDelay: -1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the sandbox: %v", err)
		}
	})
	socket := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(socket.CloseIdleConnections)
	report := func(err error) { t.Errorf("contract: %v", err) }
	w := &together{T: t, wire: contract.Load(t), info: s.Info()}
	w.control = sandbox.NewControl(w.info.ControlURL, &http.Client{Transport: socket})
	w.strict = w.wire.Transport(socket, report)
	w.lenient = w.wire.ResponsesOnly().Transport(socket, report)
	return w
}

// endpoint is a client of the token endpoint.
func (w *together) endpoint(wire http.RoundTripper, id, secret string) *auth.Endpoint {
	w.Helper()
	e, err := auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: w.info.OAuthURL, ClientID: id, ClientSecret: credentials.NewSecret(secret), HTTPClient: &http.Client{Transport: wire},
	})
	if err != nil {
		w.Fatal(err)
	}
	return e
}

func (w *together) facilitatorEndpoint(wire http.RoundTripper) *auth.Endpoint {
	w.Helper()
	return w.endpoint(wire, w.info.ClientID, w.info.ClientSecret)
}

// facilitator is a stored login of the facilitator with both grants.
func (w *together) facilitator() *auth.Stored {
	w.Helper()
	store := credentials.NewMemory()
	profile := auth.Profile{Name: "pos", OAuthURL: w.info.OAuthURL, Grant: auth.GrantClientCredentials, Scopes: w.info.Scopes}
	source := auth.NewStored(profile, auth.Options{
		StateDir:   w.TempDir(),
		OpenStore:  func() (credentials.Store, error) { return store, nil },
		HTTPClient: &http.Client{Transport: w.strict},
	})
	for _, login := range []credentials.Record{
		w.login(auth.LoginOptions{Grant: auth.GrantClientCredentials, Scopes: w.info.Scopes}),
		w.merchantLogin(w.info.Users[0], w.info.Scopes...),
	} {
		if err := source.Remember(w.Context(), login); err != nil {
			w.Fatal(err)
		}
	}
	return source
}

func (w *together) login(o auth.LoginOptions) credentials.Record {
	w.Helper()
	record, err := auth.Login(w.Context(), w.facilitatorEndpoint(w.strict), o)
	if err != nil {
		w.Fatal(err)
	}
	return record
}

// merchantLogin goes the merchant's way: the login page in a browser, and the
// receiver that waits on this machine for the browser to come back.
func (w *together) merchantLogin(user sandbox.UserInfo, scopes ...string) credentials.Record {
	w.Helper()
	receiver, err := auth.NewReceiver("http://127.0.0.1:0/callback")
	if err != nil {
		w.Fatal(err)
	}
	authorization := w.facilitatorEndpoint(w.strict).Authorize(auth.AuthorizationRequest{RedirectURI: receiver.RedirectURI(), Scopes: scopes})
	back, err := w.merchant(user).Consent(w.Context(), authorization.URL, true)
	if err != nil {
		w.Fatal(err)
	}
	visited := make(chan error, 1)
	go func() { visited <- visit(w.Context(), back) }()
	var record credentials.Record
	err = receiver.Wait(w.Context(), authorization, func(_ context.Context, code string) error {
		record = w.login(auth.LoginOptions{
			Grant: auth.GrantAuthorizationCode, Scopes: scopes,
			Code: code, RedirectURI: authorization.RedirectURI, Verifier: authorization.Verifier,
		})
		return nil
	})
	if err = errors.Join(err, <-visited); err != nil {
		w.Fatal(err)
	}
	return record
}

// merchant is a merchant's user with a browser. The contract has the
// authorization endpoint; the pages behind it are the server's own.
func (w *together) merchant(user sandbox.UserInfo) sandbox.Merchant {
	return sandbox.Merchant{Phone: user.Phone, OTP: user.OTP, Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/oauth2/login" {
			return http.DefaultTransport.RoundTrip(r)
		}
		return w.strict.RoundTrip(r)
	})}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// visit brings the browser to the receiver.
func visit(ctx context.Context, to *url.URL) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return err
	}
	page, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return page.Body.Close()
}

// client calls the API. Nothing is repeated but for a 401.
func (w *together) client(wire http.RoundTripper, tokens gobiz.TokenSource) *gobiz.Client {
	w.Helper()
	c, err := gobiz.New(gobiz.Options{BaseURL: w.info.APIURL, Tokens: tokens, Transport: wire, MaxAttempts: 1})
	if err != nil {
		w.Fatal(err)
	}
	return c
}

// with is a client with one token, whatever the operation.
func (w *together) with(token string) *gobiz.Client {
	w.Helper()
	return w.client(w.lenient, auth.NewStatic(credentials.NewSecret(token), ""))
}

func (w *together) enterprise(wire http.RoundTripper) *enterprise.Client {
	w.Helper()
	e := w.endpoint(w.strict, w.info.Enterprise.ClientID, w.info.Enterprise.ClientSecret)
	return enterprise.New(w.client(wire, auth.NewClientCredentials(e, auth.EnterpriseScopes())))
}

// partnerToken gets a token by client credentials.
func (w *together) partnerToken(client sandbox.ClientInfo, scopes ...string) string {
	w.Helper()
	token, err := w.endpoint(w.lenient, client.ClientID, client.ClientSecret).ClientCredentials(w.Context(), scopes)
	if err != nil {
		w.Fatal(err)
	}
	return token.AccessToken.Reveal()
}

func (w *together) facilitatorInfo() sandbox.ClientInfo {
	return sandbox.ClientInfo{ClientID: w.info.ClientID, ClientSecret: w.info.ClientSecret}
}

// merchantToken gets a token by a merchant's login.
func (w *together) merchantToken(scopes ...string) string {
	w.Helper()
	record := w.merchantLogin(w.info.Users[0], append([]string{auth.ScopeOpenID}, scopes...)...)
	return record.Tokens[string(auth.GrantAuthorizationCode)].AccessToken.Reveal()
}

// must wants no error and hands the value on.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func (w *together) done(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func sorted[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	slices.Sort(out)
	return out
}

// patience ends a test that waits for something that never happens.
func (w *together) patience() context.Context {
	ctx, cancel := context.WithTimeout(w.Context(), 30*time.Second)
	w.Cleanup(cancel)
	return ctx
}
