package sandbox

import (
	"html/template"
	"net/http"
	"sync"
)

// loginPage is what the login template shows.
type loginPage struct {
	Lang       string
	T          map[string]string // texts in Lang
	Style      template.CSS
	Step       string
	Challenge  string
	ClientName string
	UserName   string
	Phone      string
	Problem    string
	Scopes     []scopeText
	Error      oauthError
}

type scopeText struct{ Name, Meaning string }

func (s *Sandbox) showStep(w http.ResponseWriter, status int, id string, l login, problem string) {
	page := newLoginPage(l.Lang)
	page.Step, page.Challenge, page.ClientName, page.Phone = l.Step, id, l.ClientName, l.Phone
	page.Problem = page.T[problem]
	for _, scope := range l.Scopes {
		meaning, ok := page.T[scope]
		if !ok {
			meaning = scope
		}
		page.Scopes = append(page.Scopes, scopeText{scope, meaning})
	}
	s.store.view(func() {
		u, _ := s.store.users.get(l.Phone)
		page.UserName = u.Name
	})
	s.showPage(w, status, "login.html", page)
}

// showAuthorizeError keeps the browser here: without a trusted redirect URI
// there is no place to send it.
func (s *Sandbox) showAuthorizeError(w http.ResponseWriter, lang string, e oauthError) {
	page := newLoginPage(lang)
	page.Step, page.Error = "error", e
	s.showPage(w, e.Status, "login.html", page)
}

func (s *Sandbox) showExpired(w http.ResponseWriter, r *http.Request) {
	lang := language("", r.Header.Get("Accept-Language"))
	s.showAuthorizeError(w, lang, errOAuth("invalid_request", loginTexts()[lang]["expired"], ""))
}

func newLoginPage(lang string) loginPage {
	return loginPage{Lang: lang, T: loginTexts()[lang], Style: pageStyle()}
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
			"payment:pop:read": "see proofs of payment",
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
			"payment:pop:read": "melihat bukti pembayaran",
		},
	}
})
