// Package credentials keeps the secrets of a profile at rest: client secret, relay secret
// and tokens, in the operating system's keyring, in a file encrypted with a
// passphrase, or in memory. It never writes them in plain text.
package credentials

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Store keeps one Record a profile. Its methods may be called from several goroutines.
// Replacing a record is atomic: a reader sees the old one or the new one.
// Load and Save together are not; who changes a record holds a lock of their own.
type Store interface {
	// Name is "keyring", "file" or "memory".
	Name() string
	// Load returns ErrNotFound when the profile has no record.
	Load(ctx context.Context, profile string) (Record, error)
	// Save replaces the profile's record.
	Save(ctx context.Context, profile string, record Record) error
	// Delete forgets the profile's record. No record is no error.
	Delete(ctx context.Context, profile string) error
}

// The names of the stores.
const (
	KindKeyring = "keyring"
	KindFile    = "file"
	KindMemory  = "memory"
)

// Kinds lists the stores that a user may choose.
func Kinds() []string { return []string{KindKeyring, KindFile} }

// Errors to compare with errors.Is.
var (
	// ErrNotFound says that a profile has no record.
	ErrNotFound = errors.New("no stored credentials")
	// ErrUnavailable says that a store cannot be used on this machine or did not answer.
	ErrUnavailable = errors.New("credential store not available")
	// ErrPassphrase says that the passphrase is missing or does not open the file.
	ErrPassphrase = errors.New("passphrase rejected")
	// ErrDamaged says that a record is there and cannot be read.
	ErrDamaged = errors.New("stored credentials are damaged")
)

// Options are what a store of either kind needs.
type Options struct {
	// Dir is the folder of the encrypted file. It is created with mode 0700.
	Dir string
	// Passphrase is asked for the passphrase of the encrypted file, once a process. isNew says that
	// there is no file yet, so that a prompt can ask twice. Nil means that there is none.
	Passphrase func(ctx context.Context, isNew bool) (Secret, error)
}

// Open returns the store of a kind: KindKeyring or KindFile. It does no I/O.
func Open(kind string, opts Options) (Store, error) {
	switch kind {
	case KindKeyring, "":
		return NewKeyring(), nil
	case KindFile:
		return NewFile(opts.Dir, opts.Passphrase), nil
	}
	return nil, &Error{
		Kind: ErrUnavailable, Store: kind, Reason: fmt.Sprintf("there is no store named %q", kind),
	}
}

// Error is a store that failed. Its text holds no secret.
type Error struct {
	// Kind is one of this package's Err values.
	Kind error
	// Store is the name of the store.
	Store string
	// Reason says why, in words for the user.
	Reason string
	// Path is the encrypted file, unless no passphrase was given for it. Empty for the keyring.
	Path string
	// Err is the cause, if there is one.
	Err error
}

func (e *Error) Error() string {
	subject := e.Store
	if !slices.Contains(Kinds(), e.Store) {
		subject = "credential store"
	}
	switch {
	case errors.Is(e.Kind, ErrUnavailable):
		return fmt.Sprintf("%s not available: %s", subject, e.Reason)
	case errors.Is(e.Kind, ErrPassphrase):
		return "credential file not opened: " + e.Reason
	case errors.Is(e.Kind, ErrDamaged):
		return fmt.Sprintf("credentials in the %s are damaged: %s", subject, e.Reason)
	}
	return fmt.Sprintf("%s: %s", subject, e.Reason)
}

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
