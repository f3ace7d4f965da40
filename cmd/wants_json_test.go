package cmd

import (
	"strings"
	"testing"
)

func TestWantsJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args string
		want bool
	}{
		{"", false},
		{"outlets list", false},
		{"outlets list -o json", true},
		{"-o json outlets list", true},
		{"outlets list -ojson", true},
		{"outlets list -o=json", true},
		{"outlets list --output json", true},
		{"outlets list --output=json", true},
		{"outlets list -o ndjson", true},
		{"outlets list --output=ndjson", true},
		{"outlets list -qo json", true},
		{"outlets list -qojson", true},
		{"outlets list -vvo=json", true},
		{"outlets list --jq .", true},
		{"outlets list --jq=.", true},
		{"outlets list -o csv --jq .", true},
		{"outlets list -o yaml", false},
		{"outlets list -o table", false},
		{"outlets list -o csv", false},
		{"outlets list -o", false},
		{"outlets list --output", false},
		{"outlets list --output=", false},
		{"outlets list -o json -o table", false}, // the last one counts, as for the flag
		{"outlets list -o table -o json", true},
		{"outlets list -- -o json", false},
		{"outlets list -p ojson", false},
		{"outlets list -pojson", false},
		{"outlets list --outlet json", false},
		{"api GET /x -F o=json", false},
		{"json", false},
		{"-", false},
	} {
		if got := wantsJSON(strings.Fields(tt.args)); got != tt.want {
			t.Errorf("%q: %v, want %v", tt.args, got, tt.want)
		}
	}
}
