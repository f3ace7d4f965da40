package subscriptions

import (
	"errors"
	"fmt"

	"github.com/gobiz-cli/gobiz/internal/document"
	"github.com/gobiz-cli/gobiz/internal/spelling"
	"github.com/gobiz-cli/gobiz/pkg/gobiz/enterprise"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// Rules say what a file may hold.
type Rules struct {
	// Loopback allows URLs on this machine; see [CheckURL].
	Loopback bool
	// Enterprise is for the legacy API.
	Enterprise bool
	// EnterpriseID stands in for an enterprise_id that the file leaves out.
	EnterpriseID string
}

// Check judges the subscriptions of a file and fills in the enterprise id. Its
// error is an [*InvalidError].
func (f *File) Check(rules Rules) error {
	c := checker{Reader: document.NewReader(document.UsualLimits), rules: rules, seen: map[identity]document.Position{}}
	for i := range f.Subscriptions {
		c.subscription(&f.Subscriptions[i], fmt.Sprintf("subscriptions[%d]", i))
	}
	return invalid(f.Name, c.Problems())
}

type checker struct {
	*document.Reader // for its list of problems
	rules            Rules
	seen             map[identity]document.Position
}

// identity is what two subscriptions may not share.
type identity struct {
	Scope
	event, url string
}

func (c *checker) report(at document.Position, path string, kind Kind, message, hint string) {
	c.Add(document.Problem{Position: at, Path: path, Rule: string(kind), Message: message, Hint: hint})
}

func (c *checker) subscription(w *Wanted, path string) {
	c.event(w, path)
	c.scope(w, path)
	var unfit *URLError
	if errors.As(CheckURL(w.URL, c.rules.Loopback), &unfit) {
		c.report(w.at["url"], path+".url", unfit.Kind, unfit.Error(), unfit.Hint)
	}
	id := identity{w.Scope, w.Event, normalURL(w.URL)}
	if first, twice := c.seen[id]; twice {
		c.report(w.at[""], path, "", fmt.Sprintf("the same event goes to the same url twice, first on line %d", first.Line), "keep one of them")
		return
	}
	c.seen[id] = w.at[""]
}

func (c *checker) event(w *Wanted, path string) {
	switch {
	case !webhook.EventName(w.Event).Known():
		var hint string
		var known []string
		for _, e := range webhook.Events() {
			known = append(known, string(e.Name))
		}
		if near := spelling.Nearest(w.Event, known); near != "" {
			hint = "did you mean " + near
		}
		c.report(w.at["event"], path+".event", UnknownEvent, "unknown event "+document.Quote(w.Event), hint)
	case c.rules.Enterprise && w.Event != enterprise.EventDriverArrived:
		c.report(w.at["event"], path+".event", "", "the legacy API (api: enterprise) does not have this event", "its only one is "+enterprise.EventDriverArrived)
	}
}

func (c *checker) scope(w *Wanted, path string) {
	if !c.rules.Enterprise {
		if w.EnterpriseID != "" {
			c.report(w.at["enterprise_id"], path+".enterprise_id", "", "enterprise_id is for the legacy API", "leave it out, or use a profile with 'api: enterprise'")
		}
		return
	}
	if w.OutletID != "" {
		c.report(w.at["outlet_id"], path+".outlet_id", "", "the legacy API (api: enterprise) has no subscriptions of one outlet", "leave it out")
	}
	if !w.Active {
		c.report(w.at["active"], path+".active", "", "the legacy API (api: enterprise) has no inactive subscriptions", "leave the subscription out")
	}
	if w.EnterpriseID == "" {
		w.EnterpriseID = c.rules.EnterpriseID
	}
	if w.EnterpriseID == "" {
		c.report(w.at[""], path, MissingEnterprise, "enterprise_id is missing", "add it")
	}
}
