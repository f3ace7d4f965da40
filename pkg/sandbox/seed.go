package sandbox

import (
	"time"
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
	s.store.meta.put("seeded", "1")
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
			ID: facilitatorID, Secret: "sandbox-facilitator-secret", PartnerID: "sandbox-partner-facilitator",
			Name: "Contoh POS", RelaySecret: "sandbox-relay-secret",
			Grants: []string{grantClientCredentials, grantAuthorizationCode},
			Scopes: append([]string{"openid", "offline"}, all...),
			RedirectURIs: []string{
				"http://127.0.0.1/callback", "http://[::1]/callback", "http://127.0.0.1/", "http://[::1]/",
				"http://localhost:8910/callback", "https://pos.example.test/gobiz/callback",
			},
		},
		{
			ID: directID, Secret: "sandbox-direct-secret", PartnerID: "sandbox-partner-direct",
			Name: "PT Contoh Langsung", RelaySecret: "sandbox-direct-relay-secret",
			Grants: []string{grantClientCredentials}, Scopes: all,
		},
		{
			ID: enterpriseID, Secret: "sandbox-enterprise-secret", PartnerID: "sandbox-partner-enterprise",
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
		o.Catalog = noodleMenu().resolve(id)
		return o
	}
	tebet := build(linkedOutletID, "0b9e6a52-6a3e-4a53-9d0e-100000000001", "Warung Contoh Tebet", "Jl. Contoh 1, Jakarta")
	tebet.Links = links("POS-TEBET", productGoFood, productPayment)
	kemang := build(unlinkedOutletID, "0b9e6a52-6a3e-4a53-9d0e-100000000002", "Warung Contoh Kemang", "Jl. Contoh 2, Jakarta")
	bogor := build(unmappedOutletID, "0b9e6a52-6a3e-4a53-9d0e-100000000003", "Warung Contoh Bogor", "Jl. Contoh 3, Bogor")
	bogor.Links = links("POS-BOGOR", productGoFood)
	bogor.Catalog = withAppMade(bogor.Catalog)
	bandung := build(letterOutletID, "0b9e6a52-6a3e-4a53-9d0e-100000000004", "Warung Contoh Bandung", "Jl. Contoh 4, Bandung")
	bandung.Links = links("POS-BANDUNG", productGoFood)
	bandung.Acceptance = acceptManual
	direct := build(directOutletID, "0b9e6a52-6a3e-4a53-9d0e-200000000001", "Kedai Langsung", "Jl. Contoh 5, Surabaya")
	direct.Partner, direct.Merchant = directID, "PT Contoh Langsung"
	foreign := build(foreignOutletID, "0b9e6a52-6a3e-4a53-9d0e-900000000001", "Kedai Orang Lain", "Jl. Contoh 6, Medan")
	foreign.Partner, foreign.Merchant = foreignID, "PT Orang Lain"
	chain := build(enterpriseOutletID, "0b9e6a52-6a3e-4a53-9d0e-300000000001", "Contoh Fried Chicken Blok M", "Jl. Contoh 7, Jakarta")
	chain.Partner, chain.Merchant = enterpriseID, "Contoh Fried Chicken"
	external := "CFC-BLOK-M"
	chain.Links = []link{{Product: productGoFood, ExternalOutletID: &external, CreatedAt: linked, UpdatedAt: linked, LinkedAt: linked}}
	chain.Catalog = chickenMenu().resolve(enterpriseOutletID)
	return []outlet{tebet, kemang, bogor, bandung, direct, foreign, chain}
}

func allDay(start, end string) map[string][]window {
	hours := map[string][]window{}
	for _, day := range weekdays {
		hours[day] = []window{{start, end}}
	}
	return hours
}

func noodleMenu() *catalog {
	one, three := 1, 3
	option := func(id, name string, price float64) variant {
		return variant{ExternalID: id, Name: name, Price: price, InStock: true}
	}
	dish := func(id, name, description string, price float64, categories ...string) menuItem {
		return menuItem{
			ExternalID: id, Name: name, InternalName: name, Description: description, Price: price, InStock: true,
			OperationalHours: allDay("09:00", "21:00"), VariantCategoryIDs: categories,
		}
	}
	soldOut := dish("MI-003", "Mie Goreng Jawa", "Mie goreng dengan telur dan sayur", 25000, "VC-PEDAS")
	soldOut.InStock = false
	return &catalog{
		VariantCategories: []variantCategory{
			{
				ExternalID: "VC-PEDAS", Name: "Level Pedas", InternalName: "Level pedas - mi",
				Rules: selectionRules{selection{Min: 1, Max: &one}},
				Variants: []variant{
					option("V-PEDAS-0", "Tidak Pedas", 0), option("V-PEDAS-1", "Sedang", 0), option("V-PEDAS-2", "Pedas Sekali", 1000),
				},
			},
			{
				ExternalID: "VC-TOPPING", Name: "Tambahan", InternalName: "Tambahan - mi",
				Rules: selectionRules{selection{Min: 0, Max: &three}},
				Variants: []variant{
					option("V-PANGSIT", "Pangsit Goreng", 5000), option("V-BAKSO", "Bakso Sapi", 7000), option("V-TELUR", "Telur Rebus", 4000),
				},
			},
			{
				ExternalID: "VC-UKURAN", Name: "Ukuran", InternalName: "Ukuran - minuman",
				Rules:    selectionRules{selection{Min: 1, Max: &one}},
				Variants: []variant{option("V-BIASA", "Biasa", 0), option("V-JUMBO", "Jumbo", 4000)},
			},
		},
		Menus: []menu{
			{Name: "Mi", Items: []menuItem{
				dish("MI-001", "Bakmi Ayam", "Bakmi dengan ayam jamur", 27000, "VC-PEDAS", "VC-TOPPING"),
				dish("MI-002", "Bakmi Pangsit", "Bakmi ayam dengan pangsit kuah", 32000, "VC-PEDAS", "VC-TOPPING"),
				soldOut,
			}},
			{Name: "Nasi", Items: []menuItem{
				dish("NA-001", "Nasi Goreng Kampung", "Nasi goreng dengan teri dan telur", 28000, "VC-PEDAS"),
				dish("NA-002", "Nasi Ayam Geprek", "Ayam goreng tepung dengan sambal bawang", 30000, "VC-PEDAS"),
			}},
			{Name: "Minuman", Items: []menuItem{
				dish("MN-001", "Es Jeruk", "Jeruk peras dengan es", 12000, "VC-UKURAN"),
				dish("MN-002", "Es Teh Manis", "Teh melati dengan gula", 8000, "VC-UKURAN"),
				dish("MN-003", "Kopi Susu Gula Aren", "Kopi robusta, susu segar, gula aren", 18000, "VC-UKURAN"),
			}},
		},
	}
}

// withAppMade adds what a merchant made in the GoBiz app: a menu and a shared
// variant category without external ids. Orders for it cannot be relayed.
func withAppMade(c *catalog) *catalog {
	two := 2
	c.VariantCategories = append(c.VariantCategories, variantCategory{
		ID: "7c1d5a40-4f0b-4b6e-9a55-300000000001", Name: "Pilihan Es", InternalName: "Es - dibuat di aplikasi",
		Rules: selectionRules{selection{Min: 0, Max: &two}},
		Variants: []variant{
			{ID: "7c1d5a40-4f0b-4b6e-9a55-300000000011", Name: "Sedikit Es", InStock: true},
			{ID: "7c1d5a40-4f0b-4b6e-9a55-300000000012", Name: "Tanpa Es", InStock: true},
		},
	})
	c.Menus = append(c.Menus, menu{Name: "Menu Baru", Items: []menuItem{
		{
			ID: "7c1d5a40-4f0b-4b6e-9a55-300000000021", Name: "Es Campur", Price: 20000, InStock: true,
			VariantCategoryIDs: []string{"7c1d5a40-4f0b-4b6e-9a55-300000000001"},
		},
		{
			ID: "7c1d5a40-4f0b-4b6e-9a55-300000000022", Name: "Es Cincau", Price: 15000, InStock: true,
			VariantCategoryIDs: []string{"7c1d5a40-4f0b-4b6e-9a55-300000000001"},
		},
	}})
	return c
}

func chickenMenu() *catalog {
	item := func(id, name, description string, price float64) menuItem {
		return menuItem{
			ExternalID: id, Name: name, Description: description, Price: price, InStock: true, OperationalHours: allDay("10:00", "22:00"),
		}
	}
	return &catalog{Menus: []menu{
		{Name: "Ayam", Items: []menuItem{
			item("CFC-001", "Paket Ayam Krispi", "Dua potong ayam, nasi, minuman", 42000),
			item("CFC-002", "Sayap Pedas", "Enam potong sayap", 35000),
		}},
		{Name: "Minuman", Items: []menuItem{item("CFC-101", "Teh Lemon", "Teh dengan lemon", 12000)}},
	}}
}
