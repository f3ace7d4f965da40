package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Lint reads a catalog file and checks it: [Parse] and [Check] with the findings
// of both, in the order of the file. It returns no file when the text has no
// structure at all.
func Lint(name string, data []byte, set RuleSet) (*File, Findings) {
	file, findings := Parse(name, data, set.API())
	return file, CheckParsed(file, findings, set)
}

// CheckParsed adds to the findings of [Parse] those of [Check], in the order of
// the file. file is what could be read, and may be nil.
func CheckParsed(file *File, findings Findings, set RuleSet) Findings {
	if file == nil {
		return findings
	}
	// A value that could not be read is missing from the file: what that
	// looks like to a check is no second mistake.
	unread := make(map[string]bool, len(findings))
	for _, f := range findings {
		unread[f.Path] = true
		if before, _, inside := strings.Cut(f.Path, hoursKey+"."); inside {
			unread[before+hoursKey] = true
		}
	}
	checked := slices.DeleteFunc(Check(file, set), func(f Finding) bool { return f.Path != "" && unread[f.Path] })
	return Join(findings, checked)
}

// Check holds a file to the rules of a set, all but those about the text of
// the file, which [Parse] has checked, and about the files of images (see
// [CheckImages]). It keeps the first [MaxFindings].
func Check(file *File, set RuleSet) Findings {
	c := &checker{file: file, set: cmp.Or(set, Gofood), sound: map[*Hours]bool{}}
	c.catalog()
	c.menus()
	if c.set == EnterpriseRules {
		c.noVariants()
	} else {
		c.variants()
	}
	c.findings.sort()
	return c.findings
}

// checker collects findings about a file.
type checker struct {
	file     *File
	set      RuleSet
	findings Findings
	seen     map[Finding]bool // without path, of values that stand in a file
	sound    map[*Hours]bool  // hours without a finding
}

// report adds a finding with the hint of the rule. What a YAML alias stands for
// comes up at each alias and is told once: it has one place.
func (c *checker) report(id string, severity Severity, at Position, where place, format string, args ...any) {
	c.reportHint(id, severity, at, where, "", format, args...)
}

// reportHint is report with a better hint, unless that is empty.
func (c *checker) reportHint(id string, severity Severity, at Position, where place, hint, format string, args ...any) {
	if len(c.findings) >= MaxFindings {
		return
	}
	f := Finding{Rule: id, Severity: severity, Position: at, Message: fmt.Sprintf(format, args...), Hint: hint}
	if r := rule(id, severity, c.set); r != nil && hint == "" {
		f.Hint = r.Hint
	}
	if at.Line > 0 {
		if c.seen[f] {
			return
		}
		if c.seen == nil {
			c.seen = map[Finding]bool{}
		}
		c.seen[f] = true
	}
	f.Path = where.String()
	c.findings = append(c.findings, f)
}

func (c *checker) full() bool { return len(c.findings) >= MaxFindings }

// place is where the checker is: menus[0].menu_items[3].price. It becomes text
// only when a finding needs it.
type place struct {
	list  string // "menus"; empty for the file
	i     int
	inner string // "menu_items"; empty for the element of the list itself
	j     int
	field string
}

func (p place) at(field string) place {
	p.field = field
	return p
}

func (p place) String() string {
	s := p.list
	if p.list != "" {
		s += "[" + strconv.Itoa(p.i) + "]"
	}
	if p.inner != "" {
		s += "." + p.inner + "[" + strconv.Itoa(p.j) + "]"
	}
	if s != "" && p.field != "" {
		s += "."
	}
	return s + p.field
}

func menuPlace(i int) place     { return place{list: "menus", i: i} }
func itemPlace(i, j int) place  { return place{list: "menus", i: i, inner: "menu_items", j: j} }
func categoryPlace(i int) place { return place{list: "variant_categories", i: i} }
func variantPlace(i, j int) place {
	return place{list: "variant_categories", i: i, inner: "variants", j: j}
}
func lineOf(at Position) string {
	if at.Line == 0 {
		return ""
	}
	return fmt.Sprintf(", on line %d", at.Line)
}

// catalog checks what concerns all of the file.
func (c *checker) catalog() {
	s := c.file
	items, sold := 0, 0
	for i := range s.Menus {
		for j := range s.Menus[i].Items {
			items++
			if stock := cmp.Or(s.Menus[i].Items[j].InStock, s.Defaults.InStock); stock == nil || *stock {
				sold++
			}
		}
	}
	switch at := s.Origin.Field("menus"); {
	case len(s.Menus) == 0:
		c.report(RuleEmptyCatalog, SeverityError, at, place{field: "menus"}, "there is no menu")
	case items == 0:
		c.report(RuleEmptyCatalog, SeverityError, at, place{field: "menus"}, "there is no item in any menu")
	case sold == 0:
		c.report(RuleAllOutOfStock, SeverityWarning, at, place{field: "menus"}, "every item is out of stock")
	}
	c.hours(s.Defaults.OperationalHours, s.Defaults.Origin, place{field: "defaults." + hoursKey})
}

// maxItemsPerMenu is a limit of the Enterprise API (Enterprise Integration Middleware, "Update menu"); the
// partner API's documentation has none.
const maxItemsPerMenu = 100

func (c *checker) menus() {
	first := map[string]Position{}
	items := newItemKeys(c)
	for i := range c.file.Menus {
		m := &c.file.Menus[i]
		if at := m.Origin.Field("name"); m.Name != "" {
			c.text(m.Name, at, menuPlace(i).at("name"), RuleMenuNameLength, "the name of the menu", maxMenuName)
			if before, twice := first[m.Name]; twice {
				c.report(RuleDuplicateMenuName, SeverityError, at, menuPlace(i).at("name"), "another menu has the name %s%s", quoted(m.Name), lineOf(before))
			} else {
				first[m.Name] = at
			}
		}
		if len(m.Items) > maxItemsPerMenu {
			severity := SeverityWarning
			if c.set == EnterpriseRules {
				severity = SeverityError
			}
			c.report(RuleItemsPerMenu, severity, m.Origin.Field("menu_items"), menuPlace(i).at("menu_items"),
				"the menu has %d items, more than %d", len(m.Items), maxItemsPerMenu)
		}
		items.nextMenu(len(m.Items))
		for j := range m.Items {
			if c.full() {
				return
			}
			c.item(&m.Items[j], itemPlace(i, j))
			items.add(m, &m.Items[j], itemPlace(i, j))
		}
	}
}

func (c *checker) item(item *Item, where place) {
	nameLimit, descriptionLimit := maxItemName, maxDescription
	if c.set == EnterpriseRules {
		nameLimit, descriptionLimit = maxEnterpriseText, maxEnterpriseText
	}
	o := &item.Origin
	c.text(item.ExternalID, o.Field("external_id"), where.at("external_id"), RuleExternalIDLength, "the external id", maxExternalID)
	c.text(item.Name, o.Field("name"), where.at("name"), RuleItemNameLength, "the name of the item", nameLimit)
	c.text(item.InternalName, o.Field("internal_name"), where.at("internal_name"), RuleInternalNameLength, "the internal name", maxInternalName)
	c.text(item.Description, o.Field("description"), where.at("description"), RuleDescriptionLength, "the description", descriptionLimit)
	c.itemPrice(item, where)
	c.imageURL(item, where)
	c.hours(item.OperationalHours, item.Origin, where.at(hoursKey))
}
