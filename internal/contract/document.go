package contract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// documentURL names the document inside the schema compiler. It is never fetched.
const documentURL = "https://gobiz.invalid/openapi.yaml"

// document is the parsed contract. It does not change after loading.
type document struct {
	root       any // as jsonschema.UnmarshalJSON returns it
	spec       *openapi3.T
	schemas    map[*openapi3.Schema]*jsonschema.Schema // of parameters, headers, bodies and components
	operations []*operation
	webhooks   map[string]*openapi3.SchemaRef // body by event name
	hosts      map[string]bool                // of all servers
}

// operation is one documented call, ready for matching and judging.
type operation struct {
	Operation
	spec       *openapi3.Operation
	segments   []string // template split at "/"
	parameters openapi3.Parameters
	accept     string          // required Accept header, from x-required-accept
	hosts      map[string]bool // hosts of the servers in force
}

var loadDocument = sync.OnceValues(func() (*document, error) {
	path, err := documentPath()
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseDocument(raw)
})

// documentPath finds docs/api/openapi.yaml from the working directory, which is the tested package's, upwards.
func documentPath() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		path := filepath.Join(dir, "docs", "api", "openapi.yaml")
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("docs/api/openapi.yaml not found above the test")
		}
		dir = parent
	}
	return "", err
}

func parseDocument(raw []byte) (*document, error) {
	var tree any
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	// Through JSON, so that every number is a json.Number and a YAML-only value (a bare date) shows up as text.
	plain, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	d := &document{
		schemas:  map[*openapi3.Schema]*jsonschema.Schema{},
		webhooks: map[string]*openapi3.SchemaRef{},
		hosts:    map[string]bool{},
	}
	if d.root, err = jsonschema.UnmarshalJSON(bytes.NewReader(plain)); err != nil {
		return nil, err
	}
	if d.spec, err = openapi3.NewLoader().LoadFromData(plain); err != nil {
		return nil, err
	}
	return d, errors.Join(d.compileSchemas(), d.readPaths(), d.readWebhooks())
}

// compileSchemas compiles from the document itself, so that no keyword is lost on the way through the loader's types.
func (d *document) compileSchemas() error {
	compiler, err := newCompiler(d.root)
	if err != nil {
		return err
	}
	return d.spec.WalkSchemas(func(at string, ref *openapi3.SchemaRef) error {
		schema, err := compiler.Compile(schemaURL(at))
		if err != nil {
			return err
		}
		d.schemas[ref.Value] = schema
		return openapi3.SkipSubtree
	})
}

func newCompiler(root any) (*jsonschema.Compiler, error) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	return compiler, compiler.AddResource(documentURL, root)
}

// schemaURL names the schema at a JSON pointer for the compiler.
func schemaURL(at string) string { return documentURL + (&url.URL{Fragment: at}).String() }

func (d *document) readPaths() error {
	rootHosts, err := d.serverHosts(d.spec.Servers)
	if err != nil {
		return err
	}
	for path, item := range d.spec.Paths.Map() {
		hosts := rootHosts
		if len(item.Servers) > 0 {
			if hosts, err = d.serverHosts(item.Servers); err != nil {
				return err
			}
		}
		for method, spec := range item.Operations() {
			op := &operation{
				Operation: Operation{
					ID: spec.OperationID, Method: method, Path: path,
					EIM: slices.Contains(spec.Tags, "EIM"), OAuth: slices.Contains(spec.Tags, "OAuth"),
					Statuses: spec.Responses.Keys(),
				},
				spec:       spec,
				segments:   strings.Split(path, "/"),
				parameters: slices.Concat(item.Parameters, spec.Parameters),
				hosts:      hosts,
			}
			op.accept, _ = spec.Extensions["x-required-accept"].(string)
			slices.Sort(op.Statuses)
			if err := op.readSecurity(); err != nil {
				return err
			}
			d.operations = append(d.operations, op)
		}
	}
	slices.SortFunc(d.operations, func(a, b *operation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return nil
}

func (d *document) serverHosts(servers openapi3.Servers) (map[string]bool, error) {
	hosts := map[string]bool{}
	for _, server := range servers {
		u, err := url.Parse(server.URL)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("server %q has no host", server.URL)
		}
		hosts[u.Host], d.hosts[u.Host] = true, true
	}
	return hosts, nil
}

// readSecurity reads the alternatives: each is one flow with at most one scope.
func (op *operation) readSecurity() error {
	if op.spec.Security == nil {
		return fmt.Errorf("%s has no security list", op.ID)
	}
	op.ScopesByGrant = map[string][]string{}
	for _, alternative := range *op.spec.Security {
		for name, scopes := range alternative {
			grant, ok := strings.CutPrefix(name, "go_auth_")
			if !ok {
				continue // HTTP Basic at the token endpoint, judged apart
			}
			if len(scopes) > 1 {
				return fmt.Errorf("%s: one alternative asks for several scopes", op.ID)
			}
			op.Grants = append(op.Grants, grant)
			op.Scopes = append(op.Scopes, scopes...)
			op.ScopesByGrant[grant] = append(op.ScopesByGrant[grant], scopes...)
		}
	}
	op.Grants, op.Scopes = distinct(op.Grants), distinct(op.Scopes)
	for _, scopes := range op.ScopesByGrant {
		slices.Sort(scopes)
	}
	return nil
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

func (d *document) readWebhooks() error {
	for name, item := range d.spec.Webhooks {
		if item.Post == nil || item.Post.RequestBody == nil || item.Post.RequestBody.Value.Content["application/json"] == nil {
			return fmt.Errorf("webhook %s has no JSON body", name)
		}
		d.webhooks[name] = item.Post.RequestBody.Value.Content["application/json"].Schema
	}
	return nil
}
