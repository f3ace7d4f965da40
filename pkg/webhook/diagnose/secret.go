package diagnose

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/url"
	"slices"
	"strings"
)

// secretCause is a transform of the secret, on either side. keys gives what may
// have been the key instead of each of the secrets.
type secretCause struct {
	cause
	keys func(secrets []string) []string
}

const (
	keyAdvice    = "the key is the secret's own characters, as bytes: do not decode it"
	secretAdvice = "set the relay secret again, its own characters and nothing else; print its length to compare"
)

// otherSecret is a secret of [Mismatch.Others].
var otherSecret = cause{
	"other_secret", "it is signed with a secret that belongs to something else",
	"use the relay secret (notification_secret_key) of the environment that sends; each has its own",
}

func secretCauses() []secretCause {
	return []secretCause{
		{cause{"secret_newline", "one of the two secrets has a newline at its end", secretAdvice + ": printf '%s' instead of echo"}, each(endings("\n", "\r\n", "\r"))},
		{cause{"secret_blanks", "one of the two secrets has blanks around it", secretAdvice}, each(secretBlanks)},
		{cause{"secret_quotes", "one of the two secrets has quotes around it", secretAdvice + "; docker --env-file keeps quotes as part of a value"}, each(secretQuotes)},
		{cause{"secret_hex_decoded", "the secret was decoded from hex before it was used as the key", keyAdvice}, each(secretFromHex)},
		{cause{"secret_base64_decoded", "the secret was decoded from base64 before it was used as the key", keyAdvice}, each(secretFromBase64)},
		{cause{"secret_hex_encoded", "the secret here is encoded as hex, or was decoded before it came here", keyAdvice}, each(secretToHex)},
		{cause{"secret_base64_encoded", "the secret here was decoded from base64 before it came here", keyAdvice}, each(secretToBase64)},
		{cause{"secret_case", "the secret's upper and lower case were changed", secretAdvice}, each(secretCase)},
		{cause{"secret_percent_encoded", "the secret is percent-encoded on one side", secretAdvice}, each(secretPercent)},
		{cause{"secret_with_name", "the secret is a whole line NAME=value", secretAdvice}, each(secretValue)},
		{cause{"secret_list", "several secrets, separated by commas, were used as if they were one", "split the list and try each of them"}, secretList},
		{cause{"secret_empty", "the key was empty: the secret was not set", "set the relay secret where the signature is made, and refuse to start without it"}, secretEmpty},
	}
}

// each undoes something to every secret, and leaves out what changes nothing.
func each(undo func(secret string) []string) func([]string) []string {
	return func(secrets []string) []string {
		var keys []string
		for _, secret := range secrets {
			keys = append(keys, slices.DeleteFunc(undo(secret), func(key string) bool { return key == secret })...)
		}
		return keys
	}
}

// endings takes the endings off, or puts each of them on.
func endings(endings ...string) func(string) []string {
	return func(secret string) []string {
		var keys []string
		for _, end := range endings {
			if rest, ok := strings.CutSuffix(secret, end); ok {
				keys = append(keys, rest)
			} else {
				keys = append(keys, secret+end)
			}
		}
		return append(keys, strings.TrimRight(secret, "\r\n"))
	}
}

func secretBlanks(secret string) []string {
	if trimmed := strings.TrimSpace(secret); trimmed != secret {
		return []string{trimmed}
	}
	return []string{" " + secret, secret + " ", " " + secret + " "}
}

func secretQuotes(secret string) []string {
	if rest, ok := unquoted(secret); ok {
		return []string{rest}
	}
	return []string{`"` + secret + `"`, "'" + secret + "'"}
}

func secretFromHex(secret string) []string {
	key, err := hex.DecodeString(secret)
	return one(string(key), err == nil && len(key) > 0)
}

func secretToHex(secret string) []string {
	text := hex.EncodeToString([]byte(secret))
	return []string{text, strings.ToUpper(text)}
}

func secretFromBase64(secret string) []string {
	key := decodeBase64(secret)
	return one(string(key), len(key) > 0)
}

func secretToBase64(secret string) []string {
	raw := []byte(secret)
	return []string{
		base64.StdEncoding.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw),
		base64.RawStdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
	}
}

func secretCase(secret string) []string {
	return []string{strings.ToUpper(secret), strings.ToLower(secret)}
}

func secretPercent(secret string) []string {
	keys := []string{url.QueryEscape(secret), url.PathEscape(secret)}
	for _, unescape := range []func(string) (string, error){url.QueryUnescape, url.PathUnescape} {
		if key, err := unescape(secret); err == nil {
			keys = append(keys, key)
		}
	}
	return keys
}

func secretValue(secret string) []string {
	_, value, ok := strings.Cut(secret, "=")
	if rest, quoted := unquoted(value); quoted {
		value = rest
	}
	return one(strings.TrimSpace(value), ok && value != "")
}

func secretList(secrets []string) []string {
	if len(secrets) > 1 {
		return []string{strings.Join(secrets, ","), strings.Join(secrets, ", ")}
	}
	return separated(secrets[0])
}

func secretEmpty([]string) []string { return []string{""} }

// algorithmCause is another computation than HMAC-SHA256 of body under key. macs
// gives what it makes, in lower-case hex.
type algorithmCause struct {
	cause
	macs func(key, body []byte) []string
}

const algorithmAdvice = "compute HMAC-SHA256, with the secret as the key and the body as the message"

func algorithmCauses() []algorithmCause {
	return []algorithmCause{
		{cause{"hmac_sha1", "the signature is HMAC-SHA1", algorithmAdvice}, hmacOf(sha1.New)},
		{cause{"hmac_sha512", "the signature is HMAC-SHA512", algorithmAdvice}, hmacOf(sha512.New)},
		{cause{"hmac_sha384", "the signature is HMAC-SHA384", algorithmAdvice}, hmacOf(sha512.New384)},
		{cause{"hmac_md5", "the signature is HMAC-MD5", algorithmAdvice}, hmacOf(md5.New)},
		{cause{"arguments_swapped", "the body was used as the key, and the secret as the message", algorithmAdvice + "; the order of arguments differs between languages"}, swapped},
		{cause{"hash_without_hmac", "the signature is a plain SHA-256, without HMAC", algorithmAdvice}, plainHashes},
	}
}

func hmacOf(algorithm func() hash.Hash) func(key, body []byte) []string {
	return func(key, body []byte) []string {
		mac := hmac.New(algorithm, key)
		mac.Write(body)
		return []string{hex.EncodeToString(mac.Sum(nil))}
	}
}

func swapped(key, body []byte) []string { return hmacOf(sha256.New)(body, key) }

func plainHashes(key, body []byte) []string {
	var sums []string
	for _, parts := range [][][]byte{{body}, {key, body}, {body, key}} {
		h := sha256.New()
		for _, part := range parts {
			h.Write(part)
		}
		sums = append(sums, hex.EncodeToString(h.Sum(nil)))
	}
	return sums
}
