package gobiz

import (
	"context"
	"iter"
)

// Page chooses a part of a list.
type Page struct {
	Number int // from 1; 0 is the first
	Size   int // entries; 0 leaves it to the server
}

// pageSize is asked for when all pages are read. The API documents neither a
// default nor a maximum, so a server may give fewer.
const pageSize = 100

// AllLinkedOutlets yields the linked outlets of all pages, each once. It ends
// after the first error.
func (c *Client) AllLinkedOutlets(ctx context.Context) iter.Seq2[LinkedOutlet, error] {
	return allPages(func(page Page) ([]LinkedOutlet, error) { return c.LinkedOutlets(ctx, page) },
		func(o LinkedOutlet) string { return o.ID })
}

// AllPromos yields the promotions of all pages of an outlet, each once.
func (c *Client) AllPromos(ctx context.Context, outletID string) iter.Seq2[Promo, error] {
	return allPages(func(page Page) ([]Promo, error) {
		list, err := c.Promos(ctx, outletID, page)
		if err != nil {
			return nil, err
		}
		return list.Promotions, nil
	}, func(p Promo) string { return p.ID })
}

// allPages reads until a page brings nothing new: a short page is no sign of
// the end where the server's maximum is unknown, and some servers repeat the
// last page for ever.
func allPages[T any](read func(Page) ([]T, error), id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := map[string]bool{}
		for number := 1; ; number++ {
			entries, err := read(Page{Number: number, Size: pageSize})
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			fresh := false
			for _, entry := range entries {
				if key := id(entry); seen[key] {
					continue
				} else {
					seen[key] = true
				}
				fresh = true
				if !yield(entry, nil) {
					return
				}
			}
			if !fresh {
				return
			}
		}
	}
}
