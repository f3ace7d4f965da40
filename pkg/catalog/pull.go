package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

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

// mintedPrefix begins the external ids that are derived from GoBiz's own ids.
const mintedPrefix = "gobiz-"

// File turns a live catalog into a file that pushes back unchanged.
//
// References to variant categories become external ids. An entity without one
// gets the same at every pull, "gobiz-" and its internal id, and a note. known
// may be nil; it is a source whose external ids for variant categories are
// taken over, because the answer usually has none (developer documentation,
// "Update out-of-stock items").
//
// Stock is left out: what is sold out today is not to come back, or to stay
// away, with a push of next week. [Live.Stock] has it.
func (l *Live) File(known *File) (*File, []Note) {
	ids := l.externalIDs(known)
	s := &File{}
	notes := ids.notes
	for _, m := range l.Menus {
		menu := Menu{Name: m.Name}
		for i := range m.Items {
			item := &m.Items[i]
			out := Item{
				ExternalID: ids.item(m.Name, item), Name: item.Name, InternalName: item.InternalName,
				Description: item.Description, Price: item.Price, Image: item.Image,
				OperationalHours: item.OperationalHours.clone(),
			}
			for _, id := range item.VariantCategoryIDs {
				external, ok := ids.categories[id]
				if !ok {
					notes = append(notes, Note{
						Entity: "item", ExternalID: out.ExternalID, Name: item.Name,
						Message: danglingMessage,
					})
					continue
				}
				out.VariantCategoryExternalIDs = append(out.VariantCategoryExternalIDs, external)
			}
			out.Price, notes = wholeRupiah("item", out.ExternalID, out.Name, out.Price, notes)
			menu.Items = append(menu.Items, out)
		}
		s.Menus = append(s.Menus, menu)
	}
	for i := range l.VariantCategories {
		c := &l.VariantCategories[i]
		out := VariantCategory{
			ExternalID: ids.category(c), Name: c.Name, InternalName: c.InternalName,
			MinQuantity: c.MinQuantity, MaxQuantity: c.limit(),
		}
		if out.InternalName == out.Name {
			out.InternalName = "" // Build sends the name for it, so the next pull gives the same file
		}
		for j := range c.Variants {
			v := &c.Variants[j]
			variant := Variant{ExternalID: ids.variant(c, v), Name: v.Name, Price: v.Price}
			variant.Price, notes = wholeRupiah("variant", variant.ExternalID, v.Name, v.Price, notes)
			out.Variants = append(out.Variants, variant)
		}
		s.VariantCategories = append(s.VariantCategories, out)
	}
	return s, append(notes, ids.minted...)
}

// limit is the largest number of variants a customer may choose. No limit is as
// many as there are.
func (c *LiveVariantCategory) limit() int {
	if c.MaxQuantity == nil {
		return max(len(c.Variants), c.MinQuantity)
	}
	return *c.MaxQuantity
}

// wholeRupiah rounds half away from zero: the partner API takes no sen.
func wholeRupiah(entity, id, name string, p Price, notes []Note) (Price, []Note) {
	if p.Sen == 0 {
		return p, notes
	}
	whole := Rp(p.Rupiah)
	if p.Sen >= 50 {
		whole.Rupiah++
	} else if p.Sen <= -50 {
		whole.Rupiah--
	}
	return whole, append(notes, Note{
		Entity: entity, ExternalID: id, Name: name,
		Message: roundedPrefix + p.String() + roundedSuffix,
	})
}

// idTranslation gives external ids to the entities of one live catalog.
type idTranslation struct {
	categories map[string]string // internal id to external id
	of         map[*LiveVariantCategory]string
	minted     []Note
	notes      []Note
	seen       map[string]bool // minted ids that have their note
}

func (l *Live) externalIDs(source *File) *idTranslation {
	t := &idTranslation{categories: map[string]string{}, of: map[*LiveVariantCategory]string{}, seen: map[string]bool{}}
	known := indexCategories(source).match(l.VariantCategories)
	for i := range l.VariantCategories {
		c := &l.VariantCategories[i]
		id := cmp.Or(c.ExternalID, known[c], c.minted())
		t.of[c] = id
		if c.ID != "" {
			t.categories[c.ID] = id
		}
	}
	return t
}

func (t *idTranslation) category(c *LiveVariantCategory) string {
	id := t.of[c]
	if c.ExternalID == "" && strings.HasPrefix(id, mintedPrefix) {
		t.note("variant_category", id, c.Name)
	}
	return id
}

func (t *idTranslation) item(menu string, i *LiveItem) string {
	if i.ExternalID != "" {
		return i.ExternalID
	}
	id := mint(i.ID, "item", menu, i.Name)
	t.note("item", id, i.Name)
	return id
}

func (t *idTranslation) variant(c *LiveVariantCategory, v *LiveVariant) string {
	if v.ExternalID != "" {
		return v.ExternalID
	}
	id := mint(v.ID, "variant", t.of[c], v.Name)
	t.note("variant", id, v.Name)
	return id
}

func (t *idTranslation) note(entity, id, name string) {
	if t.seen[entity+id] {
		return
	}
	t.seen[entity+id] = true
	t.minted = append(t.minted, Note{Entity: entity, ExternalID: id, Name: name, Message: madeIDMessage})
}

// mint derives an external id from an internal one, or from what else tells the
// entity apart.
func mint(internal string, rest ...string) string {
	if internal != "" {
		return mintedPrefix + internal
	}
	sum := sha256.Sum256([]byte(strings.Join(rest, "\x00")))
	return mintedPrefix + hex.EncodeToString(sum[:8])
}

func (h *Hours) clone() *Hours {
	if h == nil {
		return nil
	}
	var out Hours
	for day := range h {
		out[day] = slices.Clone(h[day])
	}
	return &out
}
