package sandbox

import (
	"net/http"
	"slices"
)

// The grants of the token endpoint (developer documentation,
// "Authentication").
const (
	grantClientCredentials = "client_credentials"
	grantAuthorizationCode = "authorization_code"
	grantRefreshToken      = "refresh_token"
)

// partner is an OAuth client together with the integration it stands for.
type partner struct {
	ID           string // the client id
	Secret       string // the client secret
	PartnerID    string // names the partner in notifications
	Name         string // what the consent page shows
	RelaySecret  string // notification_secret_key: signs the partner's webhooks
	EnterpriseID string // of an EIM client; empty otherwise
	Grants       []string
	Scopes       []string
	RedirectURIs []string
}

// facilitator reports whether the partner is a POS provider or aggregator, whose
// merchants link their outlets. A direct integration owns its outlets.
func (p partner) facilitator() bool { return slices.Contains(p.Grants, grantAuthorizationCode) }

// roles of a user in its outlets (developer documentation, "Linking outlet"
// and "Outlet properties").
const (
	roleOwner   = "owner"
	roleAdmin   = "admin"
	roleManager = "manager"
	roleCashier = "cashier"
)

// mayUse reports whether a partner may call the API for an outlet: nil, the 403
// of another partner's outlet, or the 404 of an outlet that no merchant has
// linked yet (GoBiz API reference, "Error Glossary"). A direct integration and an
// enterprise use their own outlets without a link. An empty product is any.
func mayUse(p partner, o outlet, product string) error {
	switch {
	case o.Partner != "" && o.Partner != p.ID:
		return errForbiddenOutlet()
	case o.Partner == p.ID:
		return nil
	case !p.facilitator():
		return errForbiddenOutlet()
	case !o.linked(product):
		return errUnregisteredOutlet()
	default:
		return nil
	}
}

func errForbidden(message string) error {
	return &apiError{status: http.StatusForbidden, title: "Forbidden", message: message}
}

func errForbiddenOutlet() error {
	return errForbidden("Partner is not authorized to access this outlet's resource")
}

func errUnregisteredOutlet() error {
	return &apiError{
		status:  http.StatusNotFound,
		title:   "Requested resource not found",
		message: "The outlet is not yet registered for integration. Please contact the support team.",
	}
}
