package sandbox

import (
	"embed"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Ids of the seeded entities. They are the same in every sandbox, so that
// scripts and documents can name them.
const (
	facilitatorID = "sandbox-facilitator"
	directID      = "sandbox-direct"
	enterpriseID  = "sandbox-enterprise" // the client id; EnterpriseID is the enterprise's
	foreignID     = "another-partner"    // has no credentials here

	linkedOutletID     = "G100000001"
	unlinkedOutletID   = "G100000002"
	unmappedOutletID   = "G100000003" // linked; some items were made in the app
	letterOutletID     = "G1898453S"  // ids may end in a letter
	directOutletID     = "G200000001"
	foreignOutletID    = "G900000001"
	enterpriseOutletID = "M100001"

	seededEnterpriseID = "5b0f6e1c-2d3a-4c5b-8e7f-0a1b2c3d4e5f"
)

// seed fills an empty store. It runs inside an update.
func (s *Sandbox) seed() {
	for _, p := range seededPartners() {
		s.store.partners.put(p.ID, p)
	}
	for _, u := range seededUsers() {
		s.store.users.put(u.Phone, u)
	}
	for _, o := range seededOutlets() {
		s.store.outlets.put(o.ID, o)
	}
	s.store.meta.put("seeded", uuid.NewString())
}

func seededPartners() []partner {
	gofood := []string{
		"partner:outlet:read", "partner:outlet:write",
		"gofood:catalog:read", "gofood:catalog:write", "gofood:order:read", "gofood:order:write", "gofood:outlet:write",
	}
	money := []string{
		"promo:food_promo:read", "promo:food_promo:write",
		"payment:transaction:read", "payment:transaction:write", "payment:pop:read",
	}
	all := append(append([]string{}, gofood...), money...)
	return []partner{
		{
			ID: facilitatorID, Secret: "sandbox-facilitator-secret", PartnerID: "7d2f0a54-1b3c-4d5e-8f60-100000000001",
			Name: "Contoh POS", RelaySecret: "sandbox-relay-secret",
			Grants: []string{grantClientCredentials, grantAuthorizationCode},
			Scopes: append([]string{"openid", "offline"}, all...),
			RedirectURIs: []string{
				"http://127.0.0.1/callback", "http://[::1]/callback", "http://127.0.0.1/", "http://[::1]/",
				"http://localhost:8910/callback", "https://pos.example.test/gobiz/callback",
			},
		},
		{
			ID: directID, Secret: "sandbox-direct-secret", PartnerID: "7d2f0a54-1b3c-4d5e-8f60-200000000001",
			Name: "PT Contoh Langsung", RelaySecret: "sandbox-direct-relay-secret",
			Grants: []string{grantClientCredentials}, Scopes: all,
		},
		{
			ID: enterpriseID, Secret: "sandbox-enterprise-secret", PartnerID: "7d2f0a54-1b3c-4d5e-8f60-300000000001",
			Name: "Contoh Fried Chicken", RelaySecret: "sandbox-enterprise-relay-secret", EnterpriseID: seededEnterpriseID,
			Grants: []string{grantClientCredentials}, Scopes: []string{"food:read", "food:write"},
		},
	}
}

func seededUsers() []UserInfo {
	return []UserInfo{
		{
			Phone: "+6281200000001", OTP: "111111", Name: "Ibu Pemilik", Role: roleOwner,
			Outlets: []string{linkedOutletID, unlinkedOutletID, unmappedOutletID, letterOutletID},
		},
		{
			Phone: "+6281200000002", OTP: "222222", Name: "Pak Manajer", Role: roleManager,
			Outlets: []string{unlinkedOutletID, letterOutletID},
		},
		{
			Phone: "+6281200000003", OTP: "333333", Name: "Mas Kasir", Role: roleCashier,
			Outlets: []string{linkedOutletID, unlinkedOutletID},
		},
	}
}

func seededOutlets() []outlet {
	linked := time.Date(2026, 1, 5, 3, 0, 0, 0, time.UTC)
	links := func(externalID string, products ...string) []link {
		var list []link
		for _, product := range products {
			list = append(list, link{Product: product, ExternalOutletID: &externalID, CreatedAt: linked, UpdatedAt: linked, LinkedAt: linked})
		}
		return list
	}
	warung := outlet{Merchant: "PT Contoh Boga", Email: "owner@example.test", Status: "active", Acceptance: acceptAuto}
	build := func(id, uuid, name, address string) outlet {
		o := warung
		o.ID, o.UUID, o.Name, o.Address = id, uuid, name, address
		o.Catalog = seededMenu("noodles.json", "09:00", "21:00").resolve(id)
		return o
	}
	tebet := build(linkedOutletID, "0b9e6a52-6a3e-4a53-9d0e-100000000001", "Warung Contoh Tebet", "Jl. Contoh 1, Jakarta")
	tebet.Links = links("POS-TEBET", productGoFood, productPayment)
	kemang := build(unlinkedOutletID, "0b9e6a52-6a3e-4a53-9d0e-100000000002", "Warung Contoh Kemang", "Jl. Contoh 2, Jakarta")
	bogor := build(unmappedOutletID, "0b9e6a52-6a3e-4a53-9d0e-100000000003", "Warung Contoh Bogor", "Jl. Contoh 3, Bogor")
	bogor.Links = links("POS-BOGOR", productGoFood)
	bogor.Catalog = withMadeInApp(bogor.Catalog)
	bandung := build(letterOutletID, "0b9e6a52-6a3e-4a53-9d0e-100000000004", "Warung Contoh Bandung", "Jl. Contoh 4, Bandung")
	bandung.Links = links("POS-BANDUNG", productGoFood)
	bandung.Acceptance = acceptManual
	direct := build(directOutletID, "0b9e6a52-6a3e-4a53-9d0e-200000000001", "Kedai Langsung", "Jl. Contoh 5, Surabaya")
	direct.Partner, direct.Merchant = directID, "PT Contoh Langsung"
	foreign := build(foreignOutletID, "0b9e6a52-6a3e-4a53-9d0e-900000000001", "Kedai Orang Lain", "Jl. Contoh 6, Medan")
	foreign.Partner, foreign.Merchant = foreignID, "PT Orang Lain"
	chain := build(enterpriseOutletID, "0b9e6a52-6a3e-4a53-9d0e-300000000001", "Contoh Fried Chicken Blok M", "Jl. Contoh 7, Jakarta")
	chain.Partner, chain.Merchant = enterpriseID, "Contoh Fried Chicken"
	chain.Links = links("CFC-BLOK-M", productGoFood)
	chain.Catalog = seededMenu("chicken.json", "10:00", "22:00").resolve(enterpriseOutletID)
	return []outlet{tebet, kemang, bogor, bandung, direct, foreign, chain}
}

//go:embed seed
var seedFiles embed.FS

func seededFile(name string) []byte {
	content, err := seedFiles.ReadFile("seed/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return content
}

// seededMenu returns a fresh copy of a menu that is kept as the body of a catalog
// PUT, with every item sold at the same hours of each day.
func seededMenu(file, start, end string) *catalog {
	_, c, err := readCatalog(seededFile(file), gofoodLimits)
	if err != nil {
		panic(err)
	}
	for _, m := range c.Menus {
		for i := range m.Items {
			m.Items[i].OperationalHours = map[string][]window{}
			for _, day := range weekdays {
				m.Items[i].OperationalHours[day] = []window{{start, end}}
			}
		}
	}
	return c
}

// withMadeInApp adds what a merchant made in the GoBiz app: a menu and a shared
// variant category without external ids. Orders for it cannot be relayed.
func withMadeInApp(c *catalog) *catalog {
	var made catalog
	if err := json.Unmarshal(seededFile("made_in_app.json"), &made); err != nil {
		panic(err)
	}
	return &catalog{
		Menus:             append(c.Menus, made.Menus...),
		VariantCategories: append(c.VariantCategories, made.VariantCategories...),
	}
}
