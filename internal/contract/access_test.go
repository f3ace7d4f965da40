package contract_test

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/contract"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
)

// The client's table of endpoints is the documented one.
func TestClientKnowsTheDocumentedEndpoints(t *testing.T) {
	ours := map[string]gobiz.Endpoint{}
	for _, e := range gobiz.Endpoints() {
		if _, twice := ours[e.Operation]; twice {
			t.Errorf("%s stands twice", e.Operation)
		}
		ours[e.Operation] = e
	}
	for _, want := range contract.Load(t).Operations() {
		if want.OAuth {
			continue
		}
		have, ok := ours[want.ID]
		delete(ours, want.ID)
		if !ok || have.Method != want.Method || have.Path != want.Path || have.Enterprise != want.EIM {
			t.Errorf("%s is %s %s, legacy %v; want %s %s, legacy %v", want.ID, have.Method, have.Path, have.Enterprise, want.Method, want.Path, want.EIM)
		}
	}
	for id := range ours {
		t.Errorf("%s is not in the contract", id)
	}
}

// What auth asks of a token is what the contract says, operation by operation.
func TestAuthKnowsTheDocumentedGrantsAndScopes(t *testing.T) {
	ours := map[string]auth.Requirement{}
	for _, r := range auth.Requirements() {
		if _, twice := ours[r.Operation]; twice {
			t.Errorf("%s stands twice", r.Operation)
		}
		ours[r.Operation] = r
	}
	for _, want := range contract.Load(t).Operations() {
		if want.OAuth {
			continue
		}
		have, ok := ours[want.ID]
		delete(ours, want.ID)
		if !ok {
			t.Errorf("%s is missing", want.ID)
			continue
		}
		if got := sorted(have.Grants); !slices.Equal(got, want.Grants) {
			t.Errorf("%s: grants %v, want %v", want.ID, got, want.Grants)
		}
		for _, grant := range have.Grants {
			if got := sorted(have.Scopes); !slices.Equal(got, sorted(want.ScopesByGrant[string(grant)])) {
				t.Errorf("%s with %s: scopes %v, want %v", want.ID, grant, got, want.ScopesByGrant[string(grant)])
			}
		}
	}
	for id := range ours {
		t.Errorf("%s is not in the contract", id)
	}
}

// The sandbox refuses exactly the tokens that the contract forbids: every
// operation is called with a token of each grant, for each scope alone, and
// with none.
func TestSandboxRefusesWhatTheContractForbids(t *testing.T) {
	w := start(t)
	type key struct {
		grant auth.Grant
		scope string // empty: none that the API knows
		text  string
	}
	tokens := []key{
		{auth.GrantClientCredentials, "", w.partnerToken(w.facilitatorInfo())},
		{auth.GrantAuthorizationCode, "", w.merchantToken()},
	}
	for _, scope := range w.info.Scopes {
		if scope == auth.ScopeOpenID || scope == auth.ScopeOffline {
			continue
		}
		tokens = append(tokens,
			key{auth.GrantClientCredentials, scope, w.partnerToken(w.facilitatorInfo(), scope)},
			key{auth.GrantAuthorizationCode, scope, w.merchantToken(scope)})
	}
	for _, scope := range w.info.Enterprise.Scopes {
		tokens = append(tokens, key{auth.GrantClientCredentials, scope, w.partnerToken(w.info.Enterprise, scope)})
	}

	allowed := map[string]int{}
	for _, token := range tokens {
		client := w.with(token.text)
		for _, op := range w.wire.Operations() {
			if op.OAuth {
				continue
			}
			want := open
			scopes := op.ScopesByGrant[string(token.grant)]
			switch {
			case !slices.Contains(op.Grants, string(token.grant)):
				want = wrongGrant
			case len(scopes) > 0 && !slices.Contains(scopes, token.scope):
				want = scopeMissing
			default:
				allowed[op.ID]++
			}
			if got := call(w, client, op); got != want {
				t.Errorf("%s with %s and scope %q: %s, want %s", op.ID, token.grant, token.scope, got, want)
			}
		}
	}
	for _, op := range w.wire.Operations() {
		if !op.OAuth && allowed[op.ID] == 0 {
			t.Errorf("%s was open to no token at all", op.ID)
		}
	}
}

// access is what the door of an operation says.
type access string

const (
	open         access = "let in" // whatever the operation itself then answers
	wrongGrant   access = "refused for the grant"
	scopeMissing access = "refused for the scope"
)

var parameter = regexp.MustCompile(`\{[a-z_]+\}`)

// call names an outlet that does not exist, so that no call changes anything:
// token, grant and scope are judged before the outlet.
func call(w *together, client *gobiz.Client, op contract.Operation) access {
	w.Helper()
	path := parameter.ReplaceAllStringFunc(op.Path, func(name string) string {
		switch name {
		case "{product}":
			return "gofood"
		case "{order_type}":
			return "delivery"
		}
		return "G000"
	})
	accept := "application/json"
	switch {
	case op.EIM:
		accept = "application/vnd.eim.v1+json"
	case op.ID == "getTransactionQRCode":
		accept = "image/png"
	}
	answer, err := client.Do(w.Context(), gobiz.Request{Method: op.Method, Path: path, Header: http.Header{"Accept": {accept}}})
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	text := string(body)
	switch {
	case answer.Status == http.StatusUnauthorized:
		w.Errorf("%s: the token is not known: %s", op.ID, text)
	case answer.Status == http.StatusNotFound && strings.Contains(text, "Invalid URL"):
		return wrongGrant
	case answer.Status == http.StatusForbidden && strings.Contains(text, "lacks the scope"):
		return scopeMissing
	}
	return open
}
