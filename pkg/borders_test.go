// Package pkg_test looks at what the packages under pkg/ show to a program that
// imports them.
package pkg_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const (
	module   = "github.com/gobiz-cli/gobiz/"
	internal = module + "internal/"
)

// TestNoInternalTypes: nobody outside can name a type of internal/, so no
// exported API may ask for one or give one.
func TestNoInternalTypes(t *testing.T) {
	list, err := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	var ours []string
	for line := range strings.Lines(string(list)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), "\t")
		files[path] = file
		if strings.HasPrefix(path, module+"pkg/") {
			ours = append(ours, path)
		}
	}
	if len(ours) < 9 {
		t.Errorf("only %q", ours)
	}
	from := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
	for _, path := range ours {
		p, err := from.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range internalTypes(p) {
			t.Errorf("%s: %s", strings.TrimPrefix(path, module), found)
		}
	}
}

// ofTheCommandLine finds flags, variables and commands of the program.
var ofTheCommandLine = regexp.MustCompile(`(^|[\s'"(])--[a-z]|GOBIZ_|\bgobiz (login|logout|status|token|profile|outlets|link|catalog|stock|subscriptions|webhook|sandbox|api|doctor)\b`)

// mayShowCommands are files whose texts are no errors: a page for people, the
// rules that a document lists, and the flags of other programs. The hint of an
// empty catalog is the last one that the command line should give itself.
var mayShowCommands = []string{"sandbox/page.go", "catalog/rules.go", "catalog/parse.go", "webhook/diagnose/body.go", "webhook/diagnose/secret.go"}

// TestLibrarySpeaksOfNoCommands: who imports a package has no flags.
func TestLibrarySpeaksOfNoCommands(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || slices.Contains(mayShowCommands, filepath.ToSlash(path)) {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && ofTheCommandLine.MatchString(text.Value) {
				t.Errorf("%s: %s", files.Position(text.Pos()), text.Value)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestEveryPackageHasItsArrows: a package without a strict list in the linter's
// settings may import anything.
func TestEveryPackageHasItsArrows(t *testing.T) {
	data, err := os.ReadFile("../.golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	var settings struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]struct {
						Mode  string `yaml:"list-mode"`
						Files []string
					}
				}
			}
		}
	}
	if err := yaml.Load(data, &settings); err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, rule := range settings.Linters.Settings.Depguard.Rules {
		for _, pattern := range rule.Files {
			folder := strings.TrimSuffix(strings.TrimPrefix(pattern, "**/"), "/*.go")
			before, names, _ := strings.Cut(strings.TrimSuffix(folder, "}"), "{") // internal/{a,b}
			for _, name := range strings.Split(names, ",") {
				listed[before+name] = listed[before+name] || rule.Mode == "strict"
			}
		}
	}
	list, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{if .GoFiles}}{{.ImportPath}}{{end}}", "./...", "../internal/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(list)) {
		if path = strings.TrimPrefix(path, module); path != "internal/contract" && !listed[path] {
			t.Errorf("%s has no strict list of what it may import in .golangci.yml", path)
		}
	}
}

// TestInternalTypesAreFound has the walk look at packages that do mention one.
func TestInternalTypesAreFound(t *testing.T) {
	hidden := types.NewPackage(internal+"hidden", "hidden")
	node := types.NewNamed(types.NewTypeName(token.NoPos, hidden, "Node", nil), types.NewStruct(nil, nil), nil)
	variable := func(p *types.Package, name string, of types.Type, embedded bool) *types.Var {
		return types.NewField(token.NoPos, p, name, of, embedded)
	}
	for name, tt := range map[string]struct {
		of   func(p *types.Package) types.Object
		want string
	}{
		"result": {func(p *types.Package) types.Object {
			return types.NewFunc(token.NoPos, p, "Parse", types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(types.NewVar(token.NoPos, p, "", types.NewSlice(types.NewPointer(node)))), false))
		}, "Parse mentions hidden.Node"},
		"field": {named("T", func(p *types.Package) types.Type {
			return types.NewStruct([]*types.Var{variable(p, "At", node, false)}, nil)
		}), "T.At mentions hidden.Node"},
		"embedded": {named("T", func(p *types.Package) types.Type {
			return types.NewStruct([]*types.Var{variable(p, "node", node, true)}, nil)
		}), "T.node mentions hidden.Node"},
		"unexported field": {named("T", func(p *types.Package) types.Type {
			return types.NewStruct([]*types.Var{variable(p, "at", node, false)}, nil)
		}), ""},
		"unexported object": {named("t", func(p *types.Package) types.Type { return types.NewMap(node, node) }), ""},
	} {
		p := types.NewPackage(module+"pkg/x", "x")
		p.Scope().Insert(tt.of(p))
		if got := strings.Join(internalTypes(p), "; "); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func named(name string, underlying func(p *types.Package) types.Type) func(p *types.Package) types.Object {
	return func(p *types.Package) types.Object {
		object := types.NewTypeName(token.NoPos, p, name, nil)
		types.NewNamed(object, underlying(p), nil)
		return object
	}
}

// internalTypes tells where the exported API of a package mentions a type of internal/.
func internalTypes(p *types.Package) []string {
	w := &walk{seen: map[types.Type]bool{}}
	for _, name := range p.Scope().Names() {
		if object := p.Scope().Lookup(name); object.Exported() {
			w.mention(name, object.Type())
		}
	}
	return w.found
}

type walk struct {
	found []string
	seen  map[types.Type]bool
}

// mention looks at a type that somebody who has what place names can reach.
func (w *walk) mention(place string, t types.Type) {
	if w.seen[t] {
		return
	}
	switch t := t.(type) {
	case *types.Alias:
		w.mention(place, types.Unalias(t))
	case *types.Named:
		w.named(place, t)
	case *types.Pointer:
		w.mention(place, t.Elem())
	case *types.Slice:
		w.mention(place, t.Elem())
	case *types.Array:
		w.mention(place, t.Elem())
	case *types.Chan:
		w.mention(place, t.Elem())
	case *types.Map:
		w.mention(place, t.Key())
		w.mention(place, t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			w.mention(place, v.Type())
		}
	case *types.Signature:
		for parameter := range t.TypeParams().TypeParams() {
			w.mention(place, parameter.Constraint())
		}
		w.mention(place, t.Params())
		w.mention(place, t.Results())
	case *types.Struct:
		for field := range t.Fields() {
			if field.Exported() || field.Embedded() {
				w.mention(place+"."+field.Name(), field.Type())
			}
		}
	case *types.Interface:
		for method := range t.Methods() {
			w.mention(place+"."+method.Name(), method.Type())
		}
	case *types.Union:
		for term := range t.Terms() {
			w.mention(place, term.Type())
		}
	}
}

// named goes into our own types; those of other modules have no internal types of ours.
func (w *walk) named(place string, t *types.Named) {
	for argument := range t.TypeArgs().Types() {
		w.mention(place, argument)
	}
	p := t.Obj().Pkg()
	switch {
	case p == nil || !strings.HasPrefix(p.Path(), module):
		return
	case strings.HasPrefix(p.Path(), internal):
		w.found = append(w.found, fmt.Sprintf("%s mentions %s.%s", place, p.Name(), t.Obj().Name()))
		return
	}
	w.seen[t] = true
	w.mention(place, t.Underlying())
	for method := range t.Methods() {
		if method.Exported() {
			w.mention(place+"."+method.Name(), method.Type())
		}
	}
}
