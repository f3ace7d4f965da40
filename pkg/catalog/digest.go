package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"
)

// Digest names the state of a live menu, "sha256:" and 64 hex digits. It is
// the same for two answers that [Compare] cannot tell apart: over the order of
// keys and of variant categories, the ids that GoBiz gives to what has an
// external id, the URL under which an image is stored, and how hours are
// written. Stock is part of it.
func (l *Live) Digest() string { return l.digest(true) }

// DigestWithoutStock is [Live.Digest] of all but what is in stock.
func (l *Live) DigestWithoutStock() string { return l.digest(false) }

func (l *Live) digest(stock bool) string {
	categories := map[string]string{} // GoBiz's id to the digest of the content
	var all []string
	for i := range l.VariantCategories {
		c := &l.VariantCategories[i]
		sum := c.digest(stock)
		all = append(all, sum)
		if c.ID != "" {
			categories[c.ID] = sum
		}
	}
	slices.Sort(all)
	d := newDigest(stock)
	d.number(len(all))
	d.text(all...)
	d.number(len(l.Menus))
	for i := range l.Menus {
		m := &l.Menus[i]
		d.text(m.Name)
		d.number(len(m.Items))
		for j := range m.Items {
			m.Items[j].digest(d, categories)
		}
	}
	return "sha256:" + d.sum()
}

func (i *LiveItem) digest(d *digest, categories map[string]string) {
	d.key(i.ExternalID, i.ID)
	internal := i.InternalName
	if internal == i.Name {
		internal = ""
	}
	d.text(i.Name, internal, i.Description, i.Price.String())
	d.hours(i.OperationalHours)
	d.text(strconv.FormatBool(i.Image != ""))
	d.stock(i.InStock)
	known := 0
	for _, id := range i.VariantCategoryIDs {
		if _, ok := categories[id]; ok {
			known++
		}
	}
	d.number(known)
	for _, id := range i.VariantCategoryIDs {
		if sum, ok := categories[id]; ok {
			d.text(sum)
		}
	}
}

func (c *LiveVariantCategory) digest(stock bool) string {
	d := newDigest(stock)
	d.text(c.ExternalID, c.Name, cmp.Or(c.InternalName, c.Name))
	d.number(c.MinQuantity)
	d.number(c.limit())
	d.number(len(c.Variants))
	for i := range c.Variants {
		v := &c.Variants[i]
		d.key(v.ExternalID, v.ID)
		d.text(v.Name, v.Price.String())
		d.stock(v.InStock)
	}
	return d.sum()
}

// digest adds values with their lengths, so that no two lists of them look the
// same.
type digest struct {
	hash    hash.Hash
	pending []byte // what is not in the hash yet
	meaning []byte // of the hours that came last
	last    *Hours
	noStock bool // leave stock out
}

func newDigest(stock bool) *digest { return &digest{hash: sha256.New(), noStock: !stock} }

// hashedAtOnce bounds what is held back from the hash, in bytes.
const hashedAtOnce = 4096

func (d *digest) number(n int) {
	if len(d.pending) >= hashedAtOnce {
		d.hash.Write(d.pending)
		d.pending = d.pending[:0]
	}
	d.pending = binary.BigEndian.AppendUint64(d.pending, uint64(int64(n)))
}

func (d *digest) text(values ...string) {
	for _, s := range values {
		d.number(len(s))
		d.pending = append(d.pending, s...)
	}
}

// hours adds what hours mean. Neighbours mostly have the same.
func (d *digest) hours(h *Hours) {
	if d.meaning == nil || !h.equal(d.last) {
		d.meaning, d.last = h.appendMeaning(d.meaning[:0]), h
	}
	d.number(len(d.meaning))
	d.pending = append(d.pending, d.meaning...)
}

// key is the external id, or else GoBiz's own, which a payload names it by then.
func (d *digest) key(external, internal string) {
	if external != "" {
		d.text("external", external)
	} else {
		d.text("internal", internal)
	}
}

func (d *digest) stock(inStock *bool) {
	switch {
	case d.noStock:
		return
	case inStock == nil:
		d.text("not said")
		return
	}
	d.text(strconv.FormatBool(*inStock))
}

func (d *digest) sum() string {
	d.hash.Write(d.pending)
	return hex.EncodeToString(d.hash.Sum(nil))
}
