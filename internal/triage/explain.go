package triage

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// Explanation says in words what a notification means and what to do about it.
// Names in it are foreign text, as they came.
type Explanation struct {
	Event       string
	Meaning     []string // sentences
	OrderNumber string   // empty when it is not about an order
	Status      string   // of the order or payment; empty when it has none
	Next        []string // what to do, and which event follows; sentences
	Facts       []Fact   // what it carries, and what a null stands for
	Findings    []Finding
}

// A Fact is a line of what a notification carries. A fact without a name goes on
// with the one before it.
type Fact struct{ Name, Value string }

// Severity of a finding.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // orders get lost
	SeverityWarning Severity = "warning" // something is not as it should be
	SeverityInfo    Severity = "info"
)

// A Finding is something about one notification that needs a look.
type Finding struct {
	Severity Severity
	Message  string
	Name     string   // of the item or variant; may be empty
	File     string   // where it stands; empty when it stands nowhere
	Line     int      // in File, from 1
	Nearest  []string // names that are like Name, the nearest first
	Command  string   // what to type next, quoted for a shell; may be empty
}

// Explaining is what Explain takes besides a notification.
type Explaining struct {
	// Zone is that of the reader. Nil means UTC.
	Zone *time.Location
	// Money writes an amount of rupiah. Nil means plain digits.
	Money func(rupiah int64) string

	// File is a catalog file to look for names in, FileName its name for
	// messages and commands, - for stdin. An incomplete one will do.
	File     *catalog.File
	FileName string
	// Live is the menu of LiveOutlet as it is now.
	Live       *catalog.Live
	LiveOutlet string
}

// Explain says in words what a notification means. It asks no server.
func Explain(n *webhook.Notification, with Explaining) *Explanation {
	x := &explainer{Explaining: with, n: n, out: &Explanation{Event: string(n.Event)}, known: map[string][]entry{}, ids: map[string]map[string]bool{}}
	if x.Zone == nil {
		x.Zone = time.UTC
	}
	switch {
	case n.Order != nil:
		x.order()
	case n.MappingError != nil:
		x.mappingError()
	case n.MenuMapping != nil:
		x.menuMapping()
	case n.Settlement != nil:
		x.settlement()
	default:
		x.unknown()
	}
	x.fact("event id", n.EventID)
	x.fact("event time", x.time(n.Timestamp))
	return x.out
}

type explainer struct {
	Explaining
	n     *webhook.Notification
	out   *Explanation
	more  int                        // findings that were left out
	known map[string][]entry         // of the catalog, by entity
	ids   map[string]map[string]bool // their external ids
}

func (x *explainer) meaning(format string, args ...any) {
	x.out.Meaning = append(x.out.Meaning, fmt.Sprintf(format, args...))
}

func (x *explainer) next(format string, args ...any) {
	x.out.Next = append(x.out.Next, fmt.Sprintf(format, args...))
}

// fact adds a line, unless there is nothing to say.
func (x *explainer) fact(name, value string) {
	if value != "" {
		x.out.Facts = append(x.out.Facts, Fact{name, value})
	}
}

// maxFindings bounds the findings about one notification: GoBiz's own name a
// handful of items.
const maxFindings = 100

func (x *explainer) full() bool { return len(x.out.Findings) >= maxFindings }

func (x *explainer) find(f Finding) {
	if !x.full() {
		x.out.Findings = append(x.out.Findings, f)
		return
	}
	x.more++
	x.out.Findings[maxFindings-1] = Finding{Severity: f.Severity, Message: fmt.Sprintf("and %d more like these", x.more+1)}
}

// outlet adds where it happened.
func (x *explainer) outlet() {
	o := x.n.Outlet
	switch {
	case o.ID == "":
		x.fact("outlet", "not told")
	case o.ExternalID == "":
		x.fact("outlet", o.ID+", without an external id (null when the outlet is not linked)")
	default:
		x.fact("outlet", o.ID+", yours: "+o.ExternalID)
	}
}

func (x *explainer) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(x.Zone).Format("2006-01-02 15:04:05 -07:00")
}

// money writes an amount. Another currency than rupiah has its name behind it.
func (x *explainer) money(amount webhook.Rupiah, currency string) string {
	if currency != "" && currency != "IDR" {
		return strconv.FormatInt(int64(amount), 10) + " " + currency
	}
	if x.Money == nil {
		return strconv.FormatInt(int64(amount), 10)
	}
	return x.Money(int64(amount))
}

func (x *explainer) unknown() {
	if x.n.Event.Known() {
		x.meaning("The notification has a known event, and not the body that belongs to it.")
		x.next("Look at it as it is: it may have been made by hand.")
		return
	}
	x.meaning("This program does not know the event %s.", foreign(string(x.n.Event)))
	x.next("Answer it with 2xx, so that GoBiz does not send it again, and leave it alone.")
	x.outlet()
}

func (x *explainer) menuMapping() {
	m := x.n.MenuMapping
	x.meaning("GoBiz has processed a menu that was pushed: %s mapped to your external ids.", are(len(m.Items), "item is", "items are"))
	x.next("Nothing to do. Orders of these items are relayed from now on.")
	x.outlet()
	x.fact("push", m.RequestID)
	for i, item := range m.Items {
		name := "items"
		if i > 0 {
			name = ""
		}
		if i == maxFindings {
			x.fact(name, fmt.Sprintf("and %d more", len(m.Items)-i))
			break
		}
		x.fact(name, item.ID+" is "+cmp.Or(item.ExternalID, none))
	}
	for _, item := range m.Items {
		if item.ExternalID == "" {
			x.find(Finding{
				Severity: SeverityError, Message: "item " + foreign(item.ID) + " has no external id: its orders are not relayed", Command: x.command("catalog", "audit", x.outletID()),
			})
		} else if x.File != nil && !x.knows(catalog.EntityItem, item.ExternalID) {
			x.find(Finding{Severity: SeverityWarning, Message: "external id " + foreign(item.ExternalID) + " is not in " + x.place()})
		}
	}
}

func (x *explainer) settlement() {
	s := x.n.Settlement
	x.out.Status = s.Status
	x.meaning("A payment of %s has been completed.", x.money(s.Amount, s.Currency))
	x.next("Compare the amount with that of your order %s and mark it as paid, once: the same event may come again.", cmp.Or(s.OrderID, none))
	x.fact("outlet", x.n.Outlet.ID)
	x.fact("transaction", s.TransactionID)
	x.fact("your order", s.OrderID)
	x.fact("amount", x.money(s.Amount, s.Currency))
	x.fact("paid by", s.PaymentType)
	x.fact("status", s.Status)
	x.fact("terminal", s.TerminalLabel)
	x.fact("created", x.time(s.CreatedAt))
	x.fact("settled", x.time(s.SettledAt))
}

// none stands for an id that is not there.
const none = "(none)"

func are(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
