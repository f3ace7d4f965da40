package sandbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// bbolt maps its file into memory and trusts it: a damaged page makes it panic,
// partly in goroutines of its own, or fault, which ends the process. So a file
// is read with bounds checks before bbolt follows the first page number in it.
// (bbolt's own Tx.Check faults on what it should find.)

var (
	errStateDamaged = errors.New("is damaged; remove it or name another")
	errStateForeign = errors.New("is not a sandbox's state file; name another")
	errStateInUse   = errors.New("is in use by another sandbox; end that one or name another file")
	errStateVersion = errors.New("is of another version of the sandbox; remove it or name another")
)

// stateError says what is wrong with the state file at path.
func stateError(path string, err error) error {
	var onFile *fs.PathError
	switch {
	case errors.Is(err, bbolterrors.ErrTimeout):
		err = errStateInUse
	case errors.As(err, &onFile):
		err = fmt.Errorf("cannot be opened: %w", onFile.Err)
	}
	return fmt.Errorf("state file %s %w", path, err)
}

// stateLockWait is how long a start waits for a sandbox that is closing.
const stateLockWait = time.Second / 2

// checkStateFile reads the whole file at path and gives the checksum of its
// rows. known tells the names of tables. A file that is missing or empty is a
// new one.
func checkStateFile(path string, known func(string) bool) (sum uint64, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	case info.IsDir():
		return 0, errors.New("is a directory; name a file")
	case !info.Mode().IsRegular():
		return 0, errors.New("is not a regular file; name another")
	case info.Size() == 0:
		return 0, nil
	}
	// To open it for reading takes the lock and looks at the meta pages only,
	// which have checksums.
	var file *os.File
	db, err := bbolt.Open(path, 0, &bbolt.Options{
		ReadOnly: true,
		Timeout:  stateLockWait,
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			var err error
			file, err = os.OpenFile(name, flag, mode)
			return file, err
		},
	})
	if err != nil {
		var onFile *fs.PathError
		switch {
		case errors.As(err, &onFile), errors.Is(err, bbolterrors.ErrTimeout):
			return 0, err
		case looksLikeState(path):
			return 0, errStateDamaged
		default:
			return 0, errStateForeign
		}
	}
	defer db.Close()
	if info, err = file.Stat(); err != nil {
		return 0, err
	}
	c := &stateCheck{file: file, known: known, pageSize: int64(db.Info().PageSize), seen: map[uint64]bool{}}
	return c.run(info.Size())
}

// The layout of a bbolt file. Numbers are in the machine's byte order.
const (
	pageHeader    = 16 // id 8, flags 2, count 2, overflow 4
	metaSize      = 64 // magic 4, version 4, page size 4, flags 4, root 8, sequence 8, freelist 8, pages 8, transaction 8, checksum 8
	elementSize   = 16 // leaf: flags 4, position 4, key size 4, value size 4; branch: position 4, key size 4, page 8
	bucketHeader  = 16 // root 8, sequence 8
	branchPage    = 0x01
	leafPage      = 0x02
	freelistPage  = 0x10
	bucketElement = 0x01
	boltMagic     = 0xED0CDAED
	noFreelist    = 0xffffffffffffffff
	firstPage     = 2 // after the two meta pages
)

// looksLikeState reports whether there is a meta page where bbolt would look for
// one.
func looksLikeState(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	for _, page := range []int64{0, 1 << 10, 2 << 10, 4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10} {
		var magic [4]byte
		if _, err := file.ReadAt(magic[:], page+pageHeader); err == nil && binary.NativeEndian.Uint32(magic[:]) == boltMagic {
			return true
		}
	}
	return false
}

// stateCheck walks through the pages of a state file.
type stateCheck struct {
	file     io.ReaderAt
	known    func(table string) bool
	pageSize int64
	pages    uint64          // in use or free; what comes after them has no meaning
	seen     map[uint64]bool // pages that belong to something
	tables   int
	sum      uint64 // of the rows
	recorded []byte // the sum as the file has it
}

func (c *stateCheck) run(size int64) (uint64, error) {
	meta, err := c.meta()
	if err != nil {
		return 0, err
	}
	root, freelist := binary.NativeEndian.Uint64(meta[16:]), binary.NativeEndian.Uint64(meta[32:])
	c.pages = binary.NativeEndian.Uint64(meta[40:])
	if c.pages > uint64(size/c.pageSize) {
		return 0, errStateDamaged
	}
	if _, err := c.tree(root, &keyOrder{}, c.table); err != nil {
		return 0, err
	}
	if err := c.freelist(freelist); err != nil {
		return 0, err
	}
	switch {
	case c.recorded == nil && c.tables > 0:
		return 0, errStateForeign
	case c.recorded != nil && (len(c.recorded) != 8 || binary.BigEndian.Uint64(c.recorded) != c.sum):
		return 0, errStateDamaged
	}
	return c.sum, nil
}

// meta gives the meta page that bbolt uses: the later valid one.
func (c *stateCheck) meta() ([]byte, error) {
	var latest []byte
	for page := range int64(2) {
		meta := make([]byte, metaSize)
		if _, err := c.file.ReadAt(meta, page*c.pageSize+pageHeader); err != nil {
			return nil, err
		}
		sum := fnv.New64a()
		_, _ = sum.Write(meta[:56])
		valid := binary.NativeEndian.Uint32(meta) == boltMagic && binary.NativeEndian.Uint64(meta[56:]) == sum.Sum64()
		if valid && (latest == nil || binary.NativeEndian.Uint64(meta[48:]) > binary.NativeEndian.Uint64(latest[48:])) {
			latest = meta
		}
	}
	if latest == nil || c.pageSize < metaSize+pageHeader {
		return nil, errStateDamaged
	}
	return latest, nil
}

// page reads a page with its overflow. No other may refer to it.
func (c *stateCheck) page(id uint64) ([]byte, error) {
	if id < firstPage || id >= c.pages {
		return nil, errStateDamaged
	}
	header := make([]byte, pageHeader)
	if _, err := c.file.ReadAt(header, int64(id)*c.pageSize); err != nil {
		return nil, err
	}
	last := id + uint64(binary.NativeEndian.Uint32(header[12:]))
	if binary.NativeEndian.Uint64(header) != id || last >= c.pages {
		return nil, errStateDamaged
	}
	for n := id; n <= last; n++ {
		if c.seen[n] {
			return nil, errStateDamaged
		}
		c.seen[n] = true
	}
	page := make([]byte, int64(last-id+1)*c.pageSize)
	_, err := c.file.ReadAt(page, int64(id)*c.pageSize)
	return page, err
}

func pageFlags(page []byte) uint16 { return binary.NativeEndian.Uint16(page[8:]) }

// keyOrder wants the keys of a tree to ascend.
type keyOrder struct{ last []byte }

func (o *keyOrder) next(key []byte) bool {
	if len(key) == 0 || bytes.Compare(o.last, key) >= 0 {
		return false
	}
	o.last = key
	return true
}

// element is an entry of a leaf.
type element struct {
	flags      uint32
	key, value []byte
}

// tree walks through the tree below a page and gives its first key.
func (c *stateCheck) tree(id uint64, order *keyOrder, entry func(element) error) (first []byte, err error) {
	page, err := c.page(id)
	if err != nil {
		return nil, err
	}
	if pageFlags(page) == leafPage {
		return leaf(page, order, entry)
	}
	count := int(binary.NativeEndian.Uint16(page[10:]))
	if pageFlags(page) != branchPage || count == 0 || pageHeader+count*elementSize > len(page) {
		return nil, errStateDamaged
	}
	for i := range count {
		at := page[pageHeader+i*elementSize:]
		key, ok := span(at, binary.NativeEndian.Uint32(at), binary.NativeEndian.Uint32(at[4:]))
		if !ok {
			return nil, errStateDamaged
		}
		below, err := c.tree(binary.NativeEndian.Uint64(at[8:]), order, entry)
		if err != nil {
			return nil, err
		}
		if len(key) == 0 || !bytes.Equal(key, below) { // bbolt finds a child by its first key
			return nil, errStateDamaged
		}
		if i == 0 {
			first = key
		}
	}
	return first, nil
}

// leaf reads a leaf page, which may be part of a value, and gives its first key.
func leaf(page []byte, order *keyOrder, entry func(element) error) (first []byte, err error) {
	count := int(binary.NativeEndian.Uint16(page[10:]))
	if pageHeader+count*elementSize > len(page) {
		return nil, errStateDamaged
	}
	for i := range count {
		at := page[pageHeader+i*elementSize:]
		position, keySize, valueSize := binary.NativeEndian.Uint32(at[4:]), binary.NativeEndian.Uint32(at[8:]), binary.NativeEndian.Uint32(at[12:])
		key, keyFits := span(at, position, keySize)
		both, fits := span(at, position, uint64(keySize)+uint64(valueSize))
		if !keyFits || !fits || !order.next(key) {
			return nil, errStateDamaged
		}
		if i == 0 {
			first = key
		}
		if err := entry(element{flags: binary.NativeEndian.Uint32(at), key: key, value: both[keySize:]}); err != nil {
			return nil, err
		}
	}
	return first, nil
}

// span cuts size bytes out of b, position bytes behind its begin.
func span[S uint32 | uint64](b []byte, position uint32, size S) ([]byte, bool) {
	end := uint64(position) + uint64(size)
	if end > uint64(len(b)) {
		return nil, false
	}
	return b[position:end], true
}

// table walks through a bucket of the root: its rows, in a tree or in the value.
func (c *stateCheck) table(e element) error {
	if e.flags != bucketElement || len(e.value) < bucketHeader {
		return errStateDamaged
	}
	name := string(e.key)
	if name != checksumBucket && !c.known(name) {
		return errStateForeign // another program's, which nobody should remove
	}
	c.tables++
	row := func(e element) error {
		switch {
		case e.flags != 0:
			return errStateDamaged
		case name != checksumBucket:
			c.sum += rowSum(name, e.key, e.value)
		case string(e.key) == checksumKey:
			c.recorded = e.value
		}
		return nil
	}
	if root := binary.NativeEndian.Uint64(e.value); root != 0 {
		_, err := c.tree(root, &keyOrder{}, row)
		return err
	}
	inline := e.value[bucketHeader:] // a page without a number
	if len(inline) < pageHeader || binary.NativeEndian.Uint64(inline) != 0 || pageFlags(inline) != leafPage || binary.NativeEndian.Uint32(inline[12:]) != 0 {
		return errStateDamaged
	}
	_, err := leaf(inline, &keyOrder{}, row)
	return err
}

// freelist reads the list of free pages, which only a file has that no sandbox
// wrote to yet.
func (c *stateCheck) freelist(id uint64) error {
	if id == noFreelist {
		return nil
	}
	page, err := c.page(id)
	if err != nil {
		return err
	}
	ids := page[pageHeader:]
	count := uint64(binary.NativeEndian.Uint16(page[10:]))
	if count == 0xffff { // too many for the header
		count, ids = binary.NativeEndian.Uint64(ids), ids[8:]
	}
	if pageFlags(page) != freelistPage || count > uint64(len(ids)/8) {
		return errStateDamaged
	}
	for i := range count {
		free := binary.NativeEndian.Uint64(ids[i*8:])
		if free < firstPage || free >= c.pages || c.seen[free] {
			return errStateDamaged
		}
		c.seen[free] = true
	}
	return nil
}

// The file holds the sum of all rows' hashes, which changes with each
// transaction: it shows damage inside rows, and rows that got lost.
const (
	checksumBucket = "checksum"
	checksumKey    = "rows"
)

// rowSum is one row's part of the sum.
func rowSum(table string, id, value []byte) uint64 {
	h := fnv.New64a()
	for _, part := range [][]byte{[]byte(table), {0}, id, {0}, value} {
		_, _ = h.Write(part)
	}
	return h.Sum64()
}
