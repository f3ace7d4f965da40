package rollout

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// Snapshots keeps the menus that pushes have replaced, one file for each, in
// folders by environment and outlet. It holds no tokens and nothing of orders.
type Snapshots struct {
	Dir         string // made with mode 0700 at the first Save
	Environment Environment
}

// A Snapshot is a live menu as it was right before a write.
type Snapshot struct {
	ID       string    `json:"id"` // in the order of time
	OutletID string    `json:"outlet_id"`
	TakenAt  time.Time `json:"taken_at"`
	Reason   string    `json:"reason"` // what was about to write: push, rollback
	Digest   string    `json:"digest"` // of the menu
	Items    int       `json:"items"`
	Path     string    `json:"path"`
	// RequestID and PayloadDigest are those of the write that was about to come.
	RequestID     string `json:"-"`
	PayloadDigest string `json:"-"`
}

// snapshotFile is a snapshot on the disk. Catalog is its last member: the menu
// as GET …/v2/catalog answers, or [headOnly].
type snapshotFile[C any] struct {
	Version     int    `json:"version"`
	Environment string `json:"environment"`
	Snapshot
	Path          string `json:"path,omitzero"` // is not in it
	RequestID     string `json:"request_id"`
	PayloadDigest string `json:"payload_digest"`
	Catalog       C      `json:"catalog"`
}

// headOnly ends the reading of a snapshot where its menu begins.
type headOnly struct{}

var errHeadOnly = errors.New("the menu is not read")

func (*headOnly) UnmarshalJSONFrom(*jsontext.Decoder) error { return errHeadOnly }

const (
	snapshotVersion = 1
	maxSnapshot     = 256 << 20 // bytes; an answer that is read has less
)

// Errors of snapshots.
var (
	ErrNoSnapshot      = errors.New("there is no such snapshot")
	ErrSnapshotDamaged = errors.New("the snapshot is damaged")
)

// Save writes a snapshot. When it returns without an error the menu is on the
// disk. s has the outlet, the reason and the time; Save fills in the rest.
func (store Snapshots) Save(live *catalog.Live, s *Snapshot) error {
	s.Digest, s.Items, s.TakenAt = live.Digest(), live.Items(), s.TakenAt.UTC()
	folder := store.folder(s.OutletID)
	ids, _, err := snapshotIDs(folder)
	if err != nil {
		return err
	}
	s.ID = snapshotID(s.TakenAt, s.Digest)
	// A clock that was set back does not change the order.
	if n := len(ids); n > 0 && s.ID <= ids[n-1] {
		s.ID = snapshotID(snapshotTakenAt(ids[n-1]).Add(time.Millisecond), s.Digest)
	}
	s.Path = filepath.Join(folder, s.ID+snapshotSuffix)
	return writeMenu(s.Path, snapshotFile[headOnly]{
		Version: snapshotVersion, Environment: store.Environment.Name, Snapshot: *s, RequestID: s.RequestID, PayloadDigest: s.PayloadDigest,
	}, live)
}

// menuTexts are buffers for texts with a menu: each push writes two.
var menuTexts = sync.Pool{New: func() any { return new([]byte) }}

// writeMenu writes the JSON of head, whose last member is a [headOnly], with a menu
// in its place.
func writeMenu(path string, head any, menu *catalog.Live) error {
	data, err := json.Marshal(head)
	if err != nil {
		return err
	}
	text := menuTexts.Get().(*[]byte)
	defer menuTexts.Put(text)
	*text = menu.AppendJSON(append((*text)[:0], data[:len(data)-len("{}}")]...))
	*text = append(*text, '}')
	return atomicfile.WriteMkdir(path, *text)
}

const (
	snapshotTime   = "20060102T150405.000Z"
	snapshotSuffix = ".json"
)

// snapshotID is the time and the beginning of the digest.
func snapshotID(at time.Time, digest string) string {
	_, sum, _ := strings.Cut(digest, ":")
	return at.UTC().Format(snapshotTime) + "-" + sum[:min(8, len(sum))]
}

// folder is that of an outlet. What was kept by the environment's name alone comes
// along, where that name told the place.
func (store Snapshots) folder(outletID string) string {
	place := filepath.Join(store.Dir, store.Environment.folder())
	if old := store.Environment.oldFolder(); old != "" {
		if _, err := os.Lstat(place); errors.Is(err, fs.ErrNotExist) {
			_ = os.Rename(filepath.Join(store.Dir, old), place)
		}
	}
	return filepath.Join(place, safeName(outletID))
}

// snapshotTakenAt is the time of an id; zero for what is none.
func snapshotTakenAt(id string) time.Time {
	if at, sum, ok := strings.Cut(id, "-"); ok && sum != "" && strings.Trim(sum, "0123456789abcdef") == "" {
		if taken, err := time.Parse(snapshotTime, at); err == nil {
			return taken
		}
	}
	return time.Time{}
}

// snapshotIDs are those of a folder, oldest first; none when it is not there.
// foreign are other JSON files, copies perhaps.
func snapshotIDs(folder string) (ids, foreign []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	for _, entry := range entries {
		switch id, ok := strings.CutSuffix(entry.Name(), snapshotSuffix); {
		case !ok || strings.HasPrefix(id, "."):
		case snapshotTakenAt(id).IsZero():
			foreign = append(foreign, filepath.Join(folder, entry.Name()))
		default:
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, foreign, nil
}

// List returns the snapshots of an outlet, newest first. A file that cannot be
// read is among them by its id and path alone.
func (store Snapshots) List(outletID string) ([]Snapshot, error) {
	folder := store.folder(outletID)
	ids, _, err := snapshotIDs(folder)
	if err != nil {
		return nil, err
	}
	slices.Reverse(ids)
	list := []Snapshot{}
	for _, id := range ids {
		path := filepath.Join(folder, id+snapshotSuffix)
		s, err := readSnapshotHead(path)
		if err != nil {
			s = Snapshot{ID: id, OutletID: outletID, Path: path, TakenAt: snapshotTakenAt(id)}
		}
		list = append(list, s)
	}
	return list, nil
}

// Foreign returns the paths of what lies among the snapshots of an outlet and looks
// like one, but has another name. Nothing else here looks at it.
func (store Snapshots) Foreign(outletID string) ([]string, error) {
	_, foreign, err := snapshotIDs(store.folder(outletID))
	return foreign, err
}

// readSnapshotHead reads a file up to the menu.
func readSnapshotHead(path string) (Snapshot, error) {
	file, err := atomicfile.Open(path)
	if err != nil {
		return Snapshot{}, err
	}
	defer file.Close()
	var head snapshotFile[headOnly]
	if err := json.UnmarshalRead(file, &head); !errors.Is(err, errHeadOnly) {
		return Snapshot{}, cmp.Or(err, ErrSnapshotDamaged)
	}
	return head.snapshot(path), nil
}

func (f *snapshotFile[C]) snapshot(path string) Snapshot {
	s := f.Snapshot
	s.Path, s.RequestID, s.PayloadDigest = path, f.RequestID, f.PayloadDigest
	return s
}

// Load reads a snapshot of an outlet; an empty id is the newest one.
func (store Snapshots) Load(outletID, id string) (Snapshot, *catalog.Live, error) {
	ids, _, err := snapshotIDs(store.folder(outletID))
	switch {
	case err != nil:
		return Snapshot{}, nil, err
	case len(ids) == 0:
		return Snapshot{}, nil, fmt.Errorf("outlet %s: %w: no push has replaced its menu from this machine", outletID, ErrNoSnapshot)
	case id == "":
		id = ids[len(ids)-1]
	case !slices.Contains(ids, id):
		return Snapshot{}, nil, fmt.Errorf("outlet %s, snapshot %s: %w", outletID, id, ErrNoSnapshot)
	}
	path := filepath.Join(store.folder(outletID), id+snapshotSuffix)
	data, err := atomicfile.Read(path, maxSnapshot)
	if err != nil {
		return Snapshot{}, nil, err
	}
	damaged := func(why string) (Snapshot, *catalog.Live, error) {
		return Snapshot{}, nil, fmt.Errorf("%w: %s: %s", ErrSnapshotDamaged, path, why)
	}
	var file snapshotFile[jsontext.Value]
	if err := json.Unmarshal(data, &file); err != nil {
		return damaged("it is not JSON")
	}
	if file.Version != snapshotVersion {
		return damaged(fmt.Sprintf("it has version %d, this program knows version %d", file.Version, snapshotVersion))
	}
	live, err := catalog.FromLive(file.Catalog)
	if err != nil {
		return damaged("it holds no catalog")
	}
	if file.OutletID != outletID || live.Digest() != file.Digest {
		return damaged("its content is not what was written")
	}
	return file.snapshot(path), live, nil
}
