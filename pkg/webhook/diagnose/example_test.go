package diagnose_test

import (
	"fmt"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
	"github.com/gobiz-cli/gobiz/pkg/webhook/diagnose"
)

// An editor has added a newline to a body that was saved to a file.
func Example() {
	signature := webhook.Sign("relay-secret", []byte(`{"header":{},"body":{}}`))
	saved := []byte("{\"header\":{},\"body\":{}}\n")
	for _, d := range diagnose.Signature(saved, signature, "relay-secret") {
		if d.Matches {
			fmt.Println(d.Transform)
			fmt.Println(d.Explanation)
			break // the first is the nearest
		}
	}
	// Output:
	// newline_added
	// the body has a newline at its end that was not signed
}
