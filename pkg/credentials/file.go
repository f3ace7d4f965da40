package credentials

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/internal/filelock"
)

// FileName is the encrypted file in the folder of a File store.
const FileName = "credentials.json"

// File keeps all records in one file: argon2id makes a key of the passphrase,
// secretbox encrypts. The file has mode 0600 in a folder of mode 0700 and is replaced
// by rename. The key is derived once a process, since that takes about 50 ms.
type File struct {
	dir        string
	passphrase func(ctx context.Context, isNew bool) (Secret, error)
	// write is atomicfile.Write, but for a test that dies there.
	write func(path string, data []byte) error

	mu    sync.Mutex
	asked *Secret
	// key belongs to kdf; another process may have made a new file with a new salt.
	key *[32]byte
	kdf keyDerivation
}

// NewFile returns the store of a folder. It does no I/O.
func NewFile(dir string, passphrase func(ctx context.Context, isNew bool) (Secret, error)) *File {
	return &File{dir: dir, passphrase: passphrase, write: atomicfile.Write}
}

// keyDerivation is argon2id with its cost. It stands in the file, so that the cost can rise later.
type keyDerivation struct {
	Name      string `json:"name"`
	Time      uint32 `json:"time"`
	MemoryKiB uint32 `json:"memory_kib"`
	Threads   uint8  `json:"threads"`
	Salt      string `json:"salt"` // in base64
}

// salt is nil when it is not in base64.
func (k keyDerivation) salt() []byte {
	salt, err := base64.StdEncoding.DecodeString(k.Salt)
	if err != nil {
		return nil
	}
	return salt
}

// sealedFile is the file as it lies on the disk.
type sealedFile struct {
	Format string        `json:"format"`
	KDF    keyDerivation `json:"kdf"`
	Nonce  []byte        `json:"nonce"`
	Box    []byte        `json:"box"`
}

const fileFormat = "gobiz-credentials-1"

// The cost of new files: OWASP's recommendation of memory (46 MiB, one pass) with room.
const (
	argonTime      = 1
	argonMemoryKiB = 64 * 1024
	argonThreads   = 4
)

// A damaged or planted header must not take all memory or run for minutes: what
// is allowed took 0.5 to 1.5 s on two cores. maxArgonWork is passes times KiB.
// argon2id takes 8 KiB for each thread at least, whatever the header says (RFC 9106,
// section 3.1), and each pass has a cost of its own.
const (
	maxArgonMemoryKiB = 256 * 1024
	maxArgonWork      = 1024 * 1024
	maxArgonTime      = 1024
	maxFileBytes      = 16 << 20
)

// lockWait is longer than a process holds the lock that nothing delays: it derives
// a key and writes.
const lockWait = 30 * time.Second

// Name is "file".
func (f *File) Name() string { return KindFile }

// Path is the encrypted file.
func (f *File) Path() string { return filepath.Join(f.dir, FileName) }

// Load returns the profile's record. Errors are ErrNotFound, or an *Error.
func (f *File) Load(ctx context.Context, profile string) (Record, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	records, _, err := f.read(ctx)
	if err != nil {
		return Record{}, err
	}
	data, ok := records[profile]
	if !ok {
		return Record{}, ErrNotFound
	}
	r, err := decodeRecord(data)
	if err != nil {
		return Record{}, f.damaged(err)
	}
	return r, nil
}

// Save replaces the profile's record.
func (f *File) Save(ctx context.Context, profile string, record Record) error {
	data, err := record.encode()
	if err != nil {
		return err
	}
	return f.update(ctx, func(records map[string]json.RawMessage) bool {
		records[profile] = data
		return true
	})
}

// Delete forgets the profile's record, and the file with the last one.
func (f *File) Delete(ctx context.Context, profile string) error {
	if _, err := os.Stat(f.Path()); errors.Is(err, fs.ErrNotExist) {
		// No record, so no reason to ask for a passphrase.
		if len(atomicfile.Leftovers(f.Path())) == 0 {
			return nil
		}
		unlock, err := f.lock(ctx)
		if err == nil {
			unlock()
		}
		return err
	}
	return f.update(ctx, func(records map[string]json.RawMessage) bool {
		_, ok := records[profile]
		delete(records, profile)
		return ok
	})
}

// update reads, changes and replaces the file under a lock: two processes that log in two
// profiles must not lose one.
func (f *File) update(ctx context.Context, change func(map[string]json.RawMessage) bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := atomicfile.MkdirAll(f.dir); err != nil {
		return f.failed(err)
	}
	// The passphrase may come from a prompt. Nobody else waits for that.
	if _, err := f.ask(ctx); err != nil {
		return err
	}
	unlock, err := f.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()

	records, kdf, err := f.read(ctx)
	switch {
	case errors.Is(err, ErrNotFound):
		records = map[string]json.RawMessage{}
	case err != nil:
		return err
	}
	if !change(records) {
		return nil
	}
	if len(records) == 0 {
		if err := os.Remove(f.Path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return f.failed(err)
		}
		return nil
	}
	return f.seal(ctx, records, kdf)
}

// read decrypts the file. ErrNotFound means that there is none.
func (f *File) read(ctx context.Context) (map[string]json.RawMessage, keyDerivation, error) {
	var kdf keyDerivation
	data, err := atomicfile.Read(f.Path(), maxFileBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, kdf, ErrNotFound
	case errors.Is(err, atomicfile.ErrTooLarge):
		return nil, kdf, f.damaged(err)
	case err != nil:
		return nil, kdf, f.failed(err)
	}
	var sealed sealedFile
	if err := json.Unmarshal(data, &sealed); err != nil || sealed.Format != fileFormat || len(sealed.Nonce) != 24 {
		return nil, kdf, f.damaged(errors.New("it is not a credential file of this version"))
	}
	kdf = sealed.KDF
	if kdf.Name != "argon2id" || kdf.Time < 1 || kdf.Threads < 1 || kdf.MemoryKiB < 8*uint32(kdf.Threads) || len(kdf.salt()) < 8 {
		return nil, kdf, f.damaged(errors.New("its header asks for an unknown key derivation"))
	}
	if kdf.Time > maxArgonTime || kdf.MemoryKiB > maxArgonMemoryKiB || uint64(kdf.Time)*uint64(kdf.MemoryKiB) > maxArgonWork {
		return nil, kdf, f.damaged(errors.New("its header asks for a key derivation that takes too long"))
	}
	key, err := f.keyFor(ctx, kdf)
	if err != nil {
		return nil, kdf, err
	}
	plain, ok := secretbox.Open(nil, sealed.Box, (*[24]byte)(sealed.Nonce), key)
	if !ok {
		f.key, f.asked = nil, nil // another try may ask again
		return nil, kdf, &Error{Kind: ErrPassphrase, Store: KindFile, Reason: "the passphrase is wrong, or the file was changed", Path: f.Path()}
	}
	var records map[string]json.RawMessage
	if err := json.Unmarshal(plain, &records); err != nil || records == nil {
		return nil, kdf, f.damaged(errors.New("its content is not readable"))
	}
	return records, kdf, nil
}

// seal encrypts the records and replaces the file. The caller holds the lock.
func (f *File) seal(ctx context.Context, records map[string]json.RawMessage, kdf keyDerivation) error {
	if kdf.Salt == "" {
		salt := make([]byte, 16)
		_, _ = rand.Read(salt) // never fails
		kdf = keyDerivation{"argon2id", argonTime, argonMemoryKiB, argonThreads, base64.StdEncoding.EncodeToString(salt)}
	}
	key, err := f.keyFor(ctx, kdf)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(records)
	if err != nil {
		return err
	}
	var nonce [24]byte
	_, _ = rand.Read(nonce[:])
	data, err := json.Marshal(sealedFile{Format: fileFormat, KDF: kdf, Nonce: nonce[:], Box: secretbox.Seal(nil, plain, &nonce, key)})
	if err != nil {
		return err
	}
	if info, err := os.Stat(f.Path()); err == nil {
		_ = os.Chmod(f.Path(), info.Mode().Perm()&0o600) // a file that was copied here may be open to others, and the new one keeps its mode
	}
	if err := f.write(f.Path(), append(data, '\n')); err != nil {
		return f.failed(err)
	}
	return nil
}

func (f *File) keyFor(ctx context.Context, kdf keyDerivation) (*[32]byte, error) {
	if f.key != nil && f.kdf == kdf {
		return f.key, nil
	}
	passphrase, err := f.ask(ctx)
	if err != nil {
		return nil, err
	}
	key := argon2.IDKey([]byte(passphrase.value), kdf.salt(), kdf.Time, kdf.MemoryKiB, kdf.Threads, 32)
	f.key, f.kdf = (*[32]byte)(key), kdf
	return f.key, nil
}

// ask gets the passphrase once a process.
func (f *File) ask(ctx context.Context) (Secret, error) {
	if f.asked != nil {
		return *f.asked, nil
	}
	missing := &Error{Kind: ErrPassphrase, Store: KindFile, Reason: "no passphrase"}
	if f.passphrase == nil {
		return Secret{}, missing
	}
	_, err := os.Stat(f.Path())
	passphrase, err := f.passphrase(ctx, errors.Is(err, fs.ErrNotExist))
	if err != nil {
		return Secret{}, err
	}
	if passphrase.IsZero() {
		return Secret{}, missing
	}
	f.asked = &passphrase
	return passphrase, nil
}

func (f *File) failed(err error) error {
	return &Error{Kind: ErrUnavailable, Store: KindFile, Reason: err.Error(), Path: f.Path(), Err: err}
}

func (f *File) damaged(err error) error {
	return &Error{Kind: ErrDamaged, Store: KindFile, Reason: err.Error(), Path: f.Path(), Err: err}
}

// lock keeps other processes from writing, and clears what dead ones left.
func (f *File) lock(ctx context.Context) (unlock func(), err error) {
	unlock, err = filelock.Take(ctx, f.Path()+".lock", lockWait)
	var failed *filelock.Error
	if errors.As(err, &failed) {
		return nil, f.failed(err)
	}
	if err != nil {
		return nil, err
	}
	for _, path := range atomicfile.Leftovers(f.Path()) {
		_ = os.Remove(path)
	}
	return unlock, nil
}
