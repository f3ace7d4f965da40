package rollout

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// DefaultShowLimit is how long a menu that was accepted may take to show. GoBiz
// needs minutes (developer documentation, "Sync menu").
const DefaultShowLimit = 15 * time.Minute

// An UnseenWrite is a write that has not been seen live yet.
type UnseenWrite struct {
	WriteRecord // Time is when it began; Result is WritePushed or WriteUnknown

	before  []seenMenu // what may show until it does, oldest first
	after   seenMenu   // its menu
	payload *catalog.Payload
	path    string // of the file that payload is read from, when it is needed
}

// load reads the payload, and reports whether there is one.
func (u *UnseenWrite) load() bool {
	if u.payload != nil {
		return true
	}
	var file openWrite[jsontext.Value]
	data, err := atomicfile.Read(u.path, maxOpenWrite)
	if err != nil || json.Unmarshal(data, &file) != nil {
		return false
	}
	menu, err := catalog.FromLive(file.Menu)
	if err != nil {
		return false
	}
	u.payload, err = asFile(menu).Build(catalog.BuildOptions{Stock: catalog.StockFile})
	return err == nil
}

// A seenMenu is a menu that showed, or will, before a write does.
type seenMenu struct {
	Digest  string   `json:"digest"`   // without stock
	SoldOut []string `json:"sold_out"` // then: items and variants, as soldOut names them
}

func seen(live *catalog.Live) seenMenu {
	return seenMenu{Digest: live.DigestWithoutStock(), SoldOut: soldOut(live)}
}

func (m seenMenu) is(other seenMenu) bool {
	return m.Digest == other.Digest && slices.Equal(m.SoldOut, other.SoldOut)
}

// The kinds in the names that soldOut makes of external ids.
const (
	itemName    = "item "
	variantName = "variant "
)

func soldOut(live *catalog.Live) []string {
	names := []string{}
	stock := live.Stock(nil)
	for kind, of := range map[string]map[string]bool{itemName: stock.Items, variantName: stock.Variants} {
		for id, inStock := range of {
			if !inStock {
				names = append(names, kind+id)
			}
		}
	}
	slices.Sort(names)
	return names
}

// index is the place among those before it of the menu that shows, -1 when it is
// none of them. Where several are alike the first counts: the others may yet come.
func (u *UnseenWrite) index(now seenMenu) int {
	return slices.IndexFunc(u.before, func(b seenMenu) bool { return b.Digest == now.Digest })
}

// shows reports whether the outlet shows the menu. Stock may have moved since,
// unless stock is all that it was about to change. What GoBiz writes in another way
// than it was pushed is found by comparing, which needs the payload.
func (u *UnseenWrite) shows(live *catalog.Live, now seenMenu) bool {
	if u.after.Digest == now.Digest {
		return u.after.is(now) || u.index(now) < 0
	}
	if !u.load() {
		return false
	}
	diff := catalog.Compare(u.payload, live, nil)
	return diff.Empty() || u.index(now) < 0 &&
		!slices.ContainsFunc(diff.Changes, func(c catalog.Change) bool { return c.Field != "in_stock" })
}

// landed reports whether the menu, which shows, has come live. Where one before it
// looks the same, as with an undo, that cannot be told; unless stock is all that
// was changed.
func (u *UnseenWrite) landed(now seenMenu) bool {
	return u.index(now) < 0 || !slices.ContainsFunc(u.before, func(b seenMenu) bool { return b.Digest != now.Digest || b.is(now) })
}

// menu is what the outlet will have when the write shows, with what was sold out
// or came back since it began: before is what showed then.
func (u *UnseenWrite) menu(before, now seenMenu) *catalog.Live {
	menu := u.payload.Live()
	for _, m := range menu.Menus {
		for i := range m.Items {
			moveStock(m.Items[i].InStock, itemName+m.Items[i].ExternalID, before.SoldOut, now.SoldOut)
		}
	}
	for _, c := range menu.VariantCategories {
		for i := range c.Variants {
			moveStock(c.Variants[i].InStock, variantName+c.Variants[i].ExternalID, before.SoldOut, now.SoldOut)
		}
	}
	return menu
}

func moveStock(inStock *bool, name string, then, now []string) {
	_, was := slices.BinarySearch(then, name)
	if _, is := slices.BinarySearch(now, name); is != was {
		*inStock = !is
	}
}

// openWrites are the writes to an outlet whose menus have not been seen live.
// Each is a file, from before it begins. Only who holds the outlet's lock changes
// them.
type openWrites struct {
	folder string
	log    WriteLog
}

// The ends of a file's name tell how far a write has come.
const (
	begun      = ".json"       // it is not in the log: it goes on, or its process was killed
	accepted   = ".accepted"   // it is in the log
	unanswered = ".unanswered" // it is in the log, and may have been accepted
)

func (w openWrites) path(requestID, end string) string {
	return filepath.Join(w.folder, safeName(requestID)+end)
}

const maxOpenWrite = 2 * MaxBody // bytes

// openWrite is the content of a file. Menu is its last member: the payload in the
// shape of a live menu, or [headOnly].
type openWrite[C any] struct {
	Record WriteRecord `json:"record"`
	Before []seenMenu  `json:"before"`
	After  seenMenu    `json:"after"`
	Menu   C           `json:"menu"`
}

// begin writes down that a write begins.
func (w openWrites) begin(write openWrite[headOnly], menu *catalog.Live) error {
	write.Record.Result = WriteUnknown
	return writeMenu(w.path(write.Record.RequestID, begun), write, menu)
}

// end says that a write is in the log. One that may be seen live takes the place
// of those before it. When that is forgotten the log knows it.
func (w openWrites) end(requestID string, result WriteResult, seen bool) {
	from, to := w.path(requestID, begun), w.path(requestID, accepted)
	if result == WriteFailed || !seen {
		_ = os.Remove(from)
		return
	}
	if result == WriteUnknown {
		to = w.path(requestID, unanswered)
	}
	if os.Rename(from, to) == nil {
		names, _ := w.names()
		for _, name := range names {
			if name != filepath.Base(to) && filepath.Ext(name) != begun {
				_ = os.Remove(filepath.Join(w.folder, name))
			}
		}
	}
}

// names are the files, and no others that stand there.
func (w openWrites) names() ([]string, error) {
	files, err := os.ReadDir(w.folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, file := range files {
		if end := filepath.Ext(file.Name()); (end == begun || end == accepted || end == unanswered) && !strings.HasPrefix(file.Name(), ".") {
			names = append(names, file.Name())
		}
	}
	return names, nil
}

// note adds to the log the writes whose processes were killed.
func (w openWrites) note(now time.Time) error {
	names, err := w.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if filepath.Ext(name) != begun {
			continue
		}
		write, err := w.read(name)
		if err != nil {
			return err
		}
		if write == nil { // cut off, so that nothing was sent
			if err := os.Remove(filepath.Join(w.folder, name)); err != nil {
				return err
			}
			continue
		}
		result, known, err := w.log.Result(write.Record.RequestID)
		if err != nil {
			return err
		}
		if !known {
			write.Record.Time, result = now, write.Record.Result
			if err := w.log.add(write.Record, true); err != nil {
				return err
			}
		}
		w.end(write.Record.RequestID, result, len(write.Before) > 0)
	}
	return nil
}

// read reads a file, without its menu; nil when it is no write, or gone.
func (w openWrites) read(name string) (*openWrite[headOnly], error) {
	file, err := atomicfile.Open(filepath.Join(w.folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	write := &openWrite[headOnly]{}
	if err := json.UnmarshalRead(file, write); !errors.Is(err, errHeadOnly) || write.Record.RequestID == "" {
		return nil, nil
	}
	return write, nil
}

// newest is the last write that has not been seen live; nil when there is none.
func (w openWrites) newest() (*UnseenWrite, error) {
	names, err := w.names()
	if err != nil {
		return nil, err
	}
	var newest *UnseenWrite
	for _, name := range names {
		write, err := w.read(name)
		if err != nil {
			return nil, err
		}
		if write == nil {
			continue
		}
		unseen := &UnseenWrite{WriteRecord: write.Record, before: write.Before, after: write.After, path: filepath.Join(w.folder, name)}
		if filepath.Ext(name) == accepted {
			unseen.Result = WritePushed
		}
		if newest == nil || unseen.Time.After(newest.Time) || filepath.Ext(name) == begun {
			newest = unseen
		}
	}
	return newest, nil
}

// other is the request id of another write that was accepted and is not live yet;
// with maybe also of one that has no answer.
func (w openWrites) other(requestID string, maybe bool) (string, error) {
	names, err := w.names()
	for _, name := range names {
		end := filepath.Ext(name)
		if other := strings.TrimSuffix(name, end); other != safeName(requestID) && (end == accepted || maybe) {
			return other, err
		}
	}
	return "", err
}

// forget ends a write that was seen live, or never will be.
func (w openWrites) forget(u *UnseenWrite) {
	_ = os.Remove(w.path(u.RequestID, accepted))
	_ = os.Remove(w.path(u.RequestID, unanswered))
}
