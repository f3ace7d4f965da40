package catalog

import "strings"

// A Note tells of something that a pulled file has and the live menu has not, or
// the other way round.
type Note struct {
	Entity     string // item, variant_category or variant
	ExternalID string // in the file
	Name       string
	Message    string
}

// The messages of notes, which are comments in a file as well.
const (
	madeIDMessage   = "has no external id; this one is made from its GoBiz id"
	danglingMessage = "refers to a variant category that is not in the menu; the reference is left out"
	roundedPrefix   = "the live price is "
	roundedSuffix   = "; it is rounded, since prices are whole rupiah"
)

// File turns a live menu into a file that pushes back unchanged.
//
// References to variant categories become external ids. An entity without one
// gets the same at every pull, "gobiz-" and its internal id, and a note. known
// may be nil; it is a file whose external ids for variant categories are taken
// over, because the answer usually has none (developer documentation, "Update
// out-of-stock items").
//
// Stock is left out: what is sold out today is not to come back, or to stay
// away, with a push of next week. [Live.Stock] has it.
func (l *Live) File(known *File) (*File, []Note) {
	ids := l.externalIDs(known.known().categories)
	s := &File{}
	var notes notes
	for i := range l.Menus {
		menu := Menu{Name: l.Menus[i].Name}
		for j := range l.Menus[i].Items {
			item := &l.Menus[i].Items[j]
			out := Item{
				ExternalID: ids.items[i][j], Name: item.Name, InternalName: item.InternalName,
				Description: item.Description, Price: item.Price.whole(), Image: item.Image,
				OperationalHours: item.OperationalHours, VariantCategoryExternalIDs: ids.references(item),
			}
			for range len(item.VariantCategoryIDs) - len(out.VariantCategoryExternalIDs) {
				notes.add(EntityItem, out.ExternalID, item.Name, danglingMessage)
			}
			notes.rounded(EntityItem, out.ExternalID, item.Name, item.Price)
			menu.Items = append(menu.Items, out)
		}
		s.Menus = append(s.Menus, menu)
	}
	for i := range l.VariantCategories {
		c := &l.VariantCategories[i]
		out := VariantCategory{
			ExternalID: ids.categories[i], Name: c.Name, InternalName: c.otherInternalName(),
			MinQuantity: c.MinQuantity, MaxQuantity: c.limit(),
		}
		for j := range c.Variants {
			v := &c.Variants[j]
			out.Variants = append(out.Variants, Variant{ExternalID: ids.variants[i][j], Name: v.Name, Price: v.Price.whole()})
			notes.rounded(EntityVariant, ids.variants[i][j], v.Name, v.Price)
		}
		s.VariantCategories = append(s.VariantCategories, out)
	}
	return s, append(notes, l.madeIDs(ids)...)
}

type notes []Note

func (n *notes) add(entity, id, name, message string) {
	*n = append(*n, Note{Entity: entity, ExternalID: id, Name: name, Message: message})
}

func (n *notes) rounded(entity, id, name string, p Price) {
	if p.Sen != 0 {
		n.add(entity, id, name, roundedPrefix+p.String()+roundedSuffix)
	}
}

// madeIDs notes each external id that is made of GoBiz's own, once.
func (l *Live) madeIDs(ids liveIDs) (made notes) {
	seen := map[string]bool{}
	add := func(entity, external, id, name string) {
		if external == "" && !seen[entity+id] {
			seen[entity+id] = true
			made.add(entity, id, name, madeIDMessage)
		}
	}
	for i := range l.Menus {
		for j := range l.Menus[i].Items {
			item := &l.Menus[i].Items[j]
			add(EntityItem, item.ExternalID, ids.items[i][j], item.Name)
		}
	}
	for i := range l.VariantCategories {
		c := &l.VariantCategories[i]
		if strings.HasPrefix(ids.categories[i], mintedPrefix) {
			add(EntityVariantCategory, c.ExternalID, ids.categories[i], c.Name)
		}
		for j := range c.Variants {
			add(EntityVariant, c.Variants[j].ExternalID, ids.variants[i][j], c.Variants[j].Name)
		}
	}
	return made
}

// limit is the largest number of variants a customer may choose: as GoBiz tells
// it, also where it is over their number (developer documentation, "Sync menu").
// No limit is as many as there are.
func (c *LiveVariantCategory) limit() int {
	if c.MaxQuantity == nil {
		return max(len(c.Variants), c.MinQuantity)
	}
	return *c.MaxQuantity
}

// otherInternalName is the internal name unless it is the name, which Build sends
// for none.
func (c *LiveVariantCategory) otherInternalName() string {
	return otherName(c.InternalName, c.Name)
}

// whole rounds half away from zero: the partner API takes no sen.
func (p Price) whole() Price {
	whole := Rp(p.Rupiah)
	if p.Sen >= 50 {
		whole.Rupiah++
	} else if p.Sen <= -50 {
		whole.Rupiah--
	}
	return whole
}
