package webhook

import (
	"cmp"
	"slices"
	"strings"
)

// Diagnosis is one way in which a notification or its secret is often spoilt,
// and whether it explains why a signature does not verify.
type Diagnosis struct {
	Transform   string // stable name, such as "newline_added"; two that only explain it together are joined by "+"
	Matches     bool   // when it is undone the signature verifies
	Skipped     bool   // not tried: the body is too large for it, or no other secret is known
	Reparsed    bool   // what happens when a framework parses the body first: see RawBodies
	Explanation string // what happened
	Advice      string // what to change
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

// Diagnose is [Mismatch.Diagnose] without other secrets.
func Diagnose(body []byte, signature string, secrets ...string) []Diagnosis {
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
// notification because of it: only [Verify] accepts. A signature that verifies
// gives nil.
func (m Mismatch) Diagnose() []Diagnosis {
	if len(m.Secrets) == 0 || Verify(m.Body, m.Signature, m.Secrets...) >= 0 {
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

// reparsed tells that a body has gone through a parser.
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

// try compares the MAC of one candidate. changes are the transforms it undoes.
func (s *search) try(mac string, changes ...string) {
	for _, r := range s.readings {
		if !r.matches(mac) {
			continue
		}
		switch all := slices.Concat(r.changes, changes); {
		case len(all) == 1:
			s.matched[all[0]] = true
		case s.pair == nil:
			s.pair = all
		}
	}
}

// singles tries each transform alone, and all of the signature's with each.
func (s *search) singles() {
	for _, secret := range s.Secrets {
		s.try(Sign(secret, s.Body)) // the readings are the signature's transforms
		for _, a := range algorithmCauses() {
			for _, mac := range a.macs([]byte(secret), s.Body) {
				s.try(mac, a.name)
			}
		}
	}
	for _, c := range secretCauses() {
		for _, key := range c.keys(s.Secrets) {
			s.try(Sign(key, s.Body), c.name)
		}
	}
	for _, other := range s.Others {
		before := len(s.matched)
		s.try(Sign(other.Secret, s.Body), otherSecret.name)
		if len(s.matched) > before || s.pair != nil {
			s.other = cmp.Or(s.other, other.Name)
		}
	}
	for _, c := range bodyCauses() {
		for body := range c.candidates(s.Body) {
			s.tryBody(body, c.name)
		}
	}
}

func (s *search) tryBody(body []byte, changes ...string) {
	for _, secret := range s.Secrets {
		s.try(Sign(secret, body), changes...)
	}
}

// pairs tries two transforms together: two of the body, or one of the body and
// one of the secret or the algorithm.
func (s *search) pairs() {
	causes := bodyCauses()
	for _, outer := range causes {
		for body := range outer.candidates(s.Body) {
			for _, inner := range causes {
				if inner.name == outer.name {
					continue
				}
				for body := range inner.candidates(body) {
					s.tryBody(body, outer.name, inner.name)
				}
			}
			for _, c := range secretCauses() {
				for _, key := range c.keys(s.Secrets) {
					s.try(Sign(key, body), outer.name, c.name)
				}
			}
			for _, secret := range s.Secrets {
				for _, a := range algorithmCauses() {
					for _, mac := range a.macs([]byte(secret), body) {
						s.try(mac, outer.name, a.name)
					}
				}
			}
			for _, other := range s.Others {
				found := s.pair != nil
				s.try(Sign(other.Secret, body), outer.name, otherSecret.name)
				if !found && s.pair != nil {
					s.other = other.Name
				}
			}
		}
		if s.pair != nil {
			return
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
