package credentials

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/gobiz-cli/gobiz/internal/cleantext"
)

// keyringService is the name under which the system shows the entries.
const keyringService = "gobiz"

// keyringBound limits every operation of the store. The library has no context, and a bus that
// accepts and never answers, or a prompt that nobody sees, would hang for ever.
const keyringBound = 3 * time.Second

// chunkSize fits the smallest platform: Windows takes 2,560 bytes, macOS 4,096 for the whole command with
// the value in base64.
const chunkSize = 2000

// Keyring keeps records in the operating system's keyring. A record that is too large
// for the platform lies in several entries: the head under the profile's name says
// how many, and switching the head is what replaces a record.
//
// Each operation ends within three seconds. The first one that gets no answer makes the keyring unavailable
// for the rest of the process, for all its stores: waiting again would add up.
type Keyring struct {
	backend backend
	bound   time.Duration
	line    *line
}

// line is the way to one keyring.
type line struct {
	// serial keeps a slow write and a later one from changing places.
	serial chan struct{}
	mu     sync.Mutex
	dead   error
}

func newLine() *line { return &line{serial: make(chan struct{}, 1)} }

// systemLine is shared, since the library has one connection a process too.
var systemLine = newLine()

// backend is the part of the keyring library that is used.
type backend interface {
	Get(service, user string) (string, error)
	Set(service, user, password string) error
	Delete(service, user string) error
}

type systemKeyring struct{}

func (systemKeyring) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (systemKeyring) Set(service, user, password string) error {
	return keyring.Set(service, user, password)
}
func (systemKeyring) Delete(service, user string) error { return keyring.Delete(service, user) }

// NewKeyring returns the store. It does no I/O.
func NewKeyring() *Keyring { return newKeyring(systemKeyring{}, keyringBound, systemLine) }

func newKeyring(b backend, bound time.Duration, l *line) *Keyring {
	return &Keyring{backend: b, bound: bound, line: l}
}

// errNoAnswer is the cause of a context that ended with the bound.
var errNoAnswer = errors.New("no answer from the keyring")

// within bounds one operation with all its calls.
func (k *Keyring) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, k.bound, errNoAnswer)
}

// Name is "keyring".
func (k *Keyring) Name() string { return KindKeyring }

// Probe asks the keyring for an entry that does not exist. It fails with an *Error of kind ErrUnavailable, within
// three seconds. Login calls it before it asks the user for anything.
func (k *Keyring) Probe(ctx context.Context) error {
	ctx, cancel := k.within(ctx)
	defer cancel()
	_, err := k.get(ctx, "gobiz-probe")
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

const (
	inlinePrefix = "gobiz1:"  // the record itself follows
	headPrefix   = "gobiz1+:" // GENERATION:COUNT follows
)

func chunkUser(profile, generation string, i int) string {
	return fmt.Sprintf("%s#%s.%d", profile, generation, i)
}

// head is what the entry under the profile's name says.
type head struct {
	inline     string
	generation string
	chunks     int
}

func parseHead(value string) (head, error) {
	if rest, ok := strings.CutPrefix(value, inlinePrefix); ok {
		return head{inline: rest}, nil
	}
	if rest, ok := strings.CutPrefix(value, headPrefix); ok {
		generation, count, _ := strings.Cut(rest, ":")
		n, err := strconv.Atoi(count)
		if err == nil && n > 0 && n <= 1000 && generation != "" {
			return head{generation: generation, chunks: n}, nil
		}
	}
	return head{}, errors.New("the entry was not written by this version of gobiz")
}

// Load returns the profile's record. Errors are ErrNotFound, or an *Error.
func (k *Keyring) Load(ctx context.Context, profile string) (Record, error) {
	ctx, cancel := k.within(ctx)
	defer cancel()
	// Another process may replace the record between the head and its parts. Then the head has changed.
	var lastHead string
	for {
		value, err := k.get(ctx, profile)
		if err != nil {
			return Record{}, err
		}
		h, err := parseHead(value)
		if err != nil {
			return Record{}, damagedEntry(err)
		}
		data, err := k.parts(ctx, profile, h)
		if errors.Is(err, ErrNotFound) {
			if value != lastHead {
				lastHead = value
				continue
			}
			return Record{}, damagedEntry(errors.New("a part of the entry is missing"))
		}
		if err != nil {
			return Record{}, err
		}
		r, err := decodeRecord([]byte(data))
		if err != nil {
			return Record{}, damagedEntry(err)
		}
		return r, nil
	}
}

func (k *Keyring) parts(ctx context.Context, profile string, h head) (string, error) {
	var b strings.Builder
	b.WriteString(h.inline)
	for i := range h.chunks {
		part, err := k.get(ctx, chunkUser(profile, h.generation, i))
		if err != nil {
			return "", err
		}
		b.WriteString(part)
	}
	return b.String(), nil
}

// Save replaces the profile's record: new parts first, then the head, then the old parts go.
func (k *Keyring) Save(ctx context.Context, profile string, record Record) error {
	data, err := record.encode()
	if err != nil {
		return err
	}
	ctx, cancel := k.within(ctx)
	defer cancel()
	var old head
	switch value, err := k.get(ctx, profile); {
	case err == nil:
		old, _ = parseHead(value) // a damaged entry is replaced
	case !errors.Is(err, ErrNotFound):
		return err
	}
	value := inlinePrefix + string(data)
	if len(value) > chunkSize {
		generation := rand.Text()[:10]
		chunks := 0
		for ; len(data) > 0; chunks++ {
			n := min(len(data), chunkSize)
			if err := k.set(ctx, chunkUser(profile, generation, chunks), string(data[:n])); err != nil {
				k.remove(ctx, profile, head{generation: generation, chunks: chunks})
				return err
			}
			data = data[n:]
		}
		value = headPrefix + generation + ":" + strconv.Itoa(chunks)
	}
	if err := k.set(ctx, profile, value); err != nil {
		if h, bad := parseHead(value); bad == nil {
			k.remove(ctx, profile, h)
		}
		return err
	}
	k.remove(ctx, profile, old)
	return nil
}

// Delete removes the parts of the record and then its head, so that a deletion that
// was cut short can be repeated.
func (k *Keyring) Delete(ctx context.Context, profile string) error {
	ctx, cancel := k.within(ctx)
	defer cancel()
	value, err := k.get(ctx, profile)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	h, _ := parseHead(value)
	for i := range h.chunks {
		if err := k.delete(ctx, chunkUser(profile, h.generation, i)); err != nil {
			return err
		}
	}
	return k.delete(ctx, profile)
}

// remove clears parts that no head names. A failure leaves an entry that nothing reads.
func (k *Keyring) remove(ctx context.Context, profile string, h head) {
	for i := range h.chunks {
		if k.delete(ctx, chunkUser(profile, h.generation, i)) != nil {
			return
		}
	}
}

func (k *Keyring) get(ctx context.Context, user string) (string, error) {
	var value string
	err := k.bounded(ctx, func() (func(), error) {
		v, err := k.backend.Get(keyringService, user)
		return func() { value = v }, err
	})
	return value, err
}

func (k *Keyring) set(ctx context.Context, user, value string) error {
	return k.bounded(ctx, func() (func(), error) {
		return nil, k.backend.Set(keyringService, user, value)
	})
}

func (k *Keyring) delete(ctx context.Context, user string) error {
	err := k.bounded(ctx, func() (func(), error) {
		return nil, k.backend.Delete(keyringService, user)
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// bounded runs one call of the library, one at a time, and gives up on it when the operation's context ends. The goroutine
// of a call that hangs stays until the process ends. call's function is run only when the call came back in time.
func (k *Keyring) bounded(ctx context.Context, call func() (func(), error)) error {
	type result struct {
		deliver func()
		err     error
	}
	if err := k.line.gaveUp(); err != nil {
		return err
	}
	select {
	case k.line.serial <- struct{}{}:
	case <-ctx.Done():
		return k.ended(ctx)
	}
	if ctx.Err() != nil {
		<-k.line.serial
		return k.ended(ctx)
	}
	done := make(chan result, 1)
	go func() {
		deliver, err := call()
		done <- result{deliver, err}
		<-k.line.serial
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return unavailableEntry(r.err)
		}
		if r.deliver != nil {
			r.deliver()
		}
		return nil
	case <-ctx.Done():
		return k.ended(ctx)
	}
}

// ended tells the caller's own interrupt from a keyring that does not answer.
func (k *Keyring) ended(ctx context.Context) error {
	if !errors.Is(context.Cause(ctx), errNoAnswer) {
		return ctx.Err()
	}
	return k.line.giveUp(k.bound)
}

func (l *line) gaveUp() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

func (l *line) giveUp(bound time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead == nil {
		l.dead = noKeyring(fmt.Sprintf("no answer within %s; it may be locked", bound), nil)
	}
	return l.dead
}

func unavailableEntry(err error) error {
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNotFound
	}
	reason := err.Error()
	switch {
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		reason = "this platform has none"
	case strings.Contains(reason, "failed to unlock"):
		reason = "it is locked (" + reason + ")"
	case strings.Contains(reason, "org.freedesktop.secrets"), strings.Contains(reason, "dbus"), strings.Contains(reason, "DBUS"):
		reason = "no secret service is running (" + reason + ")"
	}
	return noKeyring(reason, err)
}

func noKeyring(reason string, err error) error {
	return &Error{Kind: ErrUnavailable, Store: KindKeyring, Reason: cleantext.OneLine(reason, 200), Err: err}
}

func damagedEntry(err error) error {
	return &Error{Kind: ErrDamaged, Store: KindKeyring, Reason: err.Error(), Err: err}
}
