package diagnose_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
	"github.com/gobiz-cli/gobiz/pkg/webhook/diagnose"
)

// signed is a body as GoBiz may sign it: compact, random order of keys, plain
// characters.
const signed = `{"header":{"version":1,"event_name":"gofood.order.placed","event_id":"6f1c9b7e-4a53-3c1b-9f7e-0a1b2c3d4e5f"},` +
	`"body":{"service_type":"gofood","order":{"order_total":58000.0,"order_number":"F-1","order_items":[{"name":"Es <Teh> & Kopi — né/pedas 🍜","quantity":2,"price":28000.0,"notes":null}]},` +
	`"driver":null,"outlet":{"id":"G1"},"customer":{}}}`

const relaySecret = "6b17d51818353699a12ca139b0454228"

var rightSignature = webhook.Sign(relaySecret, []byte(signed))

// spoilt is what a receiver holds, and the cause that a diagnosis must name.
type spoilt struct {
	body, signature, secret, want string
}

func spoiltCases(t *testing.T) map[string]spoilt {
	t.Helper()
	body := func(text, want string) spoilt { return spoilt{text, rightSignature, relaySecret, want} }
	signature := func(text, want string) spoilt { return spoilt{signed, text, relaySecret, want} }
	secret := func(text, want string) spoilt { return spoilt{signed, rightSignature, text, want} }
	key := func(text, want string) spoilt {
		return spoilt{signed, webhook.Sign(text, []byte(signed)), relaySecret, want}
	}
	original := func(text, received, want string) spoilt {
		return spoilt{received, webhook.Sign(relaySecret, []byte(text)), relaySecret, want}
	}
	mac := macOf(t, rightSignature)
	const lines = "{\n\"a\":1,\n\"b\":2\n}"
	return map[string]spoilt{
		// The body.
		"an editor's newline":          body(signed+"\n", "newline_added"),
		"a Windows editor's newline":   body(signed+"\r\n", "newline_added"),
		"several newlines":             body(signed+"\n\n\n", "newline_added"),
		"$(cat body)":                  original(signed+"\n", signed, "newline_missing"),
		"blanks":                       body("  "+signed+" ", "blanks_added"),
		"git's autocrlf":               original(lines, strings.ReplaceAll(lines, "\n", "\r\n"), "crlf_added"),
		"dos2unix":                     original(strings.ReplaceAll(lines, "\n", "\r\n"), lines, "crlf_missing"),
		"Notepad's byte order mark":    body("\uFEFF"+signed, "bom_added"),
		"a decoder that drops the BOM": original("\uFEFF"+signed, signed, "bom_missing"),
		"the stream was read before":   original("", signed, "body_empty"),
		"curl -i":                      body("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"+signed, "http_headers"),
		"quotes":                       body("'"+signed+"'", "body_quotes"),
		"PowerShell's >":               body(utf16Text(signed+"\r\n"), "utf16"),
		"a Lambda's event":             body(base64.StdEncoding.EncodeToString([]byte(signed)), "base64"),
		"encoded twice":                body(quoted(t, signed), "json_string"),
		"from a log":                   body(strings.Trim(quoted(t, signed), `"`), "json_string"),
		"a form's name":                body(url.QueryEscape(signed)+"=", "form_encoded"),
		"a form's value":               body("payload="+url.QueryEscape(signed), "form_encoded"),
		"percent-encoded":              body(url.PathEscape(signed), "form_encoded"),
		"from a page":                  body(strings.NewReplacer(`"`, "&quot;", "&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(signed), "html_entities"),
		"mojibake":                     body(latin1Text(signed), "mojibake"),
		"Windows mojibake":             original(`{"note":"pedas — tanpa bawang"}`, `{"note":"pedas â€” tanpa bawang"}`, "mojibake"),
		"Latin-1":                      original(`{"note":"né"}`, "{\"note\":\"n\xe9\"}", "latin1"),

		// JSON that was written anew.
		"indented by two":      body(indented(t, signed, "  "), "json_compact"),
		"indented by four":     body(indented(t, signed, "    "), "json_compact"),
		"python's separators":  body(spaced(signed), "json_compact"),
		"made compact":         original(spaced(signed), signed, "json_spaced"),
		"two spaces lost":      original(indented(t, signed, "  "), signed, "json_indent_2"),
		"four spaces lost":     original(indented(t, signed, "    "), signed, "json_indent_4"),
		"tabs lost":            original(indented(t, signed, "\t"), signed, "json_indent_tab"),
		"order lost":           original(`{"a":{"b":1,"c":[]},"d":"x"}`, `{"d":"x","a":{"c":[],"b":1}}`, "json_sorted"),
		"HTML was escaped":     body(strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(signed), "json_unescaped"),
		"HTML was unescaped":   original(strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`).Replace(signed), signed, "json_html_escaped"),
		"ensure_ascii":         body(strings.NewReplacer("—", `\u2014`, "é", `\u00e9`, "🍜", `\ud83c\udf5c`).Replace(signed), "json_unescaped"),
		"not ensure_ascii":     original(strings.NewReplacer("—", `\u2014`, "é", `\u00e9`, "🍜", `\ud83c\udf5c`).Replace(signed), signed, "json_ascii"),
		"upper-case escapes":   original(strings.NewReplacer("—", `\u2014`, "é", `\u00E9`, "🍜", `\uD83C\uDF5C`).Replace(signed), signed, "json_ascii"),
		"PHP's slashes":        body(strings.ReplaceAll(signed, "/", `\/`), "json_unescaped"),
		"slashes unescaped":    original(strings.ReplaceAll(signed, "/", `\/`), signed, "json_slashes"),
		"JavaScript's numbers": body(strings.ReplaceAll(signed, "000.0", "000"), "json_numbers"),
		"a float for all":      original(`{"price":15000,"n":[1,2]}`, `{"price":15000.0,"n":[1.0,2.0]}`, "json_numbers"),

		// The secret.
		"echo secret":                 secret(relaySecret+"\n", "secret_newline"),
		"a secret file of Windows":    secret(relaySecret+"\r\n", "secret_newline"),
		"a carriage return":           secret(relaySecret+"\r", "secret_newline"),
		"signed with a newline":       key(relaySecret+"\n", "secret_newline"),
		"blanks around the secret":    secret(" "+relaySecret+" ", "secret_blanks"),
		"quotes of an env file":       secret(`"`+relaySecret+`"`, "secret_quotes"),
		"signed with quotes":          key("'"+relaySecret+"'", "secret_quotes"),
		"hex-decoded":                 key(unhex(t, relaySecret), "secret_hex_decoded"),
		"base64-decoded":              key(string(unbase64(t, relaySecret)), "secret_base64_decoded"),
		"a secret kept as bytes":      secret(unhex(t, relaySecret), "secret_hex_encoded"),
		"a secret decoded by a vault": secret(string(unbase64(t, relaySecret)), "secret_base64_encoded"),
		"upper-case secret":           secret(strings.ToUpper(relaySecret), "secret_case"),
		"percent-encoded secret":      {signed, webhook.Sign("a+b/c=", []byte(signed)), "a%2Bb%2Fc%3D", "secret_percent_encoded"},
		"a line of an env file":       secret("RELAY_SECRET="+relaySecret, "secret_with_name"),
		"the whole list":              secret("older,"+relaySecret, "secret_list"),
		"no secret":                   key("", "secret_empty"),

		// The signature.
		"upper case":            signature(strings.ToUpper(rightSignature), "signature_uppercase"),
		"base64":                signature(base64.StdEncoding.EncodeToString(mac), "signature_base64"),
		"base64url":             signature(base64.RawURLEncoding.EncodeToString(mac), "signature_base64"),
		"base64 of the hex":     signature(base64.StdEncoding.EncodeToString([]byte(rightSignature)), "signature_base64"),
		"sha256=":               signature("sha256="+rightSignature, "signature_prefix"),
		"hex=":                  signature("hex="+rightSignature, "signature_prefix"),
		"0x":                    signature("0x"+rightSignature, "signature_prefix"),
		"the header's line":     signature("X-Go-Signature: "+rightSignature, "signature_prefix"),
		"quotes around it":      signature(`"`+rightSignature+`"`, "signature_quotes"),
		"blanks around it":      signature(" "+rightSignature+"\n", "signature_blanks"),
		"two headers in one":    signature(rightSignature+", "+rightSignature, "signature_repeated"),
		"a column of 63":        signature(rightSignature[:63], "signature_cut"),
		"prefix and upper case": signature("sha256="+strings.ToUpper(rightSignature), "signature_prefix+signature_uppercase"),

		// The algorithm.
		"SHA-1":       signature(macHex(sha1.New, relaySecret, signed), "hmac_sha1"),
		"SHA-512":     signature(macHex(sha512.New, relaySecret, signed), "hmac_sha512"),
		"SHA-384":     signature(macHex(sha512.New384, relaySecret, signed), "hmac_sha384"),
		"MD5":         signature(macHex(md5.New, relaySecret, signed), "hmac_md5"),
		"swapped":     signature(macHex(sha256.New, signed, relaySecret), "arguments_swapped"),
		"plain hash":  signature(plain(signed), "hash_without_hmac"),
		"salted hash": signature(plain(relaySecret+signed), "hash_without_hmac"),

		// Two at once.
		"newline and base64":         {signed + "\n", base64.StdEncoding.EncodeToString(mac), relaySecret, "signature_base64+newline_added"},
		"newlines on both":           {signed + "\n", rightSignature, relaySecret + "\n", "newline_added+secret_newline"},
		"byte order mark and CRLF":   original(lines, "\uFEFF"+strings.ReplaceAll(lines, "\n", "\r\n"), "crlf_added+bom_added"),
		"Lambda and newline":         body(base64.StdEncoding.EncodeToString([]byte(signed+"\n")), "base64+newline_added"),
		"python's json.dumps":        body(spaced(strings.NewReplacer("—", `\u2014`, "é", `\u00e9`, "🍜", `\ud83c\udf5c`).Replace(signed)), "json_compact+json_unescaped"),
		"PHP's pretty print":         body(indented(t, strings.ReplaceAll(signed, "/", `\/`), "    "), "json_compact+json_unescaped"),
		"JavaScript, indented":       body(indented(t, strings.ReplaceAll(signed, "000.0", "000"), "  "), "json_compact+json_numbers"),
		"another body":               body(strings.Replace(signed, "F-1", "F-2", 1), ""),
		"another secret":             secret("something-else", ""),
		"base64 and quotes of a key": {signed, base64.StdEncoding.EncodeToString(mac), `"` + relaySecret + `"`, "signature_base64+secret_quotes"},
	}
}

func TestDiagnose(t *testing.T) {
	cases := spoiltCases(t)
	if len(cases) < 60 {
		t.Errorf("%d broken variants", len(cases))
	}
	var order []string
	for name, c := range cases {
		if webhook.Verify([]byte(c.body), c.signature, c.secret) >= 0 {
			t.Errorf("%s: it verifies", name)
		}
		list := diagnose.Signature([]byte(c.body), c.signature, c.secret)
		var matching, all []string
		for _, d := range list {
			if d.Matches {
				matching = append(matching, d.Transform)
			}
			if !strings.Contains(d.Transform, "+") {
				all = append(all, d.Transform)
			}
			if d.Explanation == "" || d.Advice == "" || strings.Contains(d.Explanation+d.Advice, relaySecret) {
				t.Errorf("%s: %+v is incomplete or tells the secret", name, d)
			}
		}
		if got := strings.Join(matching[:min(1, len(matching))], ""); got != c.want {
			t.Errorf("%s: %q explains it, want %q", name, matching, c.want)
		}
		if len(matching) > 1 && strings.Contains(matching[len(matching)-1], "+") {
			t.Errorf("%s: a pair beside a single cause: %q", name, matching)
		}
		if order == nil {
			order = all
		}
		if diff := cmp.Diff(order, all); diff != "" {
			t.Errorf("%s: the list differs (-want +got):\n%s", name, diff)
		}
	}
	sorted := slices.Sorted(slices.Values(order))
	if len(slices.Compact(sorted)) != len(order) {
		t.Errorf("a name is there twice: %q", order)
	}
}

func TestDiagnoseTellsOtherSecrets(t *testing.T) {
	m := diagnose.Mismatch{
		Body: []byte(signed), Signature: webhook.Sign("staging-secret", []byte(signed)), Secrets: []string{relaySecret},
		Others: []diagnose.NamedSecret{{Name: "the secret of profile jakarta", Secret: "x"}, {Name: "the secret of profile staging", Secret: "staging-secret"}},
	}
	for name, body := range map[string]string{"other_secret": signed, "newline_added+other_secret": signed + "\n"} {
		m.Body = []byte(body)
		found := matching(m.Diagnose())
		if len(found) == 0 || found[0].Transform != name || !strings.Contains(found[0].Explanation, "the secret of profile staging") {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

func TestTransformsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diagnose.Signature([]byte(signed), rightSignature, "another") {
		if !strings.Contains(string(page), "`"+d.Transform+"`") {
			t.Errorf("docs/webhooks.md does not name %s", d.Transform)
		}
	}
}

// TestTruncated tells test case 5 of RFC 4231 for what it is: 128 bits of a
// signature.
func TestTruncated(t *testing.T) {
	secret, body, cut := strings.Repeat("\x0c", 20), []byte("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"
	if found := matching(diagnose.Signature(body, cut, secret)); len(found) != 1 || found[0].Transform != "signature_cut" {
		t.Errorf("found %+v", found)
	}
}

// TestHexDecodedSecret is the published vector of the mistake.
func TestHexDecodedSecret(t *testing.T) {
	found := matching(diagnose.Signature([]byte(`{}`), "e170d2ea0c0d1506b1379cdcf2b6583c27c6b96495149a4815776b7f273bedf4", "00ff"))
	if len(found) != 1 || found[0].Transform != "secret_hex_decoded" {
		t.Errorf("found %+v", found)
	}
}

func TestNothingToDiagnose(t *testing.T) {
	if got := diagnose.Signature([]byte(signed), rightSignature, "x", relaySecret); got != nil {
		t.Errorf("a signature that verifies: %v", got)
	}
	if got := diagnose.Signature([]byte(signed), rightSignature); got != nil {
		t.Errorf("no secret: %v", got)
	}
	for _, signature := range []string{"", " ", "zz", "=", strings.Repeat("a", 1<<20)} {
		if got := matching(diagnose.Signature([]byte(signed), signature, relaySecret)); got != nil {
			t.Errorf("%.10q: %v", signature, got)
		}
	}
}

// TestDiagnoseIsBounded holds the work on a large body to what a few passes over
// it cost, and has what was left out said.
func TestDiagnoseIsBounded(t *testing.T) {
	body := []byte(`{"x":"` + strings.Repeat("é", diagnose.MaxRewritten/2) + `"}`)
	list := diagnose.Signature(append(body, '\n'), webhook.Sign(relaySecret, body), relaySecret)
	skipped := map[string]bool{}
	for _, d := range list {
		skipped[d.Transform] = d.Skipped
	}
	if !skipped["json_compact"] || !skipped["mojibake"] || skipped["newline_added"] || skipped["secret_newline"] {
		t.Errorf("skipped: %v", skipped)
	}
	if found := matching(list); len(found) == 0 || found[0].Transform != "newline_added" {
		t.Errorf("found %+v", found)
	}
}

func BenchmarkDiagnose(b *testing.B) {
	for name, size := range map[string]int{"2KB": 2 << 10, "64KB": 60 << 10, "4MB": 4<<20 - 1024, "50MB": 50 << 20} {
		item := `{"name":"Es <Teh> & Kopi — né/pedas","quantity":2,"price":28000.0,"notes":null},`
		body := []byte("[" + strings.Repeat(item, size/len(item)) + "null]")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if matching(diagnose.Signature(body, rightSignature, relaySecret)) != nil {
					b.Fatal("explained")
				}
			}
		})
	}
}

// TestDiagnoseOfDeepBodies has bodies that would be thousands of times as large
// with indentation.
func TestDiagnoseOfDeepBodies(t *testing.T) {
	values := strings.Repeat("1,", 20_000) + "1"
	for _, body := range []string{
		strings.Repeat("[", 9_000) + values + strings.Repeat("]", 9_000),
		strings.Repeat("[", 60_000),
		strings.Repeat(`{"a":`, 12_000),
	} {
		const most = 512 << 20 // bytes allocated in all; indented once the first has 700 MB
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if found := matching(diagnose.Signature([]byte(body), rightSignature, relaySecret)); found != nil {
			t.Errorf("%.20s is explained: %v", body, found)
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > most {
			t.Errorf("%.20s: %d MB allocated", body, used>>20)
		}
	}
}

func matching(list []diagnose.Diagnosis) (found []diagnose.Diagnosis) {
	for _, d := range list {
		if d.Matches {
			found = append(found, d)
		}
	}
	return found
}

func macHex(algorithm func() hash.Hash, key, message string) string {
	h := hmac.New(algorithm, []byte(key))
	h.Write([]byte(message))
	return hex.EncodeToString(h.Sum(nil))
}

func plain(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func macOf(t *testing.T, signature string) []byte {
	t.Helper()
	return []byte(unhex(t, signature))
}

func unhex(t *testing.T, text string) string {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func unbase64(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	raw, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func indented(t *testing.T, text, indent string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", indent); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// spaced writes JSON as Python does; the body's texts have no colon or comma
// beside a quote.
func spaced(text string) string {
	return strings.NewReplacer(`":`, `": `, `,"`, `, "`).Replace(text)
}

func utf16Text(text string) string {
	raw := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(text)) {
		raw = binary.LittleEndian.AppendUint16(raw, unit)
	}
	return string(raw)
}

func latin1Text(text string) string {
	var runes []rune
	for i := range len(text) {
		runes = append(runes, rune(text[i]))
	}
	return string(runes)
}
