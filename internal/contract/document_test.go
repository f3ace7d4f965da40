package contract

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json/jsontext"
)

// Every operation that the client, the sandbox and the scope table know by name.
var operationIDs = strings.Fields(`
	createToken authorize getTokenInfo linkOutlet unlinkOutlet linkPrimaryOutlet unlinkPrimaryOutlet listLinkedOutlets getOutlet
	getCatalog putCatalog updateMenuItemStocks updateVariantStocks updateOutletProperties acceptOrder cancelOrder markFoodPrepared
	createPromo listPromos getPromo deletePromo deactivatePromo createTransaction getTransaction getTransactionQRCode
	createSubscription listSubscriptions getSubscription updateSubscription deleteSubscription
	createOutletSubscription listOutletSubscriptions getOutletSubscription updateOutletSubscription deleteOutletSubscription
	listNotifications putEnterpriseCatalog createEnterpriseSubscription listEnterpriseSubscriptions deleteEnterpriseSubscription`)

func TestDocumentIsValidOpenAPI31(t *testing.T) {
	path, err := documentPath()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(loaded.OpenAPI, "3.1.") {
		t.Errorf("openapi is %s, want 3.1", loaded.OpenAPI)
	}
	// Formats and examples are judged by the JSON Schema 2020-12 tests below.
	if err := loaded.Validate(t.Context(), openapi3.DisableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

func TestAllOperationsAreThere(t *testing.T) {
	var got []string
	for _, op := range Load(t).Operations() {
		got = append(got, op.ID)
	}
	want := slices.Sorted(slices.Values(operationIDs))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("operations\n got %v\nwant %v", got, want)
	}
}

func TestGrantsAndScopes(t *testing.T) {
	both := []string{"authorization_code", "client_credentials"}
	merchant, server := both[:1], both[1:]
	events := []string{"gofood:catalog:read", "gofood:order:read", "payment:transaction:read"}
	want := map[string]struct{ grants, scopes []string }{
		"getTokenInfo":                {merchant, []string{"partner:outlet:read"}},
		"linkOutlet":                  {merchant, []string{"partner:outlet:read", "partner:outlet:write"}},
		"unlinkPrimaryOutlet":         {merchant, []string{"partner:outlet:read", "partner:outlet:write"}},
		"listLinkedOutlets":           {both, []string{"partner:outlet:read"}},
		"putCatalog":                  {both, []string{"gofood:catalog:write"}},
		"updateVariantStocks":         {both, []string{"gofood:catalog:write"}},
		"updateOutletProperties":      {both, []string{"gofood:outlet:write"}},
		"cancelOrder":                 {both, []string{"gofood:order:write"}},
		"createPromo":                 {server, []string{"promo:food_promo:write"}},
		"getTransactionQRCode":        {server, []string{"payment:transaction:read"}},
		"createSubscription":          {server, events},
		"listNotifications":           {server, nil},
		"putEnterpriseCatalog":        {server, []string{"food:write"}},
		"listEnterpriseSubscriptions": {server, []string{"food:read"}},
		"createToken":                 {nil, nil},
		"authorize":                   {nil, nil},
	}
	for _, op := range Load(t).Operations() {
		w, ok := want[op.ID]
		if !ok {
			continue
		}
		if !slices.Equal(op.Grants, w.grants) || !slices.Equal(op.Scopes, w.scopes) {
			t.Errorf("%s: grants %v scopes %v, want %v %v", op.ID, op.Grants, op.Scopes, w.grants, w.scopes)
		}
		if op.EIM != strings.Contains(op.ID, "Enterprise") {
			t.Errorf("%s: EIM is %v", op.ID, op.EIM)
		}
		delete(want, op.ID)
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}

// TestSecurityIsDeclared finds a scope that no security scheme lists.
func TestSecurityIsDeclared(t *testing.T) {
	c := Load(t)
	for _, op := range c.Operations() {
		for grant, scopes := range op.ScopesByGrant {
			flows := c.doc.spec.Components.SecuritySchemes["go_auth_"+grant].Value.Flows
			flow := map[string]*openapi3.OAuthFlow{"client_credentials": flows.ClientCredentials, "authorization_code": flows.AuthorizationCode}[grant]
			for _, scope := range scopes {
				if _, ok := flow.Scopes[scope]; !ok {
					t.Errorf("%s: scope %s is not in the flow of %s", op.ID, scope, grant)
				}
			}
		}
	}
}

// TestEveryFactHasItsSource wants a known source at the end of each description, and a description at each
// operation, response, parameter, component schema, and limit of a request.
func TestEveryFactHasItsSource(t *testing.T) {
	root := Load(t).doc.root
	known := regexp.MustCompile(`^(GoBiz API reference|Getting started \(Facilitator\)|Steps on linking outlets|Enterprise Integration Middleware|` +
		`developer\.gobiz\.com(, [a-z0-9-]+((, [a-z0-9-]+)* and [a-z0-9-]+)?)?|older GoBiz documentation|summaries of the official pages|public integrations|` +
		`observed live by integrators|inferred( for [A-Za-z, ]+)?|RFC 6749|RFC 7636)$`)
	walk(root, "", func(at string, value any) {
		key := at[strings.LastIndex(at, "/")+1:]
		text, ok := value.(string)
		if key != "description" || !ok || inData(at) {
			return
		}
		_, sources, found := strings.Cut(strings.Join(strings.Fields(text), " "), "Source: ")
		if !found {
			_, sources, found = strings.Cut(strings.Join(strings.Fields(text), " "), "Sources: ")
		}
		if !found {
			t.Errorf("%s has no source: %q", at, text)
			return
		}
		for source := range strings.SplitSeq(strings.TrimSuffix(sources, "."), "; ") {
			if !known.MatchString(source) {
				t.Errorf("%s: source %q is not known", at, source)
			}
		}
	})
	described := func(at string, value any) {
		n, _ := value.(node)
		if n["$ref"] == nil && n["description"] == nil {
			t.Errorf("%s has no description", at)
		}
	}
	walk(root, "", func(at string, value any) {
		parts := strings.Split(at, "/")
		parent := parts[max(0, len(parts)-2)]
		switch {
		case inData(at):
		case parent == "responses", parent == "parameters", parent == "requestBodies", parent == "securitySchemes", parent == "headers" && !strings.Contains(at, "/schema"),
			strings.HasPrefix(at, "/components/schemas/") && len(parts) == 4:
			described(at, value)
		case len(parts) == 4 && (parts[1] == "paths" || parts[1] == "webhooks") && parts[3] != "parameters" && parts[3] != "servers":
			described(at, value)
		}
	})
	// A limit on what one may send is a fact of its own.
	limits := 0
	walk(root, "", func(at string, value any) {
		n, ok := value.(node)
		request := strings.Contains(at, "/requestBody/content") && !strings.HasPrefix(at, "/webhooks") || strings.HasPrefix(at, "/components/requestBodies/") ||
			strings.HasPrefix(at, "/components/schemas/") && strings.Contains(at, "Request")
		if !ok || !request || inData(at) || strings.HasSuffix(at, "/properties") || strings.Contains(at, "/contains") || strings.Contains(at, "/if") || strings.HasSuffix(at, "/items") {
			return
		}
		for _, limit := range []string{"maxLength", "minLength", "maximum", "minimum", "pattern", "enum", "const", "format", "minItems", "maxItems"} {
			if n[limit] == nil {
				continue
			}
			limits++
			if n["description"] == nil {
				t.Errorf("%s has %s but no description", at, limit)
			}
		}
	})
	if limits < 40 {
		t.Errorf("only %d limits were found", limits)
	}
}

// inData tells whether a pointer leads into an example, where a key named description is data.
func inData(at string) bool {
	return strings.Contains(at, "/examples/") || strings.HasSuffix(at, "/properties/description")
}

func TestExamplesFollowTheirSchemas(t *testing.T) {
	root := Load(t).doc.root
	compiler, err := newCompiler(root)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	walk(root, "", func(at string, value any) {
		media, ok := value.(node)
		examples, has := media["examples"].(node)
		if !ok || !has || media["schema"] == nil {
			return
		}
		for name, example := range examples {
			schema, err := compiler.Compile(schemaURL(join(at, "schema")))
			if err == nil {
				err = schema.Validate(example.(node)["value"])
			}
			if err != nil {
				t.Errorf("%s %s: %v", at, name, err)
			}
			seen++
		}
	})
	if seen < 60 {
		t.Errorf("only %d examples were found", seen)
	}
}

// TestEveryJSONBodyHasAnExample leaves out bodies of no particular shape.
func TestEveryJSONBodyHasAnExample(t *testing.T) {
	walk(Load(t).doc.root, "", func(at string, value any) {
		if media, ok := value.(node); ok && strings.HasSuffix(at, "/content/application~1json") && media["schema"] != nil && media["examples"] == nil {
			t.Errorf("%s has no example", at)
		}
	})
}

func TestEverySchemaCompiles(t *testing.T) {
	root := Load(t).doc.root
	compiler, err := newCompiler(root)
	if err != nil {
		t.Fatal(err)
	}
	walk(root, "", func(at string, _ any) {
		if strings.HasSuffix(at, "/schema") || strings.HasPrefix(at, "/components/schemas/") && strings.Count(at, "/") == 3 {
			if _, err := compiler.Compile(schemaURL(at)); err != nil {
				t.Errorf("%s: %v", at, err)
			}
		}
	})
}

// TestRequestSchemasAreClosed wants additionalProperties on every object that a client sends, so that a misspelt
// property is found.
func TestRequestSchemasAreClosed(t *testing.T) {
	var check func(at string, ref *openapi3.SchemaRef, visited []*openapi3.Schema)
	check = func(at string, ref *openapi3.SchemaRef, visited []*openapi3.Schema) {
		if ref == nil || slices.Contains(visited, ref.Value) {
			return
		}
		if ref.Ref != "" {
			at = strings.TrimPrefix(ref.Ref, "#")
		}
		schema := ref.Value
		visited = append(visited, schema)
		additional := schema.AdditionalProperties
		if schema.Type.Is("object") && additional.Has == nil && additional.Schema == nil && schema.AllOf == nil && !strings.HasSuffix(at, "/metadata") {
			t.Errorf("%s is open", at)
		}
		for name, property := range schema.Properties {
			check(join(at, "properties", name), property, visited)
		}
		check(join(at, "items"), schema.Items, visited)
		for key, list := range map[string]openapi3.SchemaRefs{"oneOf": schema.OneOf, "allOf": schema.AllOf} {
			for i, one := range list {
				at := join(at, key, fmt.Sprint(i))
				if then := one.Value.Then; then != nil {
					one, at = then, join(at, "then")
				}
				check(at, one, visited)
			}
		}
	}
	bodies := 0
	for _, op := range Load(t).doc.operations {
		if op.spec.RequestBody == nil {
			continue
		}
		bodies++
		for key, media := range op.spec.RequestBody.Value.Content {
			check(join(op.ID, key), media.Schema, nil)
		}
	}
	if bodies < 15 {
		t.Errorf("only %d request bodies", bodies)
	}
}

// TestCommonErrorsAreDocumented wants the statuses that the introduction and the endpoint pages list for all calls.
func TestCommonErrorsAreDocumented(t *testing.T) {
	for _, op := range Load(t).Operations() {
		want := []string{"400", "401", "403", "404", "406", "415", "429", "5XX"}
		switch op.ID {
		case "createToken":
			want = []string{"400", "401", "429", "5XX"}
		case "authorize":
			want = []string{"400", "429", "5XX"}
		}
		for _, status := range want {
			if !slices.Contains(op.Statuses, status) {
				t.Errorf("%s lacks %s", op.ID, status)
			}
		}
	}
}

func TestNothingUnusedInComponents(t *testing.T) {
	root := Load(t).doc.root
	used := map[string]bool{}
	walk(root, "", func(at string, value any) {
		if ref, ok := value.(string); ok && strings.HasSuffix(at, "/$ref") {
			used[strings.TrimPrefix(ref, "#")] = true
		}
	})
	for kind, entries := range root.(node)["components"].(node) {
		if kind == "securitySchemes" {
			continue
		}
		for name := range entries.(node) {
			if at := join("/components", kind, name); !used[at] {
				t.Errorf("%s is not used", at)
			}
		}
	}
}

// node is an object of the document.
type node = map[string]any

// join adds reference tokens to a JSON pointer.
func join(at string, tokens ...string) string {
	for _, token := range tokens {
		at = string(jsontext.Pointer(at).AppendToken(token))
	}
	return at
}

// walk visits every value below root with its pointer.
func walk(value any, at string, visit func(at string, value any)) {
	visit(at, value)
	switch v := value.(type) {
	case node:
		for key, child := range v {
			walk(child, join(at, key), visit)
		}
	case []any:
		for i, child := range v {
			walk(child, join(at, fmt.Sprint(i)), visit)
		}
	}
}
