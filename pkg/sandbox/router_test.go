package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

// The error bodies that every endpoint shares, to the letter.
func TestCommonErrors(t *testing.T) {
	d := newHarness(t, Options{})
	partner := d.as(facilitatorID)
	merchant := d.loggedIn(owner(t))
	legacy := d.as(enterpriseID)
	chain := "/enterprises/" + seededEnterpriseID + "/notification-subscriptions"
	uuid := "0b9e6a52-6a3e-4a53-9d0e-100000000001"
	outlet := func(id string) string { return "/integrations/partner/outlets/" + id + "/v1" }
	menu := func(id string) string { return "/integrations/gofood/outlets/" + id + "/v2/catalog" }
	envelope := func(title, message string) string {
		return `{"success":false,"errors":[{"message_title":"` + title + `","message":"` + message + `"}]}`
	}
	forbidden := envelope("Forbidden", "Partner is not authorized to access this outlet's resource")
	unregistered := envelope("Requested resource not found", "The outlet is not yet registered for integration. Please contact the support team.")
	expired := `"errors":[{"code":"HTTP_401","message_title":"Session Expired","message":"Your session is expired. Please login again.","message_severity":"error"}]}`
	v0, v1 := []string{"Accept", "application/vnd.eim.v0+json"}, []string{"Accept", "application/vnd.eim.v1+json"}
	for name, c := range map[string]struct {
		answer answer
		status int
		body   string
	}{
		"unknown token":        {caller{d, "made-up"}.call("GET", outlet(linkedOutletID), nil), 401, `{"success":false,` + expired},
		"no token":             {d.request("GET", outlet(linkedOutletID), nil), 401, `{"success":false,` + expired},
		"basic, not bearer":    {d.request("GET", outlet(linkedOutletID), nil, "Authorization", "Basic "+partner.token), 401, `{"success":false,` + expired},
		"legacy 401":           {caller{d, "made-up"}.call("GET", chain, nil, v1...), 401, `{` + expired},
		"wrong version":        {partner.call("GET", menu(linkedOutletID), nil, v0...), 406, envelope("UnsupportedAcceptType", "Invalid Accept header: application/vnd.eim.v0+json")},
		"legacy wrong version": {legacy.call("GET", chain, nil, v0...), 406, envelope("UnsupportedAcceptType", "Invalid Accept header: application/vnd.eim.v0+json")},
		"legacy no version":    {legacy.call("GET", chain, nil, "Accept", "application/json"), 406, envelope("UnsupportedAcceptType", "Invalid Accept header: application/json")},
		"legacy not found":     {legacy.call("GET", "/enterprises/made-up/notification-subscriptions", nil, v1...), 404, `"message_title":"Requested resource not found!"`},
		"not linked":           {partner.call("GET", menu(unlinkedOutletID), nil), 404, unregistered},
		"unknown outlet":       {partner.call("GET", menu("G404"), nil), 404, unregistered},
		"unknown outlet, page": {partner.call("GET", outlet("G404"), nil), 404, envelope("Not found", "Outlet with id: G404 is not found")},
		"other partner's":      {partner.call("GET", menu(foreignOutletID), nil), 403, forbidden},
		"no JSON wanted":       {partner.call("GET", menu(linkedOutletID), nil, "Accept", "text/html, application/json;q=0"), 406, envelope("UnsupportedAcceptType", "Invalid Accept header: text/html, application/json;q=0")},
		"nothing to read":      {partner.call("GET", outlet(linkedOutletID), nil, "Accept", "application/xml"), 406, envelope("UnsupportedAcceptType", "Invalid Accept header: application/xml")},
		"legacy delete":        {legacy.call("DELETE", chain+"/made-up", nil, "Accept", "text/plain"), 406, envelope("UnsupportedAcceptType", "Invalid Accept header: text/plain")},
		"portal's uuid, page":  {partner.call("GET", outlet(uuid), nil), 404, envelope("Not found", "Outlet with id: "+uuid+" is not found")},
		"portal's uuid, link":  {merchant.call("PUT", outlet(uuid)+"/link/gofood", nil), 404, envelope("Not found", "Outlet with id: "+uuid+" is not found")},
		"portal's uuid, hooks": {partner.call("GET", outlet(uuid)+"/notification-subscriptions", nil), 404, envelope("Not found", "Outlet with id: "+uuid+" is not found")},
		"portal's uuid":        {partner.call("GET", menu(uuid), nil), 403, forbidden},
		"direct, not its own":  {d.as(directID).call("GET", menu(linkedOutletID), nil), 403, forbidden},
		"scope":                {d.as(facilitatorID, "gofood:catalog:write").call("GET", menu(linkedOutletID), nil), 403, envelope("Forbidden", "The access token lacks the scope gofood:catalog:read")},
		"wrong flow, link":     {partner.call("PUT", outlet(linkedOutletID)+"/link/gofood", map[string]string{}), 404, envelope("Not found", "Invalid URL")},
		"wrong flow, old link": {partner.call("PUT", "/integrations/partner/v1/outlet-link", map[string]string{}), 404, envelope("Not found", "Invalid URL")},
		"wrong flow, promos":   {merchant.call("GET", "/integrations/promo/outlets/"+linkedOutletID+"/v1/food-promos", nil), 404, envelope("Not found", "Invalid URL")},
		"no such path":         {partner.call("GET", "/integrations/made-up", nil), 404, envelope("Not found", "Invalid URL")},
		"no such method":       {partner.call("POST", menu(linkedOutletID), map[string]string{}), 404, envelope("Not found", "Invalid URL")},
		"two slashes":          {partner.call("GET", "/"+menu(linkedOutletID), nil), 404, envelope("Not found", "Invalid URL")},
		"content type":         {partner.call("PUT", "/integrations/gofood/outlets/"+linkedOutletID+"/v1/catalog", "{}", "Content-Type", "text/plain"), 415, envelope("Unsupported Media Type", "Content-Type must be application/json")},
		"malformed":            {partner.call("PUT", "/integrations/gofood/outlets/"+linkedOutletID+"/v1/catalog", "{"), 400, `"message_title":"Bad Request"`},
	} {
		t.Run(name, func(t *testing.T) {
			if c.answer.status != c.status || !strings.Contains(string(c.answer.body), c.body) {
				t.Errorf("answer %d %s\nwant   %d %s", c.answer.status, c.answer.body, c.status, c.body)
			}
			if strings.HasPrefix(c.body, "{") && string(c.answer.body) != c.body {
				t.Errorf("answer %s\nwant   %s", c.answer.body, c.body)
			}
			if c.answer.header.Get("X-Request-Id") == "" {
				t.Error("no X-Request-Id")
			}
		})
	}
}

func TestAcceptedAcceptHeaders(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	for _, accept := range []string{"", "*/*", "application/*", "application/json", "text/html, application/json;q=0.5", "APPLICATION/JSON; charset=utf-8", "application/vnd.eim.v1+json"} {
		if a := c.call("GET", pullPath, nil, "Accept", accept); a.status != http.StatusOK {
			t.Errorf("Accept %q: %d %s", accept, a.status, a.body)
		}
	}
}

func TestRequestIDIsEchoedOrMade(t *testing.T) {
	d := newHarness(t, Options{})
	c := d.as(facilitatorID)
	path := "/integrations/partner/outlets/" + linkedOutletID + "/v1"
	if got := c.call("GET", path, nil, "X-Request-ID", "my-id").header.Get("X-Request-Id"); got != "my-id" {
		t.Errorf("X-Request-Id %q, want my-id", got)
	}
	long := strings.Repeat("x", 129)
	if a := c.call("GET", path, nil, "X-Request-Id", long); a.status != http.StatusOK || len(a.header.Get("X-Request-Id")) != 36 {
		t.Errorf("a bad request id: %d, %q", a.status, a.header.Get("X-Request-Id"))
	}
}

func TestHealth(t *testing.T) {
	d := newHarness(t, Options{})
	resp, err := http.Get(d.s.origin + "/health")
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("health answered %d", resp.StatusCode)
	}
}
