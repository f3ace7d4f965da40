package contract

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	menuPath    = "/integrations/gofood/outlets/G100000001/v1/catalog"
	jsonType    = "application/json"
	formType    = "application/x-www-form-urlencoded"
	subscribe   = "/integrations/partner/v1/notification-subscriptions"
	uuid        = "3f0c6f1e-1111-4222-8333-444455556666"
	smallMenu   = `{"request_id":"r1","menus":[{"name":"Mi","menu_items":[{"external_id":"MI-001","name":"Bakmi","in_stock":true,"price":27000}]}]}`
	expired     = `{"success":false,"errors":[{"code":"HTTP_401","message":"Your session is expired. Please login again.","message_title":"Session Expired","message_severity":"error"}]}`
	expiredEIM  = `{"errors":[{"code":"HTTP_401","message":"Your session is expired. Please login again.","message_title":"Session Expired","message_severity":"error"}]}`
	authorizeOK = "https://accounts.go-jek.com/oauth2/auth?client_id=c&response_type=code&scope=openid+offline&state=abcdefgh&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb&user_type=merchant"
)

// request makes a call with a token and, when there is a body, a content type. Headers are "Name: value"; an empty
// value removes the header.
func request(t *testing.T, method, target, body string, headers ...string) *http.Request {
	t.Helper()
	if strings.HasPrefix(target, "/") {
		target = "http://127.0.0.1:8765" + target
	}
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(target, "/oauth2/") {
		req.Header.Set("Authorization", "Bearer made-up")
	}
	if body != "" {
		req.Header.Set("Content-Type", jsonType)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if value == "" {
			req.Header.Del(strings.TrimSuffix(name, ":"))
			continue
		}
		req.Header.Add(name, value)
	}
	return req
}

func form(t *testing.T, body string, headers ...string) *http.Request {
	t.Helper()
	req := request(t, "POST", "https://accounts.go-jek.com/oauth2/token", body)
	req.Header.Set("Content-Type", formType)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	return req
}

func TestGoodRequests(t *testing.T) {
	c := Load(t)
	tests := map[string]struct {
		req  *http.Request
		body string
	}{
		"menu":                {request(t, "PUT", menuPath, smallMenu, "X-Request-Id: r"), smallMenu},
		"charset":             {request(t, "PUT", menuPath, smallMenu, "Content-Type:", "Content-Type: application/json; charset=utf-8"), smallMenu},
		"production host":     {request(t, "PUT", "https://api.gobiz.co.id"+menuPath, smallMenu), smallMenu},
		"link without body":   {request(t, "PUT", "/integrations/partner/outlets/G1898453S/v1/link/gofood", ""), ""},
		"accept without body": {request(t, "PUT", "/integrations/gofood/outlets/G1/v1/orders/delivery/F-1/accepted", ""), ""},
		"paging":              {request(t, "GET", "/integrations/partner/v1/linked-outlets?per=50&page=2", "", "Accept: application/json"), ""},
		"any accept":          {request(t, "GET", "/integrations/partner/v1/token-info", "", "Accept: text/html, */*;q=0.8"), ""},
		"image":               {request(t, "GET", "/transactions/"+uuid+"/qr-code", "", "Accept: image/png"), ""},
		"stock by id":         {request(t, "PATCH", "/integrations/gofood/outlets/G1/v2/variant_stocks", "[]"), `[{"id":"` + uuid + `","in_stock":true}]`},
		"loopback receiver":   {request(t, "POST", subscribe, "{}"), `{"event":"gofood.order.created","url":"http://127.0.0.1:4567/hook"}`},
		"port 443":            {request(t, "POST", subscribe, "{}"), `{"event":"gofood.order.created","url":"https://pos.example.test:443/hook?x=1"}`},
		"escaped path":        {request(t, "GET", "/integrations/partner/outlets/G%2F1/v1", ""), ""},
		"token, Basic":        {form(t, "x", "Authorization: Basic YTpi"), "grant_type=client_credentials&scope=food%3Aread"},
		"token, form":         {form(t, "x"), "grant_type=client_credentials&scope=food%3Aread&client_id=a&client_secret=b"},
		"refresh":             {form(t, "x"), "grant_type=refresh_token&refresh_token=r&client_id=a&client_secret=b"},
		"authorize":           {request(t, "GET", authorizeOK+"&prompt=login&ui_locales=id&max_age=60", "", "Accept: text/html"), ""},
		"EIM delete":          {request(t, "DELETE", "/enterprises/"+uuid+"/notification-subscriptions/"+uuid, ""), ""},
	}
	for name, tt := range tests {
		if err := c.CheckRequest(tt.req, []byte(tt.body)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBrokenRequestsAreReported(t *testing.T) {
	c := Load(t)
	put := func(body string) (*http.Request, string) { return request(t, "PUT", menuPath, body), body }
	item := func(fields string) string {
		return `{"request_id":"r1","menus":[{"name":"Mi","menu_items":[{` + fields + `}]}]}`
	}
	promo := `{"promo_type":"sku_promo","promo_detail":{"start_date":"2026-01-10","end_date":"2026-01-20","selling_price":1,"external_menu_id":"x"}}`
	promoPath := "/integrations/promo/outlets/G1/v1/food-promos"
	tests := map[string]struct {
		call func() (*http.Request, string)
		want []string // all parts of the message
	}{
		"unknown path": {func() (*http.Request, string) { return request(t, "GET", "/integrations/partner/v2/outlets", ""), "" }, []string{"path is not documented", "GET /integrations/partner/v2/outlets"}},
		"double slash": {func() (*http.Request, string) {
			return request(t, "GET", "//integrations/partner/v1/token-info", ""), ""
		}, []string{"path is not documented"}},
		"empty outlet": {func() (*http.Request, string) { return request(t, "GET", "/integrations/partner/outlets//v1", ""), "" }, []string{"path is not documented"}},
		"method":       {func() (*http.Request, string) { return request(t, "POST", menuPath, ""), "" }, []string{"method is not documented", "PUT"}},
		"old version":  {func() (*http.Request, string) { return request(t, "GET", menuPath, ""), "" }, []string{"method is not documented"}},
		"oauth host": {func() (*http.Request, string) {
			return request(t, "PUT", "https://accounts.go-jek.com"+menuPath, smallMenu), smallMenu
		}, []string{"putCatalog", "another host"}},
		"plain http": {func() (*http.Request, string) {
			return request(t, "PUT", "http://api.gobiz.co.id"+menuPath, smallMenu), smallMenu
		}, []string{"https only"}},
		"no token": {func() (*http.Request, string) {
			return request(t, "GET", "/integrations/partner/v1/token-info", "", "Authorization:"), ""
		}, []string{"getTokenInfo", "header Authorization"}},
		"basic at the API": {func() (*http.Request, string) {
			return request(t, "GET", "/integrations/partner/v1/token-info", "", "Authorization:", "Authorization: Basic YTpi"), ""
		}, []string{"header Authorization", "Bearer"}},
		"query": {func() (*http.Request, string) {
			return request(t, "GET", "/integrations/partner/v1/linked-outlets?per_page=5", ""), ""
		}, []string{"query per_page", "not documented"}},
		"query value": {func() (*http.Request, string) {
			return request(t, "GET", "/integrations/partner/v1/linked-outlets?page=0", ""), ""
		}, []string{"query page", "minimum", "value 0"}},
		"query text": {func() (*http.Request, string) {
			return request(t, "GET", "/integrations/partner/v1/linked-outlets?page=one", ""), ""
		}, []string{"query page", "got string, want integer"}},
		"query twice": {func() (*http.Request, string) {
			return request(t, "GET", "/integrations/partner/v1/linked-outlets?page=1&page=2", ""), ""
		}, []string{"query page", "more than once"}},
		"missing query": {func() (*http.Request, string) {
			return request(t, "GET", "/integrations/partner/notifications", ""), ""
		}, []string{"query entity_id", "required"}},
		"product": {func() (*http.Request, string) {
			return request(t, "PUT", "/integrations/partner/outlets/G1/v1/link/gopay", ""), ""
		}, []string{"linkOutlet", "path product", `"gopay"`}},
		"order number": {func() (*http.Request, string) {
			return request(t, "PUT", "/integrations/gofood/outlets/G1/v1/orders/delivery/"+uuid+"/accepted", ""), ""
		}, []string{"path order_id"}},
		"undocumented body": {func() (*http.Request, string) {
			return request(t, "DELETE", "/integrations/partner/outlets/G1/v1/link/gofood", "{}"), "{}"
		}, []string{"unlinkOutlet", "no body is documented"}},
		"missing body": {func() (*http.Request, string) { return request(t, "PUT", menuPath, ""), "" }, []string{"body", "required"}},
		"content type": {func() (*http.Request, string) {
			return request(t, "PUT", menuPath, smallMenu, "Content-Type:", "Content-Type: text/plain"), smallMenu
		}, []string{"header Content-Type", "text/plain"}},
		"no content type": {func() (*http.Request, string) {
			return request(t, "PUT", menuPath, smallMenu, "Content-Type:"), smallMenu
		}, []string{"header Content-Type"}},
		"EIM accept": {func() (*http.Request, string) {
			return request(t, "GET", "/enterprises/"+uuid+"/notification-subscriptions", "", "Accept: application/json"), ""
		}, []string{"listEnterpriseSubscriptions", "application/vnd.eim.v1+json"}},
		"accept": {func() (*http.Request, string) {
			return request(t, "GET", "/integrations/partner/v1/token-info", "", "Accept: application/xml"), ""
		}, []string{"header Accept", "application/xml"}},
		"idempotency key": {func() (*http.Request, string) { return request(t, "POST", promoPath, promo), promo }, []string{"header X-Idempotency-Key", "required"}},
		"long key": {func() (*http.Request, string) {
			return request(t, "POST", promoPath, promo, "X-Idempotency-Key: "+uuid), promo
		}, []string{"header X-Idempotency-Key", "maxLength"}},
		"other key": {func() (*http.Request, string) {
			return request(t, "POST", promoPath, promo, "Idempotency-Key: k"), promo
		}, []string{"header X-Idempotency-Key", "required"}},

		"no menus": {func() (*http.Request, string) { return put(`{"request_id":"r","menus":[]}`) }, []string{"/menus", "minItems"}},
		"only empty menus": {func() (*http.Request, string) {
			return put(`{"request_id":"r","menus":[{"name":"Mi","menu_items":[]}]}`)
		}, []string{"at /menus/0/menu_items", "minItems"}},
		"no external id": {func() (*http.Request, string) { return put(item(`"name":"Bakmi","in_stock":true,"price":1`)) }, []string{"putCatalog", "/menus/0/menu_items/0", "external_id"}},
		"price text": {func() (*http.Request, string) {
			return put(item(`"external_id":"x","name":"Bakmi","in_stock":true,"price":"27000"`))
		}, []string{"/menus/0/menu_items/0/price", `"27000"`, "got string, want integer"}},
		"price decimal": {func() (*http.Request, string) {
			return put(item(`"external_id":"x","name":"Bakmi","in_stock":true,"price":1.5`))
		}, []string{"/menus/0/menu_items/0/price", "1.5"}},
		"misspelt": {func() (*http.Request, string) {
			return put(item(`"external_id":"x","name":"Bakmi","in_stock":true,"price":1,"operational_hour":{}`))
		}, []string{"/menus/0/menu_items/0", "operational_hour", "additional"}},
		"GET shape": {func() (*http.Request, string) {
			return put(item(`"external_id":"x","name":"Bakmi","in_stock":true,"price":1,"variant_category_ids":[]`))
		}, []string{"variant_category_ids"}},
		"null": {func() (*http.Request, string) {
			return put(item(`"external_id":"x","name":"Bakmi","in_stock":true,"price":1,"image":null`))
		}, []string{"/menus/0/menu_items/0/image", "null"}},
		"24:00": {func() (*http.Request, string) {
			return put(item(`"external_id":"x","name":"Bakmi","in_stock":true,"price":1,"operational_hours":{"monday":[{"start":"00:00","end":"24:00"}]}`))
		}, []string{"/operational_hours/monday/0/end", "24:00"}},
		"name of 151": {func() (*http.Request, string) {
			return put(item(`"external_id":"x","name":"` + strings.Repeat("é", 151) + `","in_stock":true,"price":1`))
		}, []string{"/menus/0/menu_items/0/name", "maxLength"}},
		"duplicate key": {func() (*http.Request, string) { return put(`{"request_id":"r","request_id":"r","menus":[]}`) }, []string{"strict JSON", "duplicate"}},
		"trailing text": {func() (*http.Request, string) { return put(smallMenu + "x") }, []string{"text after the JSON value"}},
		"stock wrapper": {func() (*http.Request, string) {
			return request(t, "PATCH", "/integrations/gofood/outlets/G1/v2/menu_item_stocks", "{}"), `{"menu_items":[]}`
		}, []string{"updateMenuItemStocks", "want array"}},
		"stock with both ids": {func() (*http.Request, string) {
			return request(t, "PATCH", "/integrations/gofood/outlets/G1/v2/menu_item_stocks", "{}"), `[{"id":"` + uuid + `","external_id":"x","in_stock":true}]`
		}, []string{"updateMenuItemStocks", "at /0"}},
		"cancel reason": {func() (*http.Request, string) {
			return request(t, "PUT", "/integrations/gofood/outlets/G1/v1/orders/pickup/F-1/cancelled", "{}"), `{"cancel_reason_code":"BUSY","cancel_reason_description":"no"}`
		}, []string{"/cancel_reason_code", `"BUSY"`, "/cancel_reason_description"}},
		"event": {func() (*http.Request, string) {
			return request(t, "POST", subscribe, "{}"), `{"event":"gofood.order.ready","url":"https://pos.example.test/"}`
		}, []string{"/event"}},
		"port": {func() (*http.Request, string) {
			return request(t, "POST", subscribe, "{}"), `{"event":"gofood.order.created","url":"https://pos.example.test:8443/"}`
		}, []string{"/url", "8443"}},
		"EIM without hours": {func() (*http.Request, string) {
			body := `{"menus":[{"name":"Mi","menu_items":[{"external_id":"x","name":"Bakmi","in_stock":true,"price":1}]}]}`
			return request(t, "PUT", "/outlets/M1/catalog", body, "Accept: application/vnd.eim.v1+json"), body
		}, []string{"putEnterpriseCatalog", "operational_hours"}},
		"order id of a payment": {func() (*http.Request, string) {
			return request(t, "POST", "/integrations/payment/outlets/G1/v2/transactions", "{}", "Idempotency-Key: k"), `{"payment_type":"qris","transaction_details":{"order_id":"INV/1","gross_amount":1,"currency":"IDR"}}`
		}, []string{"/transaction_details/order_id", "INV/1"}},

		"two client authentications": {func() (*http.Request, string) {
			return form(t, "x", "Authorization: Basic YTpi"), "grant_type=client_credentials&scope=s&client_id=a&client_secret=b"
		}, []string{"createToken", "two client authentications"}},
		"no client authentication": {func() (*http.Request, string) { return form(t, "x"), "grant_type=client_credentials&scope=s" }, []string{"no client authentication"}},
		"grant":                    {func() (*http.Request, string) { return form(t, "x"), "grant_type=password&client_id=a&client_secret=b" }, []string{"/grant_type", `"password"`}},
		"scope twice": {func() (*http.Request, string) {
			return form(t, "x"), "grant_type=client_credentials&scope=a&scope=b&client_id=a&client_secret=b"
		}, []string{"scope stands more than once"}},
		"foreign field": {func() (*http.Request, string) {
			return form(t, "x"), "grant_type=refresh_token&refresh_token=r&client_id=a&client_secret=b&redirect_uri=x"
		}, []string{"redirect_uri"}},
		"JSON at the token endpoint": {func() (*http.Request, string) { return form(t, "x", "Content-Type: application/json"), "{}" }, []string{"header Content-Type"}},
		"short state": {func() (*http.Request, string) {
			return request(t, "GET", strings.Replace(authorizeOK, "abcdefgh", "abc", 1), ""), ""
		}, []string{"authorize", "query state", "minLength"}},
		"no openid": {func() (*http.Request, string) {
			return request(t, "GET", strings.Replace(authorizeOK, "openid+", "", 1), ""), ""
		}, []string{"query scope"}},
		"no user type": {func() (*http.Request, string) {
			return request(t, "GET", strings.Replace(authorizeOK, "&user_type=merchant", "", 1), ""), ""
		}, []string{"query user_type", "required"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			req, body := tt.call()
			err := c.CheckRequest(req, []byte(body))
			if err == nil {
				t.Fatal("was not reported")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
			var v *Violation
			if !errors.As(err, &v) || v.Side != SideRequest {
				t.Errorf("not a violation of a request: %#v", err)
			}
			if err := c.ResponsesOnly().CheckRequest(req, []byte(body)); err != nil {
				t.Errorf("ResponsesOnly judges requests: %v", err)
			}
		})
	}
}

func TestResponses(t *testing.T) {
	c := Load(t)
	menu := request(t, "PUT", menuPath, smallMenu)
	eim := request(t, "PUT", "/outlets/M1/catalog", "{}")
	token := form(t, "x")
	info := request(t, "GET", "/integrations/partner/v1/token-info", "")
	catalog := request(t, "GET", "/integrations/gofood/outlets/G1/v2/catalog", "")
	auth := request(t, "GET", authorizeOK, "")
	type H = http.Header
	jsonHeader := H{"Content-Type": {jsonType}}
	tests := map[string]struct {
		req    *http.Request
		status int
		header http.Header
		body   string
		want   string // part of the message; empty: no violation
	}{
		"accepted":              {menu, 200, jsonHeader, `{"success":true,"data":{"request_id":"r1"}}`, ""},
		"more than documented":  {menu, 200, jsonHeader, `{"success":true,"data":{"request_id":"r1","job":1},"meta":{}}`, ""},
		"success false":         {menu, 200, jsonHeader, `{"success":false,"data":{"request_id":"r1"}}`, "body at /success"},
		"no request id":         {menu, 200, jsonHeader, `{"success":true,"data":{}}`, "body at /data: missing property 'request_id'"},
		"undocumented status":   {menu, 201, jsonHeader, `{"success":true,"data":{"request_id":"r1"}}`, "status is not documented"},
		"undocumented 402":      {menu, 402, jsonHeader, expired, "putCatalog response"},
		"HTML":                  {menu, 200, H{"Content-Type": {"text/html"}}, "<html>", "header Content-Type"},
		"empty":                 {menu, 200, H{}, "", "body: is empty"},
		"broken JSON":           {menu, 200, jsonHeader, `{"success":true`, "strict JSON"},
		"422":                   {menu, 422, jsonHeader, `{"success":false,"errors":[{"message_title":"Bad Request","message":"menus: missing required field"}]}`, ""},
		"no errors":             {menu, 422, jsonHeader, `{"success":false,"errors":[]}`, "body at /errors"},
		"401":                   {menu, 401, jsonHeader, expired, ""},
		"401 of EIM":            {menu, 401, jsonHeader, expiredEIM, "missing property 'success'"},
		"EIM 401":               {eim, 401, jsonHeader, expiredEIM, ""},
		"EIM 401 with success":  {eim, 401, jsonHeader, expired, "body at /success"},
		"EIM 404":               {eim, 404, jsonHeader, `{"success":false,"errors":[{"message_title":"Requested resource not found!","message":"x"}]}`, ""},
		"EIM 404 of partner":    {eim, 404, jsonHeader, `{"success":false,"errors":[{"message_title":"Requested resource not found","message":"x"}]}`, "/errors/0/message_title"},
		"406":                   {eim, 406, jsonHeader, `{"success":false,"errors":[{"message_title":"UnsupportedAcceptType","message":"Invalid Accept header: application/vnd.eim.v0+json"}]}`, ""},
		"406 with another text": {eim, 406, jsonHeader, `{"success":false,"errors":[{"message_title":"UnsupportedAcceptType","message":"no"}]}`, "/errors/0/message"},
		"gateway":               {menu, 502, H{"Content-Type": {"text/html"}}, "<html>", ""},
		"gateway, empty":        {menu, 503, H{"Retry-After": {"5"}}, "", ""},
		"server error, JSON":    {menu, 500, jsonHeader, `{"oops":1}`, "putCatalog response"},
		"too many":              {menu, 429, H{"Content-Type": {"text/plain"}, "Retry-After": {"5"}}, "slow down", ""},

		"token":                 {token, 200, jsonHeader, `{"access_token":"a","expires_in":3599,"token_type":"bearer"}`, ""},
		"token without expiry":  {token, 200, jsonHeader, `{"access_token":"a","token_type":"bearer"}`, "expires_in"},
		"invalid client":        {token, 401, jsonHeader, `{"error":"invalid_client","error_description":"Client authentication failed","error_hint":"client id or secret is invalid","status_code":401}`, ""},
		"wrong status code":     {token, 401, jsonHeader, `{"error":"invalid_client","status_code":400}`, "/status_code"},
		"envelope at the token": {token, 400, jsonHeader, expired, "error"},
		"missing parameter":     {token, 400, jsonHeader, `{"error":"bad_request","error_description":"The request was missing a required parameter","error_hint":"client_id missing","status_code":400}`, ""},

		"outlets with nulls":    {info, 200, jsonHeader, `{"success":true,"data":{"user":{"roles":[]},"outlets":[{"id":"G1","name":"x","address":null}]}}`, ""},
		"roles missing":         {info, 200, jsonHeader, `{"success":true,"data":{"user":{},"outlets":[]}}`, "/data/user"},
		"catalog, decimal":      {catalog, 200, jsonHeader, `{"success":true,"data":{"variant_categories":[],"menus":[{"name":"m","menu_items":[{"id":"` + uuid + `","name":"x","price":15000.5,"image":null}]}]}}`, ""},
		"catalog, price text":   {catalog, 200, jsonHeader, `{"success":true,"data":{"variant_categories":[],"menus":[{"name":"m","menu_items":[{"id":"` + uuid + `","name":"x","price":"15000"}]}]}}`, "/data/menus/0/menu_items/0/price"},
		"catalog, no UUID":      {catalog, 200, jsonHeader, `{"success":true,"data":{"variant_categories":[],"menus":[{"name":"m","menu_items":[{"id":"1","name":"x","price":1}]}]}}`, "/data/menus/0/menu_items/0/id"},
		"redirect":              {auth, 302, H{"Location": {"http://127.0.0.1:1/cb?code=c&state=abcdefgh"}}, "", ""},
		"redirect to nowhere":   {auth, 302, H{}, "", "header Location: is required"},
		"page":                  {auth, 200, H{"Content-Type": {"text/html; charset=utf-8"}}, "<html>", ""},
		"image":                 {request(t, "GET", "/transactions/"+uuid+"/qr-code", ""), 200, H{"Content-Type": {"image/png"}}, "\x89PNG\r\n\x1a\n", ""},
		"image as JSON":         {request(t, "GET", "/transactions/"+uuid+"/qr-code", ""), 200, jsonHeader, `{}`, "header Content-Type"},
		"EIM delete":            {request(t, "DELETE", "/enterprises/"+uuid+"/notification-subscriptions/"+uuid, ""), 200, jsonHeader, `{"success":true}`, ""},
		"delete without data":   {request(t, "DELETE", subscribe+"/"+uuid, ""), 200, jsonHeader, `{"success":true}`, "data"},
		"promo, bare":           {request(t, "GET", "/integrations/promo/outlets/G1/v1/food-promos/"+uuid, ""), 200, jsonHeader, `{"success":true,"data":{"id":"` + uuid + `","status":"created"}}`, ""},
		"promo, neither":        {request(t, "GET", "/integrations/promo/outlets/G1/v1/food-promos/"+uuid, ""), 200, jsonHeader, `{"success":true,"data":{}}`, "getPromo"},
		"undocumented path":     {request(t, "GET", "/nope", ""), 404, jsonHeader, expired, "not documented"},
		"undocumented path, ok": {request(t, "GET", "/nope", ""), 200, jsonHeader, expired, "not documented"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for _, c := range []*Contract{c, c.ResponsesOnly()} {
				err := c.CheckResponse(tt.req, tt.status, tt.header, []byte(tt.body))
				switch {
				case c.responsesOnly && name == "undocumented path":
					if err != nil {
						t.Errorf("a 404 for an undocumented path is right, got %v", err)
					}
				case c.responsesOnly && name == "undocumented path, ok":
					if err == nil {
						t.Error("200 for an undocumented path was not reported")
					}
				case tt.want == "" && err != nil:
					t.Error(err)
				case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
					t.Errorf("got %v, want %q", err, tt.want)
				}
			}
		})
	}
}

func TestAnUnlistedParameterValueIsShownShort(t *testing.T) {
	long := strings.Repeat("x", 5000)
	err := Load(t).CheckRequest(request(t, "PUT", "/integrations/partner/outlets/G1/v1/link/"+long, ""), nil)
	var v *Violation
	if !errors.As(err, &v) || len([]rune(v.Value)) > 120 {
		t.Errorf("value is not cut: %.200v", err)
	}
}

func TestSeenAndUnseen(t *testing.T) {
	c := Load(t)
	if n := len(c.Unseen()); n != len(operationIDs) {
		t.Fatalf("%d unseen at first", n)
	}
	info := request(t, "GET", "/integrations/partner/v1/token-info", "")
	_ = c.ResponsesOnly().CheckResponse(info, 401, http.Header{"Content-Type": {jsonType}}, []byte(expired))
	if n := len(c.Unseen()); n != len(operationIDs) {
		t.Errorf("an error made an operation seen")
	}
	_ = c.CheckResponse(info, 200, http.Header{}, nil)
	_ = c.CheckResponse(info, 200, http.Header{}, nil)
	if n := len(c.Unseen()); n != len(operationIDs)-1 {
		t.Errorf("%d unseen after one success", n)
	}
	if got := c.Seen()["getTokenInfo"]; len(got) != 2 || got[0] != 200 || got[1] != 401 {
		t.Errorf("seen %v, want [200 401]", got)
	}
	if len(Load(t).Seen()) != 0 {
		t.Error("a second Load has seen something")
	}
}

func TestServerSidePathHasNoHost(t *testing.T) {
	req := httptest.NewRequest("PUT", menuPath, strings.NewReader(smallMenu))
	req.Header.Set("Authorization", "Bearer made-up")
	req.Header.Set("Content-Type", jsonType)
	if err := Load(t).CheckRequest(req, []byte(smallMenu)); err != nil {
		t.Error(err)
	}
}
