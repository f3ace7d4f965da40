package diagnose

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// A reading is what a signature could stand for.
type reading struct {
	mac     string // lower-case hex of some algorithm
	changes []string
}

// minCut is how many hex characters of a signature must be there to recognise
// the whole.
const minCut = 16

func (r reading) matches(mac string) bool {
	if slices.Contains(r.changes, signatureCut) {
		return len(r.mac) < len(mac) && strings.HasPrefix(mac, r.mac)
	}
	return r.mac == mac
}

// signatureCause is a transform of a signature. undo gives what it could have
// been before.
type signatureCause struct {
	cause
	undo func(signature string) []string
}

const (
	signatureCut    = "signature_cut"
	signatureAdvice = "compare with 64 lower-case hex characters, nothing around them"
)

func signatureCauses() []signatureCause {
	return []signatureCause{
		{cause{"signature_blanks", "the signature has blanks around it", "trim the header's value"}, withoutBlanks},
		{cause{"signature_quotes", "the signature has quotes around it", signatureAdvice}, func(s string) []string { return one(unquoted(s)) }},
		{cause{"signature_prefix", "the signature has a prefix such as sha256=, which GoBiz does not send", signatureAdvice}, withoutPrefix},
		{cause{"signature_repeated", "the header came more than once, and its values were joined", "take one value of the header"}, separated},
		{cause{"signature_uppercase", "the signature is in upper case, GoBiz's is in lower case", signatureAdvice}, lowered},
		{cause{"signature_base64", "the signature is base64, GoBiz's is hex", "encode the digest as hex: digest('hex'), hexdigest(), hex.EncodeToString"}, fromBase64},
		{cause{signatureCut, "the signature is only the beginning of the right one", "keep all 64 characters: look for a column or variable that is too short"}, nil},
	}
}

// readSignature undoes up to three transforms of a signature.
func readSignature(signature string) []reading {
	var readings []reading
	type step struct {
		text    string
		changes []string
	}
	todo := []step{{text: signature}}
	for len(todo) > 0 {
		s := todo[0]
		todo = todo[1:]
		if isLowerHex(s.text) {
			readings = append(readings, reading{s.text, s.changes})
			if n := len(s.text); n >= minCut && n < hexLength && n != 40 { // 40 are SHA-1
				readings = append(readings, reading{s.text, append(slices.Clone(s.changes), signatureCut)})
			}
			continue
		}
		if len(s.changes) == 3 {
			continue
		}
		for _, c := range signatureCauses() {
			if c.undo == nil || slices.Contains(s.changes, c.name) {
				continue
			}
			for _, text := range c.undo(s.text) {
				todo = append(todo, step{text, append(slices.Clone(s.changes), c.name)})
			}
		}
	}
	return readings
}

// hexLength is the number of characters of a signature.
const hexLength = 64

func isLowerHex(s string) bool {
	return s != "" && strings.Trim(s, "0123456789abcdef") == ""
}

func withoutBlanks(s string) []string {
	trimmed := strings.TrimSpace(s)
	return one(trimmed, trimmed != s)
}

// withoutPrefix cuts sha256=, hex=, v1=, 0x and the header's own name.
func withoutPrefix(s string) []string {
	if rest, ok := strings.CutPrefix(s, "0x"); ok {
		return []string{rest}
	}
	if i := strings.IndexAny(s, "=:"); i > 0 && len(s)-i > minCut {
		return []string{strings.TrimLeft(s[i+1:], " ")}
	}
	return nil
}

// separated takes the parts of a list, and nothing from what is none.
func separated(s string) []string {
	if !strings.Contains(s, ",") {
		return nil
	}
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func lowered(s string) []string {
	lower := strings.ToLower(s)
	return one(lower, lower != s && isLowerHex(lower))
}

// fromBase64 takes both alphabets, of the digest's bytes and of its hex.
func fromBase64(s string) []string {
	raw := decodeBase64(s)
	switch {
	case len(raw) < 16:
		return nil
	case isLowerHex(string(raw)):
		return []string{string(raw)}
	}
	return []string{hex.EncodeToString(raw)}
}

// decodeBase64 reads the standard and the URL's alphabet, padded or not; nil for
// what is neither.
func decodeBase64(s string) []byte {
	s = strings.TrimRight(s, "=")
	alphabet := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		alphabet = base64.RawURLEncoding
	}
	raw, err := alphabet.DecodeString(s)
	if err != nil {
		return nil
	}
	return raw
}

// unquoted takes one pair of quotes off.
func unquoted(s string) (string, bool) {
	if n := len(s); n >= 2 && s[0] == s[n-1] && strings.IndexByte("\"'`", s[0]) >= 0 {
		return s[1 : n-1], true
	}
	return "", false
}

// one makes a list of a value that may be there.
func one[T any](value T, ok bool) []T {
	if !ok {
		return nil
	}
	return []T{value}
}
