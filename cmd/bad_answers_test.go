package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Nothing is concluded from an answer that lacks what it must have: no list is
// empty, nothing is linked or subscribed.
func TestAnswersThatLackSomething(t *testing.T) {
	t.Parallel()
	for command, bodies := range map[string][]string{
		"outlets list":        {`{"outlets":null}`, `{"linked_outlets":[]}`, `{"outlets":[{"outlet_id":"G1"}]}`, `{"outlets":[null]}`},
		"outlets list -o csv": {`{"outlets":null}`},
		"outlets show G1":     {`{"outlet":null}`, `{"outlet":{}}`, `{"outlet":{"id":""}}`},
		"token-info":          {`{"outlets":[]}`, `{"user":{"roles":[]}}`, `{"user":{},"outlets":[]}`, `{"user":{"roles":[]},"outlets":null}`},
		"link --all":          {`{"user":{"roles":[]}}`},
		"link G1":             {`{"outlet":null}`, `{"outlet":{"external_outlet_id":"x"}}`},
		"subscriptions list":  {`{"subscriptions":null}`, `{"subscriptions":[{"id":"1","event":"e","url":"u"}]}`, `{"subscriptions":[{"id":"1","url":"u","active":true}]}`},
		"subscriptions add gofood.order.placed --url https://pos.example.test/x": {`{"subscription":null}`},
		"notifications list --entity F-1":                                        {`{"notifications":null}`, `{"notifications":[{"entity_id":"F-1","delivery_status":"dead"}]}`},
		"catalog pull G1 -f -":                                                   {`{"menus":[{"name":"Mi","items":[]}]}`, `{"menus":[{"name":"Mi","menu_items":[{"name":"Teh","price":null}]}]}`},
	} {
		answers := []string{`{}`, `{"success":true}`, `{"success":true,"data":null}`, `{"success":true,"data":{}}`, `{"success":true,"data":[]}`}
		for _, body := range bodies {
			answers = append(answers, `{"success":true,"data":`+body+`}`)
		}
		for _, answer := range answers {
			o := run(anAnswer(t, answer), strings.Fields(command)...)
			if o.code != 1 || o.stdout != "" || !strings.Contains(o.stderr, "the answer ") {
				t.Errorf("%s, %s: exit code %d\n%s%s", command, answer, o.code, o.stdout, o.stderr)
			}
		}
	}
}

// A live menu without items is an answer, and yet no reason to empty a file.
func TestPullDoesNotEmptyAFile(t *testing.T) {
	t.Parallel()
	const before = "# outlet: G1\nmenus: [{name: Mi, menu_items: [{external_id: A, name: Bakmi, price: 1000}]}]\n"
	env := anAnswer(t, `{"success":true,"data":{"menus":[{"name":"Mi","menu_items":[]}],"variant_categories":[]}}`)
	file := filepath.Join(t.TempDir(), "menu.yaml")
	if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	o := run(env, "catalog", "pull", "G1", "-f", file)
	if after, err := os.ReadFile(file); o.code != 6 || string(after) != before || err != nil || !strings.Contains(o.stderr, "the live menu of G1 has no items, and "+file+" has 1") {
		t.Errorf("exit code %d, %v\n%s\n%s", o.code, err, o.stderr, after)
	}
	if o = run(env, "catalog", "pull", "G1", "-f", file, "--force", "--jq", ".items"); o.code != 0 || o.stdout != "0\n" {
		t.Errorf("%+v", o)
	}
}

// A live menu that is refused is looked at as it came.
func TestLiveMenuWithoutAPrice(t *testing.T) {
	t.Parallel()
	env := anAnswer(t, `{"success":true,"data":{"menus":[{"name":"Mi","menu_items":[{"name":"Teh","price":"5000"}]}]}}`)
	if o := run(env, "catalog", "pull", "G1"); o.code != 1 ||
		!strings.Contains(o.stderr, `another shape than documented: the item "Teh" of the menu "Mi" has a price that is not a number`) ||
		!strings.Contains(o.stderr, "hint: the answer as it came: gobiz api GET /integrations/gofood/outlets/G1/v2/catalog\n") {
		t.Errorf("exit code %d\n%s", o.code, o.stderr)
	}
}

// Something behind the first JSON value belongs to no answer.
func TestAnswerWithMoreBehindIt(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"api GET /x -o json", "api GET /x --jq .", "api GET /x --paginate", "outlets list", "catalog pull G1 -f -"} {
		o := run(anAnswer(t, `{"success":true,"data":{"outlets":[],"menus":[]}} {"success":false}`), strings.Fields(args)...)
		if o.code != 1 || o.stdout != "" || !strings.Contains(o.stderr, "behind the JSON value") && !strings.Contains(o.stderr, "not one complete JSON value") {
			t.Errorf("%s: exit code %d\n%s%s", args, o.code, o.stdout, o.stderr)
		}
	}
}
