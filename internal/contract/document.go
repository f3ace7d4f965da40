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
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// documentURL names the document inside the schema compiler. It is never fetched.
const documentURL = "https://gobiz.invalid/openapi.yaml"

// node is an object of the document; values are as encoding/json gives them, with json.Number.
type node = map[string]any

// document is the parsed contract. It does not change after loading, but for the cache of compiled schemas.
type document struct {
	root       node
	operations []*operation
	webhooks   map[string]string // webhook name -> pointer of its body schema
	hosts      map[string]bool   // hosts of all servers

	mu       sync.Mutex // the compiler is not safe for concurrent use
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema // by pointer
}

// operation is one documented call, ready for matching and judging.
type operation struct {
	Operation
	segments   []string // template split at "/"
	parameters []parameter
	accept     string          // required Accept header, from x-required-accept
	hosts      map[string]bool // hosts of the servers in force
	body       node            // requestBody, or nil
	bodyAt     string
	responses  map[string]response // by status or range
}

type parameter struct {
	name, in string
	required bool
	schemaAt string
	integer  bool // numbers travel as text outside of bodies
}

type response struct {
	node node
	at   string
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

// documentPath finds docs/api/openapi.yaml from this file's place in the source tree, or, when the build cut the
// paths (-trimpath), from the working directory upwards.
func documentPath() (string, error) {
	var starts []string
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		starts = append(starts, filepath.Dir(file))
	}
	if dir, err := os.Getwd(); err == nil {
		starts = append(starts, dir)
	}
	for _, dir := range starts {
		for {
			path := filepath.Join(dir, "docs", "api", "openapi.yaml")
			if _, err := os.Stat(path); err == nil {
				return path, nil
			}
			parent := filepath.Dir(dir)
			if parent == dir {
				break
			}
			dir = parent
		}
	}
	return "", errors.New("docs/api/openapi.yaml not found above the test")
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
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	if err != nil {
		return nil, err
	}
	root, ok := value.(node)
	if !ok {
		return nil, errors.New("the document is not an object")
	}
	d := &document{root: root, hosts: map[string]bool{}, webhooks: map[string]string{}, schemas: map[string]*jsonschema.Schema{}}
	d.compiler = jsonschema.NewCompiler()
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	if err := d.compiler.AddResource(documentURL, root); err != nil {
		return nil, err
	}
	if err := d.readPaths(); err != nil {
		return nil, err
	}
	return d, d.readWebhooks()
}

// resolve follows references and returns the object with its own pointer.
func (d *document) resolve(value any, at string) (node, string, error) {
	for range 8 {
		n, ok := value.(node)
		if !ok {
			return nil, at, fmt.Errorf("%s is not an object", at)
		}
		ref, ok := n["$ref"].(string)
		if !ok {
			return n, at, nil
		}
		pointer, ok := strings.CutPrefix(ref, "#")
		if !ok {
			return nil, at, fmt.Errorf("%s: reference %s leaves the document", at, ref)
		}
		if value, ok = lookup(d.root, pointer); !ok {
			return nil, at, fmt.Errorf("%s: reference %s leads nowhere", at, ref)
		}
		at = pointer
	}
	return nil, at, fmt.Errorf("%s: references go in a circle", at)
}

// lookup finds the value at a JSON pointer.
func lookup(value any, pointer string) (any, bool) {
	if pointer == "" {
		return value, true
	}
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch v := value.(type) {
		case node:
			next, ok := v[token]
			if !ok {
				return nil, false
			}
			value = next
		case []any:
			var i int
			if _, err := fmt.Sscanf(token, "%d", &i); err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// join adds reference tokens to a pointer.
func join(at string, tokens ...string) string {
	for _, token := range tokens {
		at += "/" + strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
	}
	return at
}

// schema compiles the schema at a pointer, once.
func (d *document) schema(at string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.schemas[at]; ok {
		return s, nil
	}
	s, err := d.compiler.Compile(documentURL + (&url.URL{Fragment: at}).String())
	if err != nil {
		return nil, err
	}
	d.schemas[at] = s
	return s, nil
}

func (d *document) readPaths() error {
	rootHosts, err := d.serverHosts(d.root)
	if err != nil {
		return err
	}
	paths, _ := d.root["paths"].(node)
	for path, item := range paths {
		at := join("/paths", path)
		item, at, err := d.resolve(item, at)
		if err != nil {
			return err
		}
		hosts := rootHosts
		if item["servers"] != nil {
			if hosts, err = d.serverHosts(item); err != nil {
				return err
			}
		}
		for _, method := range []string{"get", "put", "post", "delete", "patch", "head", "options", "trace"} {
			value, ok := item[method]
			if !ok {
				continue
			}
			op, err := d.readOperation(path, method, item, at, value)
			if err != nil {
				return err
			}
			op.hosts = hosts
			d.operations = append(d.operations, op)
		}
	}
	slices.SortFunc(d.operations, func(a, b *operation) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return nil
}

func (d *document) serverHosts(n node) (map[string]bool, error) {
	hosts := map[string]bool{}
	servers, _ := n["servers"].([]any)
	for _, s := range servers {
		server, _ := s.(node)
		text, _ := server["url"].(string)
		u, err := url.Parse(text)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("server %q has no host", text)
		}
		hosts[u.Host], d.hosts[u.Host] = true, true
	}
	return hosts, nil
}

func (d *document) readOperation(path, method string, item node, itemAt string, value any) (*operation, error) {
	at := join(itemAt, method)
	n, at, err := d.resolve(value, at)
	if err != nil {
		return nil, err
	}
	id, _ := n["operationId"].(string)
	if id == "" {
		return nil, fmt.Errorf("%s has no operationId", at)
	}
	op := &operation{
		Operation: Operation{ID: id, Method: strings.ToUpper(method), Path: path},
		segments:  strings.Split(path, "/"),
		responses: map[string]response{},
	}
	op.accept, _ = n["x-required-accept"].(string)
	tags, _ := n["tags"].([]any)
	op.EIM, op.OAuth = slices.Contains(tags, any("EIM")), slices.Contains(tags, any("OAuth"))
	if err := d.readParameters(op, item, itemAt); err != nil {
		return nil, err
	}
	if err := d.readParameters(op, n, at); err != nil {
		return nil, err
	}
	if n["requestBody"] != nil {
		if op.body, op.bodyAt, err = d.resolve(n["requestBody"], join(at, "requestBody")); err != nil {
			return nil, err
		}
	}
	responses, _ := n["responses"].(node)
	for status, value := range responses {
		r, rAt, err := d.resolve(value, join(at, "responses", status))
		if err != nil {
			return nil, err
		}
		op.responses[status] = response{node: r, at: rAt}
		op.Statuses = append(op.Statuses, status)
	}
	slices.Sort(op.Statuses)
	return op, d.readSecurity(op, n)
}

func (d *document) readParameters(op *operation, n node, at string) error {
	list, _ := n["parameters"].([]any)
	for i, value := range list {
		p, pAt, err := d.resolve(value, join(at, "parameters", fmt.Sprint(i)))
		if err != nil {
			return err
		}
		schema, _, err := d.resolve(p["schema"], join(pAt, "schema"))
		if err != nil {
			return err
		}
		param := parameter{schemaAt: join(pAt, "schema"), integer: schema["type"] == "integer"}
		param.name, _ = p["name"].(string)
		param.in, _ = p["in"].(string)
		param.required, _ = p["required"].(bool)
		op.parameters = append(op.parameters, param)
	}
	return nil
}

// readSecurity reads the alternatives: each is one flow with at most one scope.
func (d *document) readSecurity(op *operation, n node) error {
	list, ok := n["security"].([]any)
	if !ok {
		return fmt.Errorf("%s has no security list", op.ID)
	}
	for _, value := range list {
		alternative, _ := value.(node)
		for name, value := range alternative {
			grant, ok := strings.CutPrefix(name, "go_auth_")
			if !ok {
				continue // HTTP Basic at the token endpoint, judged apart
			}
			if !slices.Contains(op.Grants, grant) {
				op.Grants = append(op.Grants, grant)
			}
			if op.ScopesByGrant == nil {
				op.ScopesByGrant = map[string][]string{}
			}
			scopes, _ := value.([]any)
			if len(scopes) > 1 {
				return fmt.Errorf("%s: one alternative asks for several scopes", op.ID)
			}
			for _, s := range scopes {
				scope, _ := s.(string)
				op.ScopesByGrant[grant] = append(op.ScopesByGrant[grant], scope)
				if !slices.Contains(op.Scopes, scope) {
					op.Scopes = append(op.Scopes, scope)
				}
			}
		}
	}
	slices.Sort(op.Grants)
	slices.Sort(op.Scopes)
	for _, scopes := range op.ScopesByGrant {
		slices.Sort(scopes)
	}
	return nil
}

func (d *document) readWebhooks() error {
	webhooks, _ := d.root["webhooks"].(node)
	for name := range webhooks {
		at := join("/webhooks", name, "post", "requestBody")
		value, ok := lookup(d.root, at)
		if !ok {
			return fmt.Errorf("webhook %s has no body", name)
		}
		_, bodyAt, err := d.resolve(value, at)
		if err != nil {
			return err
		}
		d.webhooks[name] = join(bodyAt, "content", "application/json", "schema")
	}
	return nil
}
