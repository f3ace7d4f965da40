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
}

func TestSign(t *testing.T) {
	for _, v := range vectors {
		if got := webhook.Sign(v.secret, []byte(v.body)); got != v.signature {
			t.Errorf("%s: signature %s, want %s", v.name, got, v.signature)
		}
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
