package sandbox

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"slices"
	"sync"
	"time"
)

//go:embed pages
var pageFiles embed.FS

// pages are parsed at the first use: most sandboxes serve none.
var pages = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(pageFiles, "pages/*.html"))
})

var pageStyle = sync.OnceValue(func() template.CSS {
	css, err := pageFiles.ReadFile("pages/style.css")
	if err != nil {
		panic(err) // it is embedded
	}
	return template.CSS(css)
})

func (s *Sandbox) showPage(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := pages().ExecuteTemplate(&b, name, data); err != nil {
		s.log.Error("cannot show a page", "page", name, "error", err)
		http.Error(w, "the sandbox failed to show this page; see its log", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// shownRows bounds the tables of the index page.
const shownRows = 50

// indexPage shows all that somebody needs to begin: URLs, credentials, OTPs,
// and what has happened.
func (s *Sandbox) indexPage(w http.ResponseWriter, r *http.Request) {
	if err := checkLocal(r); err != nil {
		writeControlError(w, err)
		return
	}
	data := struct {
		Style      template.CSS
		Info       Info
		Now        string
		State      State
		Orders     []order
		Deliveries []delivery
	}{Style: pageStyle(), Info: s.Info(), Now: s.now().Format(time.RFC1123), State: s.state()}
	s.store.view(func() {
		data.Orders = s.store.orders.all()
		data.Deliveries = s.store.deliveries.all()
	})
	slices.SortStableFunc(data.Orders, func(a, b order) int { return b.CreatedAt.Compare(a.CreatedAt) })
	slices.SortStableFunc(data.Deliveries, func(a, b delivery) int { return b.CreatedAt.Compare(a.CreatedAt) })
	data.Orders = data.Orders[:min(len(data.Orders), shownRows)]
	data.Deliveries = data.Deliveries[:min(len(data.Deliveries), shownRows)]
	s.showPage(w, http.StatusOK, "index.html", data)
}
