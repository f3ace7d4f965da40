package contract_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// Every error that GoBiz's pages name comes out of the sandbox and arrives as a
// *gobiz.Error with the server's own words.
func TestErrorsOfTheAPI(t *testing.T) {
	w := start(t)
	source := w.facilitator()
	client := w.client(w.strict, source)
	sloppy := w.client(w.lenient, source) // its requests are wrong on purpose
	stale := w.with("a-token-that-ended")
	legacy := w.enterprise(w.strict)
	strangersLegacy := enterprise.New(w.with("a-token-that-ended"))
	const outletUUID = "0b9e6a52-6a3e-4a53-9d0e-100000000001" // what the browser's address bar shows
	const unknownUUID = "0d9f4f0a-2d4b-4b5e-8a2e-6d0f6a7b8c9d"
	v9 := http.Header{"Accept": {"application/vnd.eim.v9+json"}}
	badMenu := body(catalog.Payload{Menus: []catalog.PayloadMenu{{Name: "Mi"}}})
	partnerToken := w.partnerToken(w.facilitatorInfo(), auth.ScopeOutletRead)
	cashier := w.merchantLogin(w.info.Users[2], w.info.Scopes...).Tokens[string(auth.GrantAuthorizationCode)].AccessToken.Reveal()
	link := func(c *gobiz.Client, outlet string, product gobiz.Product) error {
		_, err := c.LinkOutlet(t.Context(), outlet, product, "POS-1")
		return err
	}
	menuOf := func(c *gobiz.Client, outlet string) error {
		_, err := c.Catalog(t.Context(), outlet, &catalog.Live{})
		return err
	}

	for _, test := range []struct {
		name string
		call func(context.Context) error
		want gobiz.Error
	}{
		{"UnsupportedAcceptType", func(ctx context.Context) error {
			_, err := sloppy.Invoke(ctx, gobiz.Call{Operation: "getCatalog", Params: []string{linkedOutlet}, Header: v9})
			return err
		}, gobiz.Error{Operation: "getCatalog", Status: 406, Title: "UnsupportedAcceptType", Message: "Invalid Accept header: application/vnd.eim.v9+json", Kind: gobiz.ErrNotAcceptable}},
		{"UnsupportedAcceptType of the legacy API", func(ctx context.Context) error {
			_, err := w.enterpriseCall(ctx, gobiz.Call{Operation: "listEnterpriseSubscriptions", Params: []string{w.info.Enterprise.EnterpriseID}, Header: v9})
			return err
		}, gobiz.Error{Operation: "listEnterpriseSubscriptions", Status: 406, Title: "UnsupportedAcceptType", Message: "Invalid Accept header: application/vnd.eim.v9+json", Kind: gobiz.ErrNotAcceptable}},
		{"wrong content type", func(ctx context.Context) error {
			_, err := sloppy.Invoke(ctx, gobiz.Call{Operation: "putCatalog", Params: []string{linkedOutlet}, Header: http.Header{"Content-Type": {"text/plain"}}, Body: gobiz.Body{[]byte("{}")}})
			return err
		}, gobiz.Error{Operation: "putCatalog", Status: 415, Title: "Unsupported Media Type", Message: "Content-Type must be application/json", Kind: gobiz.ErrNotAcceptable}},
		{"UnregisteredOutlet", func(context.Context) error { return menuOf(client, unlinkedOutlet) },
			gobiz.Error{Operation: "getCatalog", Status: 404, Title: "Requested resource not found", Message: "The outlet is not yet registered for integration. Please contact the support team.", Kind: gobiz.ErrNotFound}},
		{"UnregisteredOutlet of the legacy API", func(ctx context.Context) error {
			_, err := legacy.PutCatalog(ctx, "M999999", legacyMenu(), "")
			return err
		}, gobiz.Error{Operation: "putEnterpriseCatalog", Status: 404, Title: "Requested resource not found!", Message: "The outlet is not yet registered for integration. Please contact the support team.", Kind: gobiz.ErrNotFound}},
		{"Unauthorized", func(context.Context) error { return menuOf(stale, linkedOutlet) },
			gobiz.Error{Operation: "getCatalog", Status: 401, Code: "HTTP_401", Title: "Session Expired", Message: "Your session is expired. Please login again.", Severity: "error", Kind: gobiz.ErrUnauthorized}},
		{"Unauthorized of the legacy API", func(ctx context.Context) error {
			_, err := strangersLegacy.Subscriptions(ctx, w.info.Enterprise.EnterpriseID)
			return err
		}, gobiz.Error{Operation: "listEnterpriseSubscriptions", Status: 401, Code: "HTTP_401", Title: "Session Expired", Message: "Your session is expired. Please login again.", Severity: "error", Kind: gobiz.ErrUnauthorized}},
		{"another partner's outlet", func(context.Context) error { return menuOf(client, w.info.ForeignOutlet) },
			gobiz.Error{Operation: "getCatalog", Status: 403, Title: "Forbidden", Message: "Partner is not authorized to access this outlet's resource", Kind: gobiz.ErrForbidden}},
		{"the outlet's UUID", func(context.Context) error { return menuOf(client, outletUUID) },
			gobiz.Error{Operation: "getCatalog", Status: 403, Title: "Forbidden", Message: "Partner is not authorized to access this outlet's resource", Kind: gobiz.ErrForbidden}},
		{"a role that may not link", func(context.Context) error { return link(w.with(cashier), unlinkedOutlet, gobiz.ProductGoFood) },
			gobiz.Error{Operation: "linkOutlet", Status: 403, Title: "Forbidden", Message: "User with role cashier is not allowed to link or unlink outlets", Kind: gobiz.ErrForbidden}},
		{"scope missing", func(context.Context) error { return menuOf(w.with(partnerToken), linkedOutlet) },
			gobiz.Error{Operation: "getCatalog", Status: 403, Title: "Forbidden", Message: "The access token lacks the scope gofood:catalog:read", Kind: gobiz.ErrForbidden}},
		{"wrong flow", func(ctx context.Context) error {
			_, err := w.with(partnerToken).LinkPrimaryOutlet(ctx, "POS-1")
			return err
		}, gobiz.Error{Operation: "linkPrimaryOutlet", Status: 404, Title: "Not found", Message: "Invalid URL", Kind: gobiz.ErrNotFound}},
		{"outlet not found", func(ctx context.Context) error { _, err := client.Outlet(ctx, "G999999999"); return err },
			gobiz.Error{Operation: "getOutlet", Status: 404, Title: "Not found", Message: "Outlet with id: G999999999 is not found", Kind: gobiz.ErrNotFound}},
		{"payment not found", func(ctx context.Context) error {
			_, err := client.Transaction(ctx, linkedOutlet, unknownUUID)
			return err
		}, gobiz.Error{Operation: "getTransaction", Status: 404, Title: "Not found", Message: "Transaction not found", Kind: gobiz.ErrNotFound}},
		{"bad request", func(context.Context) error { return link(sloppy, unlinkedOutlet, "gomart") },
			gobiz.Error{Operation: "linkOutlet", Status: 400, Title: "Bad Request", Message: "product: must be gofood or payment", Kind: gobiz.ErrInvalid}},
		{"bad request of the legacy API", func(ctx context.Context) error {
			_, err := w.enterprise(w.lenient).CreateSubscription(ctx, w.info.Enterprise.EnterpriseID, "gofood.order.created", "https://chain.example.test/orders")
			return err
		}, gobiz.Error{Operation: "createEnterpriseSubscription", Status: 400, Title: "Bad Request", Message: "event: must be gofood.order.driver_arrived", Kind: gobiz.ErrInvalid}},
		{"validation", func(ctx context.Context) error {
			_, err := sloppy.PutCatalog(ctx, linkedOutlet, badMenu, "")
			return err
		},
			gobiz.Error{Operation: "putCatalog", Status: 422, Title: "Bad Request", Message: "menus: missing required field", Kind: gobiz.ErrInvalid}},
		{"validation of the legacy API", func(ctx context.Context) error {
			_, err := legacy.PutCatalog(ctx, enterpriseOutlet, body(catalog.Payload{Menus: []catalog.PayloadMenu{{Name: "Mains"}}}), "")
			return err
		}, gobiz.Error{Operation: "putEnterpriseCatalog", Status: 422, Title: "Bad Request", Message: "menus: missing required field", Kind: gobiz.ErrInvalid}},
		{"promotion that begins today", func(ctx context.Context) error {
			_, err := client.CreatePromo(ctx, linkedOutlet, promoFrom(time.Now(), "MI-001"))
			return err
		}, gobiz.Error{Operation: "createPromo", Status: 422, Title: "Error hint", Message: "Start date must be after today.", Kind: gobiz.ErrInvalid}},
		{"promotion refused inside a 200", func(ctx context.Context) error {
			result, err := client.CreatePromo(ctx, linkedOutlet, promoFrom(time.Now().Add(3*day), "MI-003")) // sold out
			if result == nil || len(result.Failure) != 1 || result.Failure[0].ExternalMenuID != "MI-003" {
				t.Errorf("the result is %+v", result)
			}
			return err
		}, gobiz.Error{Operation: "createPromo", Status: 200, Title: "promotion not created", Message: "item MI-003: Item is not active", Kind: gobiz.ErrRejected}},
		{"subscribed twice", func(ctx context.Context) error {
			request := gobiz.SubscriptionRequest{Event: "gofood.order.created", URL: "https://pos.example.test/gofood"}
			if _, err := client.Subscriptions(gobiz.AllOutlets).Create(ctx, request); err != nil {
				return err
			}
			_, err := client.Subscriptions(gobiz.AllOutlets).Create(ctx, request)
			return err
		}, gobiz.Error{Operation: "createSubscription", Status: 422, Title: "Bad Request", Message: "url has already been taken", Kind: gobiz.ErrConflict}},
		{"server error", w.under(sandbox.Fault{Target: "getCatalog", Status: 503}, func(context.Context) error { return menuOf(client, linkedOutlet) }),
			gobiz.Error{Operation: "getCatalog", Status: 503, Kind: gobiz.ErrServer, Uncertain: true, Retryable: true}},
		{"rate limit", w.under(sandbox.Fault{Target: "getCatalog", Status: 429, RetryAfter: 7 * time.Second}, func(context.Context) error { return menuOf(client, linkedOutlet) }),
			gobiz.Error{Operation: "getCatalog", Status: 429, Kind: gobiz.ErrRateLimited, Retryable: true, RetryAfter: 7 * time.Second}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.call(t.Context())
			var got *gobiz.Error
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a *gobiz.Error", err)
			}
			if !errors.Is(err, test.want.Kind) {
				t.Errorf("the kind is %v, want %v", got.Kind, test.want.Kind)
			}
			// A fault's words are the sandbox's own.
			ignore := []string{"Method", "Path", "RequestID", "Attempts", "Err", "Kind"}
			if test.want.Title == "" {
				ignore = append(ignore, "Title", "Message", "Body", "Code", "Severity")
			}
			if diff := cmp.Diff(test.want, *got, cmpopts.IgnoreFields(gobiz.Error{}, ignore...), cmpopts.IgnoreUnexported(gobiz.Error{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if got.RequestID == "" || got.Attempts != 1 || !strings.Contains(got.Error(), got.RequestID) {
				t.Errorf("%d attempts, request id %q: %v", got.Attempts, got.RequestID, got)
			}
			if !strings.Contains(got.Error(), strings.TrimSuffix(test.want.Message, ".")) {
				t.Errorf("the text %q lacks the server's words", got)
			}
		})
	}
}

const day = 24 * time.Hour

// under makes a call while a fault is in force.
func (w *together) under(fault sandbox.Fault, call func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := w.control.SetFaults(ctx, fault); err != nil {
			return err
		}
		return errors.Join(call(ctx), w.control.SetFaults(ctx))
	}
}

// enterpriseCall makes a legacy call with a header of its own.
func (w *together) enterpriseCall(ctx context.Context, call gobiz.Call) (*gobiz.Reply, error) {
	token := w.partnerToken(w.info.Enterprise, auth.ScopeEnterpriseRead)
	return w.with(token).Invoke(ctx, call)
}

func promoFrom(start time.Time, item string) gobiz.PromoRequest {
	jakarta := time.FixedZone("WIB", 7*60*60)
	return gobiz.PromoRequest{Detail: gobiz.PromoDetail{
		StartDate: start.In(jakarta).Format(time.DateOnly), EndDate: start.Add(5 * day).In(jakarta).Format(time.DateOnly),
		SellingPrice: 20000, ExternalMenuID: item,
	}}
}

// The two shapes of a 401: only the newer API says "success" (Enterprise Integration Middleware, "Update
// menu"; GoBiz API reference, "Error Response").
func TestShapesOf401(t *testing.T) {
	w := start(t)
	for path, want := range map[string]bool{
		"/integrations/gofood/outlets/" + linkedOutlet + "/v2/catalog":                   true,
		"/enterprises/" + w.info.Enterprise.EnterpriseID + "/notification-subscriptions": false,
	} {
		answer, err := w.with("a-token-that-ended").Do(t.Context(), gobiz.Request{Method: http.MethodGet, Path: path, Header: http.Header{"Accept": {"application/vnd.eim.v1+json"}}})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.Status != http.StatusUnauthorized {
			t.Fatalf("%d %s, %v", answer.Status, body, err)
		}
		if got := strings.Contains(string(body), `"success":false`); got != want {
			t.Errorf("%s answers %s", path, body)
		}
	}
}

// Errors of the token endpoint (Enterprise Integration Middleware, "Get Access Token"): two are
// documented, the others are RFC 6749's.
func TestErrorsOfTheTokenEndpoint(t *testing.T) {
	w := start(t)
	facilitator := w.facilitatorEndpoint(w.lenient)
	withoutClient := w.facilitatorEndpoint(roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Del("Authorization")
		return w.lenient.RoundTrip(r)
	}))
	credentialsOf := func(e *auth.Endpoint, scopes ...string) func(context.Context) error {
		return func(ctx context.Context) error { _, err := e.ClientCredentials(ctx, scopes); return err }
	}
	exchange := func(e *auth.Endpoint, code string) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := e.Exchange(ctx, code, "http://127.0.0.1/callback", "", []string{auth.ScopeOpenID})
			return err
		}
	}
	read := auth.ScopeOutletRead
	for _, test := range []struct {
		name string
		call func(context.Context) error
		want auth.Error
		kind error // nil: none of the package's kinds
	}{
		{"missing parameter", credentialsOf(withoutClient, read),
			auth.Error{Status: 400, Code: "bad_request", Description: "The request was missing a required parameter", Hint: "client_id missing", Scopes: []string{read}}, nil},
		{"missing scope of the legacy API", credentialsOf(w.endpoint(w.lenient, w.info.Enterprise.ClientID, w.info.Enterprise.ClientSecret)),
			auth.Error{Status: 400, Code: "bad_request", Description: "The request was missing a required parameter", Hint: "scope missing"}, nil},
		{"wrong secret", credentialsOf(w.endpoint(w.strict, w.info.ClientID, "wrong"), read),
			auth.Error{Status: 401, Code: "invalid_client", Description: "Client authentication failed", Hint: "client id or secret is invalid", Scopes: []string{read}}, auth.ErrCredentials},
		{"unknown client", credentialsOf(w.endpoint(w.strict, "nobody", w.info.ClientSecret), read),
			auth.Error{Status: 401, Code: "invalid_client", Description: "Client authentication failed", Hint: "client id or secret is invalid", Scopes: []string{read}}, auth.ErrCredentials},
		{"one scope too many", credentialsOf(facilitator, read, "mokapos:library:read"),
			auth.Error{Status: 400, Code: "invalid_scope", Scopes: []string{read, "mokapos:library:read"}}, auth.ErrScope},
		{"unknown code", exchange(facilitator, "never-issued"),
			auth.Error{Status: 400, Code: "invalid_grant", Scopes: []string{auth.ScopeOpenID}}, auth.ErrNotLoggedIn},
		{"grant that the client has not", exchange(w.endpoint(w.lenient, w.info.Direct.ClientID, w.info.Direct.ClientSecret), "any"),
			auth.Error{Status: 400, Code: "unauthorized_client", Scopes: []string{auth.ScopeOpenID}}, auth.ErrCredentials},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.call(t.Context())
			var got *auth.Error
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want an *auth.Error", err)
			}
			ignore := []string{"RequestID"}
			if test.want.Description == "" { // not documented
				ignore = append(ignore, "Description", "Hint")
			}
			if diff := cmp.Diff(test.want, *got, cmpopts.IgnoreFields(auth.Error{}, ignore...), cmpopts.IgnoreUnexported(auth.Error{}), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if got.RequestID == "" {
				t.Error("no request id")
			}
			for _, kind := range []error{auth.ErrCredentials, auth.ErrScope, auth.ErrNotLoggedIn, auth.ErrServer} {
				if errors.Is(err, kind) != (kind == test.kind) {
					t.Errorf("%v is %v: %v", err, kind, errors.Is(err, kind))
				}
			}
		})
	}
}

// A code and a refresh token work once. Whoever brings one again ends the whole
// login, since one of the two who had it must have stolen it.
func TestCodeAndRefreshTokenWorkOnce(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	endpoint := w.facilitatorEndpoint(w.strict)
	refused := func(what string, err error) {
		t.Helper()
		var answer *auth.Error
		if !errors.As(err, &answer) || answer.Code != "invalid_grant" || answer.Status != 400 {
			t.Errorf("%s: %v", what, err)
		}
	}
	login := func() (again func() error, first credentials.Token) {
		a := endpoint.Authorize(auth.AuthorizationRequest{RedirectURI: "http://127.0.0.1/callback", Scopes: w.info.Scopes})
		back := must(w.merchant(w.info.Users[0]).Consent(ctx, a.URL, true))(t)
		code := must(a.Code(back.Query()))(t)
		exchange := func() (credentials.Token, error) {
			return endpoint.Exchange(ctx, code, a.RedirectURI, a.Verifier, w.info.Scopes)
		}
		return func() error { _, err := exchange(); return err }, must(exchange())(t)
	}
	refresh := func(token credentials.Token) error {
		_, err := endpoint.Refresh(ctx, token.RefreshToken, w.info.Scopes)
		return err
	}

	exchangeAgain, first := login()
	refused("the code, used before", exchangeAgain())
	refused("the refresh token of a code that was used twice", refresh(first))

	_, first = login()
	second := must(endpoint.Refresh(ctx, first.RefreshToken, w.info.Scopes))(t)
	if second.RefreshToken.Equal(first.RefreshToken) {
		t.Error("the refresh token was not replaced")
	}
	refused("the refresh token, used before", refresh(first))
	refused("the new refresh token of a login with a stolen one", refresh(second))
}

// A merchant who presses Deny, and an answer that belongs to another login.
func TestMerchantDenies(t *testing.T) {
	w := start(t)
	authorization := w.facilitatorEndpoint(w.strict).Authorize(auth.AuthorizationRequest{RedirectURI: "http://127.0.0.1/callback", Scopes: w.info.Scopes})
	back := must(w.merchant(w.info.Users[0]).Consent(t.Context(), authorization.URL, false))(t)
	if back.Query().Get("error") != "access_denied" {
		t.Errorf("the browser was sent to %s", back)
	}
	if _, err := authorization.Code(back.Query()); !errors.Is(err, auth.ErrDenied) {
		t.Errorf("got %v", err)
	}
	if _, err := authorization.Code(url.Values{"code": {"c"}, "state": {"of another login"}}); !errors.Is(err, auth.ErrState) {
		t.Errorf("got %v", err)
	}
}

// A call that the login at hand cannot make is not sent.
func TestWrongLoginSendsNothing(t *testing.T) {
	w := start(t)
	source := auth.NewClientCredentials(w.facilitatorEndpoint(w.strict), []string{auth.ScopeOutletRead})
	client := w.client(w.strict, source)
	_, err := client.TokenInfo(t.Context())
	if !errors.Is(err, auth.ErrWrongGrant) {
		t.Errorf("a merchant's call gives %v", err)
	}
	if _, err = client.Catalog(t.Context(), linkedOutlet, &catalog.Live{}); !errors.Is(err, auth.ErrScope) {
		t.Errorf("a call without its scope gives %v", err)
	}
	requests := must(w.control.Requests(t.Context()))(t)
	if len(requests.Last) != 0 {
		t.Errorf("the sandbox was asked for %v", requests.Counts)
	}
}
