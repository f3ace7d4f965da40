package rollout_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// What the sandbox seeds.
const (
	outletID      = "G100000001"
	legacyOutlet  = "M100001"
	unknownOutlet = "G999999999"
)

// place is a sandbox with the client of a partner and that of an enterprise.
type place struct {
	*testing.T
	control *sandbox.Control
	client  *gobiz.Client
	legacy  *enterprise.Client
	apiURL  string
	tokens  gobiz.TokenSource // of the partner
	handler http.Handler      // the sandbox without a socket
	info    sandbox.Info
}

func start(t *testing.T, o sandbox.Options) *place {
	t.Helper()
	s, err := sandbox.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the sandbox: %v", err)
		}
	})
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	info := s.Info()
	client := func(id, secret string, scopes []string) (*gobiz.Client, gobiz.TokenSource) {
		endpoint, err := auth.NewEndpoint(auth.EndpointOptions{
			OAuthURL: info.OAuthURL, ClientID: id, ClientSecret: credentials.NewSecret(secret), HTTPClient: &http.Client{Transport: transport},
		})
		if err != nil {
			t.Fatal(err)
		}
		tokens := auth.NewClientCredentials(endpoint, scopes)
		c, err := gobiz.New(gobiz.Options{BaseURL: info.APIURL, Tokens: tokens, Transport: transport, MaxAttempts: 1})
		if err != nil {
			t.Fatal(err)
		}
		return c, tokens
	}
	partner, partnerTokens := client(info.ClientID, info.ClientSecret, auth.DefaultScopes(auth.GrantClientCredentials))
	legacy, _ := client(info.Enterprise.ClientID, info.Enterprise.ClientSecret, auth.EnterpriseScopes())
	return &place{
		T: t, control: sandbox.NewControl(info.ControlURL, &http.Client{Transport: transport}),
		client: partner, legacy: enterprise.New(legacy), apiURL: info.APIURL, tokens: partnerTokens,
		handler: s.Handler(), info: info,
	}
}

func (p *place) partner() rollout.Target { return rollout.Partner(p.client) }

// file reads a catalog file.
func (p *place) file(name, text string, api catalog.API) *catalog.File {
	p.Helper()
	file, findings := catalog.Parse(name, []byte(text), api)
	if err := findings.Err(name); err != nil {
		p.Fatal(err, findings)
	}
	return file
}

// live is the menu that customers see now.
func (p *place) live() *catalog.Live {
	p.Helper()
	live, err := p.partner().Live(p.Context(), outletID)
	if err != nil {
		p.Fatal(err)
	}
	return live
}

// pulled is the live menu as a file that pushes back unchanged.
func (p *place) pulled() *catalog.File {
	p.Helper()
	file, _ := p.live().File(nil)
	return file
}

// puts is how many catalogs the sandbox was sent, on either path.
func (p *place) puts() int {
	p.Helper()
	requests, err := p.control.Requests(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	return requests.Counts["putCatalog"] + requests.Counts["putEnterpriseCatalog"]
}

// inside is an outlet's menu as the sandbox itself keeps it.
func (p *place) inside(id string) *catalog.Live {
	p.Helper()
	state, err := p.control.State(p.Context())
	if err != nil {
		p.Fatal(err)
	}
	i := slices.IndexFunc(state.Outlets, func(o sandbox.OutletState) bool { return o.ID == id })
	if i < 0 {
		p.Fatalf("the sandbox has no outlet %s", id)
	}
	text, err := json.Marshal(state.Outlets[i].Catalog)
	if err != nil {
		p.Fatal(err)
	}
	live, err := catalog.FromLive(text)
	if err != nil {
		p.Fatal(err)
	}
	return live
}

// inStock tells of each item whether it is sold.
func inStock(live *catalog.Live) map[string]bool { return live.Stock(nil).Items }

// anotherMenu lets a menu through that has nothing of the one that is live.
var anotherMenu = rollout.Overrides{rollout.GuardDeletes: "8", rollout.GuardVariantDeletes: "8"}

// smallMenu is a file that says nothing about MI-003's stock, which is sold out
// live, that puts NEW-1 on the menu, and that leaves enough of it for the guards.
const smallMenu = `
menus:
  - name: Mi
    menu_items:
      - {external_id: MI-001, name: Bakmi Ayam, price: 28_000, in_stock: false}
      - {external_id: MI-003, name: Mie Goreng Jawa, price: 26_000}
      - {external_id: NEW-1, name: Mie Nyemek, price: 24_000, variant_category_external_ids: [VC-PEDAS]}
      - {external_id: MI-002, name: Bakmi Pangsit, price: 32_000, variant_category_external_ids: [VC-TOPPING]}
      - {external_id: NA-001, name: Nasi Goreng Kampung, price: 28_000}
      - {external_id: NA-002, name: Nasi Ayam Geprek, price: 30_000}
variant_categories:
  - external_id: VC-PEDAS
    name: Level Pedas
    rules: {selection: {min_quantity: 1, max_quantity: 1}}
    variants:
      - {external_id: V-PEDAS-0, name: Tidak pedas, price: 0}
      - {external_id: V-PEDAS-9, name: Gila, price: 2000}
  - external_id: VC-TOPPING
    name: Tambahan
    rules: {selection: {min_quantity: 0, max_quantity: 3}}
    variants:
      - {external_id: V-PANGSIT, name: Pangsit Goreng, price: 5000}
      - {external_id: V-BAKSO, name: Bakso Sapi, price: 7000}
      - {external_id: V-TELUR, name: Telur Rebus, price: 4000}
`
