package sandbox

import (
	"embed"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/htmlpage"
)

//go:embed style.css
var styleSheet embed.FS

// beginPage writes a page up to where its own content begins.
func beginPage(p *htmlpage.Page, lang, title, badge string) {
	p.Add(`<!doctype html>
<html lang="{}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{}</title>
`, lang, title)
	p.Style(styleSheet, "style.css")
	p.Add(`</head>
<body>
<div class="badge" role="note">{}</div>
`, badge)
}

// endPage ends a page and sends it.
func endPage(w http.ResponseWriter, status int, p *htmlpage.Page) {
	p.Add("</main>\n</body>\n</html>\n")
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, forms would have the Origin null
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = p.WriteTo(w)
}

// shownRows bounds the tables of the index page.
const shownRows = 50

// indexPage shows all that somebody needs to begin: URLs, credentials, OTPs,
// and what has happened.
func (s *Sandbox) indexPage(w http.ResponseWriter, _ *http.Request) {
	var (
		orders     []Order
		deliveries []Delivery
	)
	s.store.view(func() {
		orders = s.store.orders.all()
		deliveries = s.store.deliveries.all()
	})
	slices.SortStableFunc(orders, func(a, b Order) int { return b.CreatedAt.Compare(a.CreatedAt) })
	slices.SortStableFunc(deliveries, func(a, b Delivery) int { return b.CreatedAt.Compare(a.CreatedAt) })

	var p htmlpage.Page
	beginPage(&p, "en", "GoBiz sandbox", "Sandbox · not affiliated with Gojek · everything here is made up")
	p.Add("<main class=\"wide\">\n<h1>GoBiz sandbox</h1>\n")
	info := s.Info()
	addUse(&p, info, s.now())
	addUsers(&p, info.Users)
	addClients(&p, info)
	addOutlets(&p, s.state().Outlets)
	addOrders(&p, orders[:min(len(orders), shownRows)])
	addDeliveries(&p, deliveries[:min(len(deliveries), shownRows)])
	endPage(w, http.StatusOK, &p)
}

func addUse(p *htmlpage.Page, info Info, now time.Time) {
	p.Add(`
<section class="card">
<h2>Use it</h2>
<pre>export GOBIZ_ENV=local GOBIZ_API_URL={} GOBIZ_OAUTH_URL={}
export GOBIZ_CLIENT_ID={} GOBIZ_CLIENT_SECRET={}
gobiz outlets list
gobiz catalog pull {}
gobiz sandbox order create</pre>
`, info.APIURL, info.OAuthURL, info.ClientID, info.ClientSecret, info.Outlets[0].ID)
	p.Add(`<div class="scroll"><table>
<tr><th scope="row">API</th><td><code>{}</code></td></tr>
<tr><th scope="row">OAuth</th><td><code>{}</code></td></tr>
<tr><th scope="row">Control API</th><td><code>{}</code></td></tr>
<tr><th scope="row">Time here</th><td>{}</td></tr>
</table></div>
</section>
`, info.APIURL, info.OAuthURL, info.ControlURL, now.Format(time.RFC1123))
}

func addUsers(p *htmlpage.Page, users []UserInfo) {
	p.Add(`
<section class="card">
<h2>Users who can log in</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Phone</th><th scope="col">OTP</th><th scope="col">Name</th><th scope="col">Role</th><th scope="col">Outlets</th></tr></thead>
<tbody>`)
	for _, u := range users {
		p.Add("<tr><td><code>{}</code></td><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
			u.Phone, u.OTP, u.Name, u.Role, strings.Join(u.Outlets, ", "))
	}
	p.Add("</tbody></table></div>\n</section>\n")
}

func addClients(p *htmlpage.Page, info Info) {
	p.Add(`
<section class="card">
<h2>Clients</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Integration</th><th scope="col">Client id</th><th scope="col">Client secret</th><th scope="col">Relay secret</th></tr></thead>
<tbody>
<tr><td>Facilitator</td><td><code>{}</code></td><td><code>{}</code></td><td><code>{}</code></td></tr>
<tr><td>Direct integration</td><td><code>{}</code></td><td><code>{}</code></td><td><code>{}</code></td></tr>
<tr><td>Enterprise (legacy), enterprise id <code>{}</code></td><td><code>{}</code></td><td><code>{}</code></td><td><code>{}</code></td></tr>
</tbody></table></div>
<p class="soft">Redirect URIs of the facilitator: `,
		info.ClientID, info.ClientSecret, info.NotificationSecret,
		info.Direct.ClientID, info.Direct.ClientSecret, info.Direct.NotificationSecret,
		info.Enterprise.EnterpriseID, info.Enterprise.ClientID, info.Enterprise.ClientSecret, info.Enterprise.NotificationSecret)
	for i, uri := range info.RedirectURIs {
		if i > 0 {
			p.Add(", ")
		}
		p.Add("<code>{}</code>", uri)
	}
	p.Add(". With 127.0.0.1 and [::1] any port will do.</p>\n</section>\n")
}

func addOutlets(p *htmlpage.Page, outlets []OutletState) {
	p.Add(`
<section class="card">
<h2>Outlets</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Id</th><th scope="col">Name</th><th scope="col">Partner</th><th scope="col">Linked</th><th scope="col">External id</th><th scope="col">Items</th><th scope="col">Closed</th></tr></thead>
<tbody>`)
	for _, o := range outlets {
		linked, external, closed := "no", "", "no"
		if o.Linked {
			linked = strings.Join(o.Products, ", ")
		}
		if o.ExternalOutletID != nil {
			external = *o.ExternalOutletID
		}
		if o.ForceClose {
			closed = "yes"
		}
		p.Add("<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
			o.ID, o.Name, o.Partner, linked, external, strconv.Itoa(o.Items), closed)
	}
	p.Add("</tbody></table></div>\n</section>\n")
}

func addOrders(p *htmlpage.Page, orders []Order) {
	p.Add("\n<section class=\"card\">\n<h2>Orders</h2>\n")
	if len(orders) == 0 {
		p.Add("<p class=\"soft\">None yet. <code>gobiz sandbox order create</code> makes one.</p>\n</section>\n")
		return
	}
	p.Add(`<div class="scroll"><table>
<thead><tr><th scope="col">Number</th><th scope="col">Outlet</th><th scope="col">Status</th><th scope="col">Total</th><th scope="col">Created</th></tr></thead>
<tbody>`)
	for _, o := range orders {
		p.Add("<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>Rp {}</td><td>{}</td></tr>\n",
			o.Number, o.OutletID, string(o.Status), fmt.Sprint(o.Total), o.CreatedAt.Format(time.DateTime))
	}
	p.Add("</tbody></table></div>\n</section>\n")
}

func addDeliveries(p *htmlpage.Page, deliveries []Delivery) {
	p.Add("\n<section class=\"card\">\n<h2>Notifications</h2>\n")
	if len(deliveries) == 0 {
		p.Add("<p class=\"soft\">None sent yet. Subscribe to an event, then create an order.</p>\n</section>\n")
		return
	}
	p.Add(`<div class="scroll"><table>
<thead><tr><th scope="col">Event</th><th scope="col">About</th><th scope="col">To</th><th scope="col">Status</th><th scope="col">Attempts</th></tr></thead>
<tbody>`)
	for _, d := range deliveries {
		p.Add("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
			d.Event, d.EntityID, d.URL, string(d.Status), strconv.Itoa(len(d.Attempts)))
	}
	p.Add("</tbody></table></div>\n</section>\n")
}
