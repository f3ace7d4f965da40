package diagnose_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/pkg/webhook/diagnose"
)

func TestClues(t *testing.T) {
	var tree any
	if err := json.Unmarshal([]byte(signed), &tree); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		body, signature string
		want            []string // a part of each clue
	}{
		"nothing odd":            {signed, rightSignature, nil},
		"a stream read before":   {"", rightSignature, []string{"the body is empty"}},
		"Go's map":               {string(sorted), rightSignature, []string{"alphabetical order"}},
		"python, sorted":         {indented(t, string(sorted), "    "), rightSignature, []string{"alphabetical order", "printed for people"}},
		"only indented":          {indented(t, signed, "  "), rightSignature, []string{"printed for people"}},
		"escapes are no blanks":  {strings.ReplaceAll(signed, "é", `\u00e9`), rightSignature, nil},
		"a newline is no layout": {signed + "\n", rightSignature, nil},
		"replaced characters":    {strings.ReplaceAll(signed, "é", "\uFFFD"), rightSignature, []string{"U+FFFD"}},
		"cut":                    {signed[:200], rightSignature, []string{"middle of its JSON, after 200 bytes"}},
		"broken":                 {strings.Replace(signed, ":", ";", 1), rightSignature, []string{"not valid JSON"}},
		"a page":                 {"<html>", rightSignature, []string{"no JSON object"}},
		"a token":                {signed, "eyJhbGciOi", []string{"10 characters and is no digest"}},
		"too large to look into": {"<" + strings.Repeat("x", diagnose.MaxRewritten), rightSignature, nil},
	}
	for name, tt := range tests {
		got := diagnose.Mismatch{Body: []byte(tt.body), Signature: tt.signature, Secrets: []string{"x"}}.Clues()
		if len(got) != len(tt.want) {
			t.Errorf("%s: %q, want %d", name, got, len(tt.want))
			continue
		}
		for i, part := range tt.want {
			if !strings.Contains(got[i], part) {
				t.Errorf("%s: %q, want %q", name, got[i], part)
			}
		}
	}
}
