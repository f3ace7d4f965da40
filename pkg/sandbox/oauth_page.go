package sandbox

import (
	"cmp"
	"net/http"
	"sync"

	"github.com/gobiz-cli/gobiz/internal/htmlpage"
)

// showStep shows the page of a login's step. problem names the text that says why
// the step comes again; it is empty where it does not.
func (s *Sandbox) showStep(w http.ResponseWriter, status int, id string, l login, problem string) {
	t := loginTexts()[l.Lang]
	p := beginLogin(l.Lang)
	switch l.Step {
	case stepPhone:
		p.Add("<h1>{}</h1>\n<p>{} <strong>{}</strong>.</p>\n", t["phone_title"], t["phone_text"], l.ClientName)
		addInput(p, t, id, loginInput{l.Step, "tel", "tel", "tel", "+62…"}, t[problem])
	case stepOTP:
		p.Add("<h1>{}</h1>\n<p>{} <strong>{}</strong>.</p>\n", t["otp_title"], t["otp_text"], l.Phone)
		addInput(p, t, id, loginInput{l.Step, "text", "numeric", "one-time-code", ""}, t[problem])
	default:
		s.addConsent(p, t, id, l)
	}
	endLogin(w, status, p)
}

// showAuthorizeError keeps the browser here: without a trusted redirect URI
// there is no place to send it.
func (s *Sandbox) showAuthorizeError(w http.ResponseWriter, lang string, e oauthError) {
	t := loginTexts()[lang]
	p := beginLogin(lang)
	p.Add("<h1>{}</h1>\n<p class=\"error\" role=\"alert\">{}</p>\n", t["error_title"], e.Description)
	if e.Hint != "" {
		p.Add("<p>{}</p>\n", e.Hint)
	}
	p.Add("<p class=\"soft\">{}</p>\n<p class=\"soft\">{}</p>\n", e.Code, t["error_text"])
	endLogin(w, e.Status, p)
}

func (s *Sandbox) showExpired(w http.ResponseWriter, r *http.Request) {
	lang := language("", r.Header.Get("Accept-Language"))
	s.showAuthorizeError(w, lang, errOAuth("invalid_request", loginTexts()[lang]["expired"], ""))
}

func beginLogin(lang string) *htmlpage.Page {
	t := loginTexts()[lang]
	p := new(htmlpage.Page)
	beginPage(p, lang, t["title"]+" · Sandbox", t["badge"])
	p.Add("<main>\n<section class=\"card\">\n")
	return p
}

func endLogin(w http.ResponseWriter, status int, p *htmlpage.Page) {
	p.Add("</section>\n")
	endPage(w, status, p)
}

// loginInput is the one input of a step.
type loginInput struct{ step, kind, keyboard, autocomplete, placeholder string }

// addInput asks for the value of a step.
func addInput(p *htmlpage.Page, t map[string]string, id string, f loginInput, problem string) {
	if problem != "" {
		p.Add("<p class=\"error\" role=\"alert\" id=\"problem\">{}</p>\n", problem)
	}
	beginForm(p, id, f.step)
	p.Add("<label for=\"{}\">{}</label>\n", f.step, t[f.step+"_label"])
	if problem == "" {
		p.Add(`<input id="{}" name="{}" type="{}" inputmode="{}" autocomplete="{}" placeholder="{}" required autofocus>`,
			f.step, f.step, f.kind, f.keyboard, f.autocomplete, f.placeholder)
	} else {
		p.Add(`<input id="{}" name="{}" type="{}" inputmode="{}" autocomplete="{}" placeholder="{}" required autofocus aria-invalid="true" aria-describedby="problem">`,
			f.step, f.step, f.kind, f.keyboard, f.autocomplete, f.placeholder)
	}
	p.Add(`
<button type="submit">{}</button>
</form>
<p class="soft">{} <a href="/" target="_blank" rel="noopener">{}</a></p>
`, t["next"], t[f.step+"_note"], t["page"])
}

func beginForm(p *htmlpage.Page, id, step string) {
	p.Add(`<form method="post" action="/oauth2/login">
<input type="hidden" name="login_challenge" value="{}">
<input type="hidden" name="step" value="{}">
`, id, step)
}

func (s *Sandbox) addConsent(p *htmlpage.Page, t map[string]string, id string, l login) {
	p.Add("<h1>{}</h1>\n<p><strong>{}</strong> {}</p>\n<ul>\n", t["consent_title"], l.ClientName, t["consent_text"])
	for _, scope := range l.Scopes {
		p.Add("<li>{} <span class=\"soft\">(<code>{}</code>)</span></li>\n", cmp.Or(t[scope], scope), scope)
	}
	u, _ := find(s.store, s.store.users, l.Phone)
	p.Add("</ul>\n<p class=\"soft\">{} {}, {}</p>\n", t["consent_user"], u.Name, l.Phone)
	beginForm(p, id, stepConsent)
	p.Add(`<button type="submit" name="decision" value="allow">{}</button>
<button type="submit" name="decision" value="deny" class="plain">{}</button>
</form>
`, t["allow"], t["deny"])
}

// loginTexts are the login pages' words, by language, with what each scope
// means to a merchant.
var loginTexts = sync.OnceValue(func() map[string]map[string]string {
	return map[string]map[string]string{
		"en": {
			"title":          "Log in",
			"badge":          "Sandbox · not affiliated with Gojek",
			"next":           "Continue",
			"page":           "Open the sandbox page",
			"phone_title":    "Log in to GoBiz",
			"phone_text":     "Enter your phone number to continue to",
			"phone_label":    "Phone number",
			"phone_note":     "Phone numbers and OTPs to use are on the sandbox page.",
			"unknown_phone":  "This phone number is not registered.",
			"otp_title":      "Enter the OTP",
			"otp_text":       "We made believe to send an OTP to",
			"otp_label":      "OTP",
			"otp_note":       "The sandbox sends no messages; the OTP is on its page.",
			"wrong_otp":      "This OTP is not correct. Please try again.",
			"too_many_tries": "Too many wrong OTPs. Please enter your phone number again.",
			"consent_title":  "Allow access?",
			"consent_text":   "wants to:",
			"consent_user":   "Logged in as",
			"allow":          "Allow",
			"deny":           "Deny",
			"error_title":    "This login cannot go on",
			"error_text":     "You can close this page and return to the application.",
			"expired":        "This login has ended or is unknown; start it again",

			"openid": "know who you are", "offline": "stay connected after you leave", "offline_access": "stay connected after you leave",
			"partner:outlet:read": "see your outlets", "partner:outlet:write": "link your outlets",
			"gofood:catalog:read": "see your menu", "gofood:catalog:write": "change your menu",
			"gofood:order:read": "receive your orders", "gofood:order:write": "accept, cancel and finish your orders",
			"gofood:outlet:write":   "open and close your outlets",
			"promo:food_promo:read": "see your promos", "promo:food_promo:write": "change your promos",
			"payment:transaction:read": "see your payments", "payment:transaction:write": "request payments for you",
			"payment:pop:read": "see your payment machines",
		},
		"id": {
			"title":          "Masuk",
			"badge":          "Sandbox · tidak berafiliasi dengan Gojek",
			"next":           "Lanjut",
			"page":           "Buka halaman sandbox",
			"phone_title":    "Masuk ke GoBiz",
			"phone_text":     "Masukkan nomor telepon Anda untuk melanjutkan ke",
			"phone_label":    "Nomor telepon",
			"phone_note":     "Nomor telepon dan OTP ada di halaman sandbox.",
			"unknown_phone":  "Nomor telepon ini tidak terdaftar.",
			"otp_title":      "Masukkan OTP",
			"otp_text":       "Kami seolah-olah mengirim OTP ke",
			"otp_label":      "OTP",
			"otp_note":       "Sandbox tidak mengirim pesan; OTP ada di halamannya.",
			"wrong_otp":      "OTP salah. Silakan coba lagi.",
			"too_many_tries": "OTP salah terlalu sering. Masukkan lagi nomor telepon Anda.",
			"consent_title":  "Izinkan akses?",
			"consent_text":   "ingin:",
			"consent_user":   "Masuk sebagai",
			"allow":          "Izinkan",
			"deny":           "Tolak",
			"error_title":    "Login ini tidak dapat dilanjutkan",
			"error_text":     "Anda dapat menutup halaman ini dan kembali ke aplikasi.",
			"expired":        "Login ini sudah berakhir atau tidak dikenal; mulai lagi",

			"openid": "mengetahui siapa Anda", "offline": "tetap terhubung setelah Anda pergi", "offline_access": "tetap terhubung setelah Anda pergi",
			"partner:outlet:read": "melihat outlet Anda", "partner:outlet:write": "menghubungkan outlet Anda",
			"gofood:catalog:read": "melihat menu Anda", "gofood:catalog:write": "mengubah menu Anda",
			"gofood:order:read": "menerima pesanan Anda", "gofood:order:write": "menerima, membatalkan, dan menyelesaikan pesanan Anda",
			"gofood:outlet:write":   "membuka dan menutup outlet Anda",
			"promo:food_promo:read": "melihat promo Anda", "promo:food_promo:write": "mengubah promo Anda",
			"payment:transaction:read": "melihat pembayaran Anda", "payment:transaction:write": "meminta pembayaran untuk Anda",
			"payment:pop:read": "melihat mesin pembayaran Anda",
		},
	}
})
