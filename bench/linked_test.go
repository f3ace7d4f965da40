package bench

import (
	"os/exec"
	"strings"
	"testing"
)

// The program links nothing that belongs to tests.
func TestProgramLinksNoTestLibrary(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "github.com/gobiz-cli/gobiz").Output()
	if err != nil {
		t.Fatalf("list what the program is made of: %v", err)
	}
	packages := strings.Fields(string(output))
	linked := map[string]bool{}
	for _, path := range packages {
		linked[path] = true
		for _, unwanted := range []string{
			"github.com/getkin/kin-openapi", "github.com/santhosh-tekuri/jsonschema", "github.com/google/go-cmp", "pgregory.net/rapid",
			"go.uber.org/goleak", "github.com/rogpeppe/go-internal", "github.com/creack/pty",
			"github.com/gobiz-cli/gobiz/internal/contract", "github.com/gobiz-cli/gobiz/bench",
		} {
			if path == unwanted || strings.HasPrefix(path, unwanted+"/") {
				t.Errorf("the program links %s", path)
			}
		}
	}
	if linked["testing"] {
		t.Error("the program links the package testing")
	}
	if !linked["github.com/gobiz-cli/gobiz/pkg/gobiz"] {
		t.Errorf("the list does not have the client: %v", packages)
	}
}
