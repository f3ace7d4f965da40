package gobiz

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// isPrivate tells the members whose value is not shown: secrets, and what
// describes a person. name is in lower case without "_" and "-". Inside
// customer and driver everything is private.
func isPrivate(name string) bool {
	switch name {
	case "accesstoken", "refreshtoken", "idtoken", "token", "authorization",
		"clientsecret", "secret", "password", "passphrase", "otp", "notificationsecretkey", "apikey",
		"xgosignature", "signature", "pin",
		"customer", "customerdetails", "driver",
		"phone", "phonenumber", "mobile", "msisdn", "email", "firstname", "lastname", "fullname", "address",
		"notes",      // written by the customer
		"qrisstring", // whoever has it can be paid by it
		"payload":    // a delivered webhook as a string: an order with its customer
		return true
	}
	return false
}

var personalPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[^\s@"<>]+@[^\s@"<>]+\.[^\s@"<>]+` + // e-mail
		`|(?:\+|\b)62[\s-]?8[\d\s-]{7,14}\d|\b08[\d\s-]{7,13}\d` + // Indonesian mobile number
		`|\beyJ[\w-]+\.[\w-]+\.?[\w-]*`) // JSON Web Token
})

// maskText replaces e-mail addresses, phone numbers and JWTs inside a text.
func maskText(text string) string {
	if !strings.ContainsAny(text, "@0123456789") && !strings.Contains(text, "eyJ") {
		return text
	}
	return personalPattern().ReplaceAllString(text, masked)
}

func normalName(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(name), "_", ""), "-", "")
}

// maskJSON copies JSON with secrets and personal data replaced, up to about
// limit bytes; a cut-off document is copied as far as it goes. Data that does
// not begin like JSON gives nil, except that plain text is masked as text. hide
// masks the secrets of the call, wherever they stand.
func maskJSON(data []byte, limit int, hide func(string) string) []byte {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 {
		return nil
	}
	if trimmed[0] != '{' && trimmed[0] != '[' {
		// Cut after secrets are masked, or a part of one would stay at the end; but
		// not all of a body of megabytes is walked.
		trimmed = []byte(hide(string(trimmed[:min(len(trimmed), limit+maxSecret)])))
		return []byte(maskText(string(trimmed[:min(len(trimmed), limit)])))
	}
	m := masker{
		dec:   jsontext.NewDecoder(bytes.NewReader(trimmed), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)),
		limit: limit,
		hide:  hide,
	}
	m.value(false)
	return m.out
}

type masker struct {
	dec   *jsontext.Decoder
	out   []byte
	limit int
	hide  func(string) string
}

// maxSecret is more than the length of any token (bytes).
const maxSecret = 16 << 10

// value copies one value and reports whether to go on. With secret set, every
// scalar below is masked.
func (m *masker) value(secret bool) bool {
	if len(m.out) >= m.limit {
		m.out = append(m.out, "…"...)
		return false
	}
	token, err := m.dec.ReadToken()
	if err != nil {
		m.out = append(m.out, "…"...)
		return false
	}
	switch token.Kind() {
	case '{':
		return m.object(secret)
	case '[':
		m.out = append(m.out, '[')
		for i := 0; m.dec.PeekKind() != ']'; i++ {
			if i > 0 {
				m.out = append(m.out, ',')
			}
			if !m.value(secret) {
				return false
			}
		}
		m.out = append(m.out, ']')
		_, err = m.dec.ReadToken()
		return err == nil
	case '"':
		text := masked
		if !secret {
			text = maskText(m.hideString(token.String()))
		} else if token.String() == "" {
			text = ""
		}
		m.out, _ = jsontext.AppendQuote(m.out, text)
	case '0':
		if number := token.String(); secret || maskText(number) != number {
			m.out = append(m.out, `"`+masked+`"`...)
		} else {
			m.out = append(m.out, number...)
		}
	default:
		m.out = append(m.out, token.String()...)
	}
	return true
}

// hideString also finds a secret with control characters inside, which are escaped
// in JSON and so would stay.
func (m *masker) hideString(text string) string {
	text = m.hide(text)
	if strings.ContainsFunc(text, unicode.IsControl) {
		clean := cleanText(text, len(text))
		if hidden := m.hide(clean); hidden != clean {
			return hidden
		}
	}
	return text
}

func (m *masker) object(secret bool) bool {
	m.out = append(m.out, '{')
	for i := 0; m.dec.PeekKind() != '}'; i++ {
		if i > 0 {
			m.out = append(m.out, ',')
		}
		token, err := m.dec.ReadToken()
		if err != nil {
			m.out = append(m.out, "…"...)
			return false
		}
		name := token.String()
		m.out, _ = jsontext.AppendQuote(m.out, maskText(m.hide(name)))
		m.out = append(m.out, ':')
		if !m.value(secret || isPrivate(normalName(name))) {
			return false
		}
	}
	m.out = append(m.out, '}')
	_, err := m.dec.ReadToken()
	return err == nil
}
