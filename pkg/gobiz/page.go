package gobiz

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"strconv"
)

// Page chooses a part of a list.
type Page struct {
	Number int // from 1; 0 is the first
	Size   int // entries; 0 leaves it to the server
}

// query are the parameters of a page; the API has two names for its size.
func (p Page) query(size string) url.Values {
	query := url.Values{}
	if p.Size > 0 {
		query.Set(size, strconv.Itoa(p.Size))
	}
	if p.Number > 0 {
		query.Set("page", strconv.Itoa(p.Number))
	}
	return query
}

// pageSize is asked for when all pages are read. The API documents neither a
// default nor a maximum, so a server may give fewer.
const pageSize = 100

// maxPages ends the reading of a list that a server makes endless.
const maxPages = 1000

// AllLinkedOutlets yields the linked outlets of all pages, each once. It ends
// after the first error. A list that brings new entries for 1,000 pages of 100 is
// one, of kind ErrMalformed.
func (c *Client) AllLinkedOutlets(ctx context.Context) iter.Seq2[LinkedOutlet, error] {
	return allPages(func(page Page) ([]LinkedOutlet, error) { return c.LinkedOutlets(ctx, page) },
		func(o LinkedOutlet) string { return o.ID },
		func() error { return c.endless("listLinkedOutlets") })
}

// AllPromos yields the promotions of all pages of an outlet, each once. It ends as
// AllLinkedOutlets does.
func (c *Client) AllPromos(ctx context.Context, outletID string) iter.Seq2[Promo, error] {
	return allPages(func(page Page) ([]Promo, error) {
		list, err := c.Promos(ctx, outletID, page)
		if err != nil {
			return nil, err
		}
		return list.Promotions, nil
	}, func(p Promo) string { return p.ID },
		func() error { return c.endless("listPromos", outletID) })
}

// endless is the error for a list that still grows after maxPages.
func (c *Client) endless(operation string, params ...string) error {
	endpoint, _ := lookupEndpoint(operation)
	path, err := endpoint.expand(params)
	if err != nil {
		return err
	}
	return &Error{
		Operation: operation, Method: endpoint.Method, Path: path, Kind: ErrMalformed,
		Message: fmt.Sprintf("the list does not end: %d pages of %d were read, and each brought new entries", maxPages, pageSize),
	}
}

// allPages reads until a page brings nothing new: a short page is no sign of
// the end where the server's maximum is unknown, and some servers repeat the
// last page for ever. Others always have something new.
func allPages[T any](read func(Page) ([]T, error), id func(T) string, endless func() error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := map[string]bool{}
		for number := 1; number <= maxPages; number++ {
			entries, err := read(Page{Number: number, Size: pageSize})
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			fresh := false
			for _, entry := range entries {
				if seen[id(entry)] {
					continue
				}
				seen[id(entry)], fresh = true, true
				if !yield(entry, nil) {
					return
				}
			}
			if !fresh {
				return
			}
		}
		var zero T
		yield(zero, endless())
	}
}
