package listener

import (
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A verifier agrees with webhook.Verify, also when several goroutines use it.
func TestVerifierAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secrets := rapid.SliceOfN(rapid.StringN(0, 5, 100), 0, 3).Draw(t, "secrets")
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		signer := rapid.SampledFrom(append(secrets, "another", "")).Draw(t, "signer")
		signature := webhook.Sign(signer, body)
		switch rapid.IntRange(0, 4).Draw(t, "spoil") {
		case 0:
			signature = strings.ToUpper(signature)
		case 1:
			signature = signature[:63]
		case 2:
			signature = rapid.String().Draw(t, "signature")
		}
		v := newVerifier(secrets)
		want := webhook.Verify(body, signature, secrets...) >= 0
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() {
				for range 2 {
					if got := v.verify(body, signature); got != want {
						t.Errorf("%t, webhook.Verify says %t", got, want)
					}
				}
			})
		}
		group.Wait()
	})
}
