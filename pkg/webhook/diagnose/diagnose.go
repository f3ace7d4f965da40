// Package diagnose says why the signature of a notification does not verify:
// which usual mistake, in the body, the secret or the computation, explains the
// one that arrived. It is for people who look for a mistake. A receiver needs
// [webhook.Verify] alone, and does not link this package.
package diagnose

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// Diagnosis is one way in which a notification or its secret is often spoilt,
// and whether it explains why a signature does not verify.
type Diagnosis struct {
	Transform   string `json:"transform"`            // stable name, such as "newline_added"; two that only explain it together are joined by "+"
	Matches     bool   `json:"matches"`              // when it is undone the signature verifies
	Skipped     bool   `json:"skipped,omitzero"`     // not tried: the body is too large for it, or no other secret is known
	Reparsed    bool   `json:"-"`                    // what happens when a framework parses the body first: see RawBodies
	Explanation string `json:"explanation,omitzero"` // what happened
	Advice      string `json:"advice,omitzero"`      // what to change
}

// A Mismatch is a body and a signature of it that does not verify.
type Mismatch struct {
	Body      []byte
	Signature string
	Secrets   []string
	// Others are secrets that do not belong to the notification and may have been
	// taken by mistake: another environment's, the OAuth client's.
	Others []NamedSecret
}

// NamedSecret is a secret and what to call it.
type NamedSecret struct {
	Name   string // "the secret of profile staging"
	Secret string
}

// Signature is [Mismatch.Diagnose] without other secrets.
func Signature(body []byte, signature string, secrets ...string) []Diagnosis {
	return Mismatch{Body: body, Signature: signature, Secrets: secrets}.Diagnose()
}

// Sizes of a body, in bytes, that bound the work. A notification has a few
// thousand bytes.
const (
	// MaxRewritten is the largest body that is parsed and written anew, or
	// decoded. What a few bytes at its ends explain is tried for any size.
	MaxRewritten = 4 << 20
	// MaxCombined is the largest body for which two transforms are tried together.
	MaxCombined = 64 << 10
)

// Diagnose tries every known transform, always in the same order, and says of
// each whether it alone explains the mismatch. When none does, it looks for two
// that do so together and adds the first such pair to the end; up to three
// that concern only how the signature is written count as one.
//
// The receiver holds the body after something was done to it, and GoBiz signed
// the body before: "newline_added" matches when the signature is that of the body
// without its last newline. Names that begin with json_ say how the signed body
// is written.
//
// It is for people who look for a mistake. A receiver must not take a
// notification because of it: only [webhook.Verify] accepts. The result is nil for
// a signature that verifies.
func (m Mismatch) Diagnose() []Diagnosis {
	if len(m.Secrets) == 0 || webhook.Verify(m.Body, m.Signature, m.Secrets...) >= 0 {
		return nil
	}
	m.Others = slices.DeleteFunc(slices.Clone(m.Others), func(o NamedSecret) bool { return slices.Contains(m.Secrets, o.Secret) })
	s := &search{Mismatch: m, readings: readSignature(m.Signature), matched: map[string]bool{}}
	s.singles()
	if len(s.matched) == 0 && len(m.Body) <= MaxCombined {
		s.pairs()
	}
	return s.report()
}

// cause is the part of a transform that people read.
type cause struct {
	name        string
	explanation string
	advice      string
}

// reparsed reports whether a body has gone through a parser.
func (c cause) reparsed() bool { return strings.HasPrefix(c.advice, rawAdvice) }

// A search compares what could have been signed with what the signature could
// stand for.
type search struct {
	Mismatch
	readings []reading
	matched  map[string]bool // transforms that explain it alone
	pair     []string        // the first ones that explain it together
	other    string          // name of the other secret that matches
}

// try compares the MAC of one candidate and reports whether the signature could
// stand for it. changes are the transforms it undoes.
func (s *search) try(mac string, changes ...string) (matches bool) {
	for _, r := range s.readings {
		if !r.matches(mac) {
			continue
		}
		matches = true
		switch all := slices.Concat(r.changes, changes); {
		case len(all) == 1:
			s.matched[all[0]] = true
		case s.pair == nil:
			s.pair = all
		}
	}
	return matches
}

// singles tries each transform alone, and all of the signature's with each.
func (s *search) singles() {
	for _, secret := range s.Secrets {
		s.try(webhook.Sign(secret, s.Body)) // the readings are the signature's transforms
	}
	s.tryAll(s.Body)
}

// pairs tries two transforms together: two of the body, or one of the body and
// one of the secret or the algorithm.
func (s *search) pairs() {
	for _, c := range bodyCauses() {
		for body := range c.candidates(s.Body) {
			s.tryAll(body, c.name)
		}
		if s.pair != nil {
			return
		}
	}
}

// tryAll tries each transform of a body, the secret and the algorithm. undone are
// the transforms that led to the body.
func (s *search) tryAll(body []byte, undone ...string) {
	and := func(name string) []string { return append(slices.Clip(undone), name) }
	for _, c := range bodyCauses() {
		if slices.Contains(undone, c.name) {
			continue
		}
		for candidate := range c.candidates(body) {
			for _, secret := range s.Secrets {
				s.try(webhook.Sign(secret, candidate), and(c.name)...)
			}
		}
	}
	for _, c := range secretCauses() {
		for _, key := range c.keys(s.Secrets) {
			s.try(webhook.Sign(key, body), and(c.name)...)
		}
	}
	for _, secret := range s.Secrets {
		for _, a := range algorithmCauses() {
			for _, mac := range a.macs([]byte(secret), body) {
				s.try(mac, and(a.name)...)
			}
		}
	}
	for _, other := range s.Others {
		if s.try(webhook.Sign(other.Secret, body), and(otherSecret.name)...) {
			s.other = cmp.Or(s.other, other.Name)
		}
	}
}

// report lists every transform in its order, and the pair.
func (s *search) report() []Diagnosis {
	var list []Diagnosis
	byName := map[string]cause{}
	add := func(c cause, skipped bool) {
		if c.name == otherSecret.name && s.other != "" {
			c.explanation = "it is signed with " + s.other
		}
		byName[c.name] = c
		list = append(list, Diagnosis{c.name, s.matched[c.name], skipped, c.reparsed(), c.explanation, c.advice})
	}
	for _, c := range bodyCauses() {
		add(c.cause, c.skips(s.Body))
	}
	for _, c := range secretCauses() {
		add(c.cause, false)
	}
	add(otherSecret, len(s.Others) == 0)
	for _, c := range signatureCauses() {
		add(c.cause, false)
	}
	for _, c := range algorithmCauses() {
		add(c.cause, false)
	}
	if len(s.matched) > 0 || s.pair == nil {
		return list
	}
	both := Diagnosis{Transform: strings.Join(s.pair, "+"), Matches: true}
	var explanations, advice []string
	for _, name := range s.pair {
		explanations = append(explanations, byName[name].explanation)
		both.Reparsed = both.Reparsed || byName[name].reparsed()
		if a := byName[name].advice; !slices.Contains(advice, a) {
			advice = append(advice, a)
		}
	}
	both.Explanation, both.Advice = strings.Join(explanations, "; and "), strings.Join(advice, "; and ")
	return append(list, both)
}

// Recipe says how a framework gives the bytes of a request's body as they
// arrived.
type Recipe struct {
	Framework string
	Code      string
}

// RawBodies are the recipes for [Diagnosis.Reparsed].
func RawBodies() []Recipe {
	return []Recipe{
		{"Express", "express.raw({type: '*/*'}) on the route, then req.body"},
		{"Next.js", "await request.text(), before any request.json()"},
		{"Flask", "request.get_data()"},
		{"Django", "request.body"},
		{"FastAPI", "await request.body()"},
		{"Laravel", "$request->getContent()"},
		{"PHP", "file_get_contents('php://input')"},
		{"Rails", "request.raw_post"},
		{"Rack", "env['rack.input'].read; the header is env['HTTP_X_GO_SIGNATURE']"},
		{"Spring", "@RequestBody byte[] body"},
		{"ASP.NET", "Request.EnableBuffering(), then the bytes of Request.Body"},
		{"Go", "io.ReadAll(r.Body)"},
	}
}
