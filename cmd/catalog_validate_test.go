package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/cmd"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// A file that is too large for a catalog is a finding like any other, so that
// the rest is checked too.
func TestValidateTooLarge(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	huge, bad := filepath.Join(dir, "huge.yaml"), filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte("menus: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, 100<<20); err != nil { // takes no space on disk
		t.Fatal(err)
	}
	streams, _, out, errOut := terminal.Test()
	code := cmd.Main([]string{"catalog", "validate", huge, bad}, testSystem(streams, map[string]string{"HOME": dir}))
	if code != 5 || !strings.Contains(out.String(), "huge.yaml:1:1") || !strings.Contains(out.String(), "larger than 16 MB") || !strings.Contains(out.String(), "bad.yaml:1:8") {
		t.Errorf("exit code %d\n%s\n%s", code, out, errOut)
	}
}
