package bench

import (
	"os"
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

// maxProgramSize is what a stripped release for Linux may have, in bytes.
const maxProgramSize = 18_000_000

// With text/template or html/template linked the linker keeps every exported
// method, since a template could name it: 3.5 MB, and a fifth of a start.
func TestProgramLinksNoTemplates(t *testing.T) {
	program := goBuild(t, "gobiz", "..", []string{"CGO_ENABLED=0"}, "-trimpath", "-buildvcs=false")
	symbols, err := exec.CommandContext(t.Context(), "go", "tool", "nm", program).Output()
	if err != nil {
		t.Fatalf("list the symbols: %v", err)
	}
	if !strings.Contains(string(symbols), "github.com/gobiz-cli/gobiz/cmd.Main") {
		t.Fatal("the list does not have the program's own functions")
	}
	for _, unwanted := range []string{"text/template.(*Template).Execute", "html/template.(*Template).Execute"} {
		if strings.Contains(string(symbols), unwanted) {
			t.Errorf("the program links %s; 'go build -ldflags=-dumpdep' tells what for", unwanted)
		}
	}
}

func TestProgramIsSmall(t *testing.T) {
	program := goBuild(t, "gobiz", "..", []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64"}, "-trimpath", "-buildvcs=false", "-ldflags=-s -w")
	info, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxProgramSize {
		t.Errorf("the stripped program has %d bytes, more than %d", info.Size(), maxProgramSize)
	}
}

// The program bare links every package of other modules that gobiz imports, so
// that a start can be compared with what the libraries alone cost.
func TestBareLinksTheSameLibraries(t *testing.T) {
	bare := imported(t, "github.com/gobiz-cli/gobiz/bench/bare")
	for path := range imported(t, "github.com/gobiz-cli/gobiz") {
		if !bare[path] {
			t.Errorf("bench/bare does not import %s", path)
		}
	}
}

// imported gives the packages of other modules that a program's own packages import.
func imported(t *testing.T, program string) map[string]bool {
	t.Helper()
	const list = `{{if .Module}}{{if .Module.Main}}{{range .Imports}}{{println .}}{{end}}{{end}}{{end}}`
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", list, program).Output()
	if err != nil {
		t.Fatalf("list the imports of %s: %v", program, err)
	}
	found := map[string]bool{}
	for path := range strings.FieldsSeq(string(output)) {
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") && !strings.HasPrefix(path, "github.com/gobiz-cli/") {
			found[path] = true
		}
	}
	return found
}
