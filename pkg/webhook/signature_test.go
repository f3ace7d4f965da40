package webhook_test

import (
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// The published vectors: body and key are the exact bytes.
var vectors = []struct {
	name, secret, body, signature string
}{
	{"empty object", "relay-secret-for-tests-001", `{}`, "c1f00565ac429b88abdb580d38a96a5dab2829854942ec1d37dd6bde736e0945"},
	{"UTF-8 body", "relay-secret-for-tests-001", `{"note":"pedas — tanpa bawang","price":15000}`, "cdd3da88481fc184aecacfb75da2b9b1ab4b0c748f9be1a887a4bc96f1b0fb22"},
	{"secret that looks like hex", "00ff", `{}`, "2e03036c662e7414fab70b8f14ccb8c6e86818506d525cbed0630cbb0e630716"},
	{"GitHub's example", "It's a Secret to Everybody", "Hello, World!", "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},

	// RFC 4231, section 4. Test case 5 is about truncation.
	{"RFC 4231, test case 1", strings.Repeat("\x0b", 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{"RFC 4231, test case 2", "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{"RFC 4231, test case 3", strings.Repeat("\xaa", 20), strings.Repeat("\xdd", 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
	{"RFC 4231, test case 4", "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19", strings.Repeat("\xcd", 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	{"RFC 4231, test case 6", strings.Repeat("\xaa", 131), "Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
	{
		"RFC 4231, test case 7", strings.Repeat("\xaa", 131),
		"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
		"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
	},
}

func TestSign(t *testing.T) {
	for _, v := range vectors {
		if got := webhook.Sign(v.secret, []byte(v.body)); got != v.signature {
			t.Errorf("%s: signature %s, want %s", v.name, got, v.signature)
		}
	}
}

// TestTruncated is test case 5 of RFC 4231: 128 bits of a signature do not verify.
func TestTruncated(t *testing.T) {
	secret, body, cut := strings.Repeat("\x0c", 20), []byte("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"
	if !strings.HasPrefix(webhook.Sign(secret, body), cut) || webhook.Verify(body, cut, secret) != -1 {
		t.Error("test case 5 of RFC 4231 fails")
	}
}

func TestVerify(t *testing.T) {
	for _, v := range vectors {
		if got := webhook.Verify([]byte(v.body), v.signature, "another", v.secret); got != 1 {
			t.Errorf("%s: matched secret %d, want 1", v.name, got)
		}
	}
	v := vectors[0]
	refused := map[string]struct{ body, signature, secret string }{
		"hex-decoded secret":   {`{}`, "e170d2ea0c0d1506b1379cdcf2b6583c27c6b96495149a4815776b7f273bedf4", "00ff"},
		"trailing newline":     {v.body + "\n", v.signature, v.secret},
		"upper-case signature": {v.body, strings.ToUpper(v.signature), v.secret},
		"prefixed signature":   {v.body, "sha256=" + v.signature, v.secret},
		"cut signature":        {v.body, v.signature[:63], v.secret},
		"no signature":         {v.body, "", v.secret},
		"other secret":         {v.body, v.signature, v.secret + "x"},
		"empty secret":         {v.body, webhook.Sign("", []byte(v.body)), ""},
	}
	for name, r := range refused {
		if got := webhook.Verify([]byte(r.body), r.signature, r.secret); got != -1 {
			t.Errorf("%s: verified", name)
		}
	}
	if webhook.Verify([]byte(v.body), v.signature) != -1 {
		t.Error("verified without a secret")
	}
}

// signed is a body as GoBiz may sign it: compact, random order of keys, plain
// characters.
const signed = `{"header":{"version":1,"event_name":"gofood.order.placed","event_id":"6f1c9b7e-4a53-3c1b-9f7e-0a1b2c3d4e5f"},` +
	`"body":{"service_type":"gofood","order":{"order_total":58000.0,"order_number":"F-1","order_items":[{"name":"Es <Teh> & Kopi — né/pedas 🍜","quantity":2,"price":28000.0,"notes":null}]},` +
	`"driver":null,"outlet":{"id":"G1"},"customer":{}}}`

const relaySecret = "6b17d51818353699a12ca139b0454228"

var rightSignature = webhook.Sign(relaySecret, []byte(signed))

func BenchmarkVerify(b *testing.B) {
	body := []byte(signed)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if webhook.Verify(body, rightSignature, relaySecret) != 0 {
			b.Fatal("does not verify")
		}
	}
}
