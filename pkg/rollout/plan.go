package rollout

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// MaxPlanSize is the largest plan that is read, in bytes: a plan holds the menu
// twice, and its changes.
const MaxPlanSize = 256 << 20

// A Plan is a push that somebody has looked at and that comes later. It holds
// for the live menu that it was made from.
type Plan struct {
	Version     int              `json:"version"`
	CreatedAt   time.Time        `json:"created_at"`
	Environment string           `json:"environment"`
	API         string           `json:"api"`   // its host
	OAuth       string           `json:"oauth"` // and that of its logins
	OutletID    string           `json:"outlet_id"`
	LiveDigest  string           `json:"live_digest"`
	Changes     []catalog.Change `json:"changes"`
	Payload     *catalog.Payload `json:"payload"`
	PulledFrom  string           `json:"pulled_from,omitempty"` // see [catalog.File]
	Live        *catalog.Live    `json:"live"`                  // to say what has moved since
}

const planVersion = 2 // 1 had no hosts

// ErrPlan is wrapped by the errors of a plan that cannot be used.
var ErrPlan = errors.New("the plan cannot be used")

// NewPlan makes the plan of a push.
func NewPlan(place Environment, outletID string, live *catalog.Live, payload *catalog.Payload, diff *catalog.Diff, now time.Time) *Plan {
	return &Plan{
		Version: planVersion, CreatedAt: now.UTC(), Environment: place.Name, API: place.API, OAuth: place.OAuth, OutletID: outletID,
		LiveDigest: live.Digest(), Changes: append([]catalog.Change{}, diff.Changes...), Payload: payload, Live: live,
	}
}

// ErrNotPlan says that a file holds something else than a plan, and is untouched.
var ErrNotPlan = errors.New("the file exists and is no plan")

// Save writes the plan to a file with mode 0600, in one step. What is there may be
// an older plan, or empty, else it is [ErrNotPlan].
func (p *Plan) Save(path string) error {
	var older struct {
		LiveDigest string `json:"live_digest"`
	}
	if there, err := atomicfile.Read(path, MaxPlanSize); err == nil && len(there) > 0 && (json.Unmarshal(there, &older) != nil || older.LiveDigest == "") {
		return ErrNotPlan
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteMkdir(path, append(data, '\n'))
}

// ParsePlan reads a plan. name stands in messages only.
func ParsePlan(name string, data []byte) (*Plan, error) {
	p := &Plan{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(p); err != nil {
		return nil, fmt.Errorf("%s: %w: it is not one that was saved", name, ErrPlan)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w: there is something behind it", name, ErrPlan)
	}
	switch {
	case p.Version != planVersion:
		return nil, fmt.Errorf("%s: %w: it has version %d, this program knows version %d", name, ErrPlan, p.Version, planVersion)
	case p.OutletID == "" || p.LiveDigest == "" || p.Payload == nil || p.Live == nil:
		return nil, fmt.Errorf("%s: %w: it is incomplete", name, ErrPlan)
	case p.Live.Digest() != p.LiveDigest:
		return nil, fmt.Errorf("%s: %w: its live menu is not the one it was made from", name, ErrPlan)
	}
	return p, nil
}

// MadeFor reports whether the plan is one for a place.
func (p *Plan) MadeFor(place Environment) bool {
	return p.Environment == place.Name && p.API == place.API && p.OAuth == place.OAuth
}

// StaleError is a plan whose live menu has changed since. Nothing was written.
type StaleError struct {
	OutletID string
	MadeAt   time.Time
	Moved    []string // what has changed, in sentences with both values
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("the live menu of %s has changed since the plan was made at %s: %s",
		e.OutletID, e.MadeAt.Format(time.RFC3339), shorten(e.Moved))
}

// shownMoves bounds what a message tells of what has moved.
const shownMoves = 3

func shorten(moved []string) string {
	if len(moved) > shownMoves {
		moved = append(moved[:shownMoves:shownMoves], fmt.Sprintf("and %d more changes", len(moved)-shownMoves))
	}
	return strings.Join(moved, "; ")
}

// Stale returns a [*StaleError] when a live menu is not the plan's.
func (p *Plan) Stale(now *catalog.Live) error {
	if now.Digest() == p.LiveDigest {
		return nil
	}
	moved, err := moves(p.Live, now)
	if err != nil {
		return err
	}
	return &StaleError{OutletID: p.OutletID, MadeAt: p.CreatedAt, Moved: moved}
}

// moves tells what has changed from one live menu to another, in sentences.
func moves(then, now *catalog.Live) ([]string, error) {
	payload, err := asFile(then).Build(catalog.BuildOptions{Stock: catalog.StockFile})
	if err != nil {
		return nil, err
	}
	var moved []string
	for _, c := range catalog.Compare(payload, now, nil).Changes {
		moved = append(moved, sinceThen(c))
	}
	if len(moved) == 0 {
		moved = []string{"something that no comparison shows"}
	}
	return moved, nil
}

// sinceThen tells a difference between the plan's live menu, the To of the
// comparison, and today's.
func sinceThen(c catalog.Change) string {
	switch c.Kind {
	case catalog.Added:
		return subject(c) + " was there and is gone"
	case catalog.Removed:
		return subject(c) + " is new"
	}
	return fmt.Sprintf("%s: %s was %s and is now %s", subject(c), c.Field, value(c.To), value(c.From))
}

func value(v any) string {
	switch v := v.(type) {
	case nil:
		return "not stated"
	case catalog.Price, bool, int:
		return fmt.Sprint(v)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// asFile is a live menu as a file that says everything, also what is in stock.
func asFile(live *catalog.Live) *catalog.File {
	file, _ := live.File(nil)
	stock := live.Stock(nil)
	for i := range file.Menus {
		for j := range file.Menus[i].Items {
			item := &file.Menus[i].Items[j]
			item.InStock = said(stock.Items, item.ExternalID)
		}
	}
	for i := range file.VariantCategories {
		for j := range file.VariantCategories[i].Variants {
			variant := &file.VariantCategories[i].Variants[j]
			variant.InStock = said(stock.Variants, variant.ExternalID)
		}
	}
	return file
}

func said(stock map[string]bool, id string) *bool {
	if inStock, ok := stock[id]; ok {
		return &inStock
	}
	return nil
}
