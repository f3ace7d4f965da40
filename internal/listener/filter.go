package listener

import (
	"path"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// A Filter chooses events; an empty list takes all.
type Filter struct {
	Events   []string // names; * stands for anything: gofood.order.*
	Outlets  []string // ids
	Statuses []string // of orders, in any case: CANCELLED
}

// Match reports whether an event passes.
func (f Filter) Match(s webhook.Summary) bool {
	return (len(f.Events) == 0 || slices.ContainsFunc(f.Events, func(pattern string) bool { return MatchEvent(pattern, string(s.Event)) })) &&
		(len(f.Outlets) == 0 || slices.Contains(f.Outlets, s.OutletID)) &&
		(len(f.Statuses) == 0 || slices.ContainsFunc(f.Statuses, func(status string) bool { return strings.EqualFold(status, s.Status) }))
}

// MatchEvent reports whether a name fits a pattern. A pattern that is none fits
// nothing.
func MatchEvent(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return err == nil && ok
}
