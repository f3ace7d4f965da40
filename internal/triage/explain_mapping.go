package triage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/spelling"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// mappingError explains gofood.order.webhook_error (Getting started (Facilitator), "Webhook error"):
// an order that was not relayed.
func (x *explainer) mappingError() {
	m := x.n.MappingError
	x.out.OrderNumber = m.OrderNumber
	order := "An order"
	if m.OrderNumber != "" {
		order = "Order " + m.OrderNumber
	}
	missing := len(m.Items) + len(m.Variants)
	switch {
	case m.Type != "mapping_not_found" && m.Type != "missing_menu_mapping" && missing == 0:
		x.meaning("%s was NOT relayed to you. GoBiz calls the reason %s, which this program does not know.", order, foreign(m.Type))
	case missing == 0:
		x.meaning("%s was NOT relayed to you: something in it had no external id. GoBiz does not name it.", order)
	default:
		x.meaning("%s was NOT relayed to you: %s no external id.", order, are(missing, "thing in it had", "things in it had"))
	}
	x.meaning("No event of this order comes, and no call of the API can read it.")
	x.next("Look after the order on the merchant's device, now: accept or cancel it there.")
	x.next("Then see to it that what is named below has an external id on the live menu, so that the next order is relayed.")
	x.fact("order", m.OrderNumber)
	x.outlet()
	x.fact("reason", m.Type)
	for _, name := range m.Items {
		x.unmapped(catalog.EntityItem, name)
	}
	for _, name := range m.Variants {
		x.unmapped(catalog.EntityVariant, name)
	}
	if missing == 0 {
		x.find(Finding{Severity: SeverityError, Message: "see which live items and variants have no external id", Command: x.command("catalog", "audit", x.outletID())})
	}
}

// unmapped finds an item or variant without an external id by its name, and says
// what repairs it.
func (x *explainer) unmapped(entity, name string) {
	switch f := (Finding{Severity: SeverityError, Name: name}); {
	case x.full(): // nobody reads the rest, so nothing is looked up
		x.find(f)
	case x.File != nil:
		x.unmappedInFile(entity, f)
	case x.Live != nil:
		x.unmappedLive(entity, f)
	default:
		f.Message = fmt.Sprintf("%s %s had no external id", entity, foreign(name))
		f.Command = x.command("catalog", "audit", x.outletID())
		x.find(f)
	}
}

// madeUp begins the external ids that a pull makes up. A push takes them for what
// is live already, so they map nothing.
const madeUp = "gobiz-"

func (x *explainer) unmappedInFile(entity string, f Finding) {
	found, exact := x.named(entity, f.Name)
	if found == nil {
		f.Message = fmt.Sprintf("%s %s is not in %s, so it was made in the merchant app: pull the menu, give it an external id of your own in place of %s…, and push",
			entity, foreign(f.Name), x.place(), madeUp)
		f.Nearest = x.nearest(entity, f.Name)
		f.Command = x.pullEditPush(x.outletID(), x.FileName)
		x.find(f)
		return
	}
	f.File, f.Line = x.place(), found.line
	is := fmt.Sprintf("%s %s", entity, foreign(f.Name))
	if !exact {
		is += " is " + foreign(found.name) + " here and"
	}
	switch {
	case found.externalID == "":
		f.Message = is + " has no external_id: add one, then push"
		f.Command = x.editPush(x.outletID(), x.FileName)
	case strings.HasPrefix(found.externalID, madeUp):
		f.Message = fmt.Sprintf("%s has the external id %s, which a pull has made up: put one of your own in its place, then push", is, foreign(found.externalID))
		f.Command = x.editPush(x.outletID(), x.FileName)
	default:
		// No server was asked: a push or a pull since may have made it live.
		f.Severity = SeverityWarning
		f.Message = fmt.Sprintf("%s has the external id %s in the file; it was not live when the order came: compare the file with the live menu, and push it if they differ",
			is, foreign(found.externalID))
		f.Command = x.command("catalog", "diff", x.outletID(), "-f", x.FileName)
	}
	x.find(f)
}

func (x *explainer) unmappedLive(entity string, f Finding) {
	found, exact := x.named(entity, f.Name)
	switch {
	case found == nil:
		f.Message = fmt.Sprintf("%s %s is not on the live menu of %s: it was removed or renamed since", entity, foreign(f.Name), x.LiveOutlet)
		f.Severity, f.Nearest = SeverityWarning, x.nearest(entity, f.Name)
	case found.externalID != "":
		f.Message = fmt.Sprintf("%s %s has the external id %s by now: the next order is relayed", entity, foreign(f.Name), foreign(found.externalID))
		f.Severity = SeverityInfo
	default:
		f.Message = fmt.Sprintf("%s %s is live in %s without an external id: pull the menu, give it one of your own in place of %s…, and push",
			entity, foreign(f.Name), foreign(found.in), madeUp)
		f.Command = x.pullEditPush(x.LiveOutlet, x.LiveOutlet+".yaml")
	}
	if found != nil && !exact {
		f.Nearest = []string{found.name}
	}
	x.find(f)
}

// An entry is an item or variant of a catalog.
type entry struct {
	name, externalID string
	in               string // its menu or variant category
	line             int    // in the file
}

// entries are the items, or the variants, of the catalog at hand.
func (x *explainer) entries(entity string) []entry {
	if list, ok := x.known[entity]; ok {
		return list
	}
	var list []entry
	switch item := entity == catalog.EntityItem; {
	case x.File != nil && item:
		for _, m := range x.File.Menus {
			for _, i := range m.Items {
				list = append(list, entry{i.Name, i.ExternalID, m.Name, i.Origin.Field("external_id").Line})
			}
		}
	case x.File != nil:
		for _, c := range x.File.VariantCategories {
			for _, v := range c.Variants {
				list = append(list, entry{v.Name, v.ExternalID, c.Name, v.Origin.Field("external_id").Line})
			}
		}
	case x.Live != nil && item:
		for _, m := range x.Live.Menus {
			for _, i := range m.Items {
				list = append(list, entry{i.Name, i.ExternalID, m.Name, 0})
			}
		}
	case x.Live != nil:
		for _, c := range x.Live.VariantCategories {
			for _, v := range c.Variants {
				list = append(list, entry{v.Name, v.ExternalID, c.Name, 0})
			}
		}
	}
	x.known[entity] = list
	return list
}

// named finds an entry by its name: exactly, else without regard to case and
// blanks. Of several the one without an external id is the one that matters.
func (x *explainer) named(entity, name string) (found *entry, exact bool) {
	for _, e := range x.entries(entity) {
		same := e.name == name
		if !same && (exact || folded(e.name) != folded(name)) {
			continue
		}
		if found == nil || same && !exact || found.externalID != "" && e.externalID == "" {
			found, exact = &e, same
		}
	}
	return found, exact
}

// knows reports whether the catalog at hand has an external id.
func (x *explainer) knows(entity, externalID string) bool {
	ids, ok := x.ids[entity]
	if !ok {
		ids = map[string]bool{}
		for _, e := range x.entries(entity) {
			ids[e.externalID] = true
		}
		x.ids[entity] = ids
	}
	return ids[externalID]
}

// place names the catalog at hand.
func (x *explainer) place() string {
	switch {
	case x.File == nil:
		return "the live menu of " + x.LiveOutlet
	case x.FileName == "-":
		return "stdin"
	}
	return x.FileName
}

func folded(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

const (
	mostNearest = 3
	// longestName bounds what is compared: GoBiz's names have 150 characters.
	longestName = 150
)

// nearest returns the names of a catalog that are like name, the nearest first.
func (x *explainer) nearest(entity, name string) []string {
	var names []string
	for _, e := range x.entries(entity) {
		names = append(names, e.name)
	}
	return nearestNames(name, names)
}

// nearestNames finds the names that differ in at most a third of their letters,
// or share most of their words: "Es Jeruk" and "Es Jeruk Peras".
func nearestNames(name string, known []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	wanted := []rune(shortened(folded(name)))
	var found []candidate
	for _, k := range known {
		is := []rune(shortened(folded(k)))
		if len(is) == 0 || len(wanted) == 0 {
			continue
		}
		longer, shorter := max(len(wanted), len(is)), min(len(wanted), len(is))
		if similar := shareWords(string(wanted), string(is)); !similar && (longer-shorter)*3 > longer {
			continue // the lengths alone say so
		} else if d := spelling.Distance(wanted, is); similar || d*3 <= longer {
			found = append(found, candidate{k, d})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range found {
		if len(names) < mostNearest && !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	return names
}

func shortened(s string) string {
	if runes := []rune(s); len(runes) > longestName {
		return string(runes[:longestName])
	}
	return s
}

// shareWords reports whether the words that both have are more than half of the
// letters of either: "Jumbo" is in "Jumbo Es", and "Es Teh" is not "Es Jeruk".
func shareWords(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	shared := 0
	for _, word := range x {
		if slices.Contains(y, word) {
			shared += len(word)
		}
	}
	return shared*2 > max(len(strings.Join(x, "")), len(strings.Join(y, "")))
}
