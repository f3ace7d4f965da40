package catalog

import (
	"fmt"
	"strings"
)

// Equal reports whether a live menu is what a payload asks for.
func Equal(p *Payload, live *Live) bool { return Compare(p, live, nil).Empty() }

// Differences is [Compare] in sentences, for reading back what was pushed.
func Differences(p *Payload, live *Live) []string { return Compare(p, live, nil).Sentences() }

// Sentences tells each change in one.
func (d *Diff) Sentences() []string {
	var out []string
	for _, c := range d.Changes {
		out = append(out, c.String())
	}
	return out
}

// String tells the change in one sentence, as a difference between what is live
// and the payload.
func (c Change) String() string {
	from, to := c.values(shown)
	switch {
	case c.Kind == Added:
		return c.within() + ": " + c.key() + " is missing live"
	case c.Kind == Removed:
		return c.within() + ": " + c.key() + " is live, and not in the payload"
	case c.Kind == Moved && c.Field == "position":
		return fmt.Sprintf("%s: %s is at place %v live, and at %v in the payload", c.within(), c.key(), c.From, c.To)
	case c.Kind == Moved:
		return fmt.Sprintf("%s is in %s %s live, and in %s in the payload", c.subject(), words(c.Field), from, to)
	case c.Entity == EntityMenu:
		return fmt.Sprintf("menus: %s is called %s live", c.key(), from)
	}
	return fmt.Sprintf("%s: %s is %s live, and %s in the payload", c.subject(), c.Field, from, to)
}

// key is what tells the entity apart from its neighbours.
func (c Change) key() string {
	if c.Entity == EntityMenu {
		return quoted(c.Name)
	}
	return quoted(c.ExternalID)
}

func (c Change) subject() string { return words(c.Entity) + " " + c.key() }

// within names the list that the entity stands in.
func (c Change) within() string {
	switch c.Entity {
	case EntityItem:
		return "menu " + quoted(c.Parent)
	case EntityVariant:
		return "variant category " + quoted(c.Parent)
	case EntityVariantCategory:
		return "variant categories"
	}
	return "menus"
}

// Subject names an entity in a sentence: item MI-001 "Bakmi Ayam".
func Subject(entity, externalID, name string) string {
	if externalID == "" {
		return words(entity) + " " + quoted(name)
	}
	return words(entity) + " " + printable(externalID) + " " + quoted(name)
}

// words writes a name of the payload as people say it.
func words(name string) string {
	if name == EntityVariantCategory {
		return "variant category"
	}
	return name
}

// shown is a value inside a sentence.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "not stated"
	case string:
		return quoted(v)
	case []string:
		return "[" + strings.Join(convert(v, quoted), ", ") + "]"
	case *Hours:
		return v.String()
	}
	return fmt.Sprint(v)
}
