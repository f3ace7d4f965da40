package auth

import (
	"context"
	"errors"
	"sync"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// flight lets one goroutine get a token while the others wait for its result, error included. Unlike
// x/sync/singleflight it runs in the context of a caller: when that caller gives up, a
// waiting one takes over.
type flight struct {
	mu      sync.Mutex
	current *landing
}

type landing struct {
	done  chan struct{}
	token credentials.Token
	err   error
}

// do gives the token that cached knows, else that of the flight under way, else that of get.
func (f *flight) do(ctx context.Context, cached func() (credentials.Token, bool), get func(context.Context) (credentials.Token, error)) (credentials.Token, error) {
	for {
		if err := cancelled(ctx); err != nil {
			return credentials.Token{}, err
		}
		f.mu.Lock()
		if token, ok := cached(); ok {
			f.mu.Unlock()
			return token, nil
		}
		if l := f.current; l != nil {
			f.mu.Unlock()
			select {
			case <-l.done:
			case <-ctx.Done():
				return credentials.Token{}, cancelled(ctx)
			}
			if errors.Is(l.err, errLeaderGone) {
				continue
			}
			return l.token, l.err
		}
		l := &landing{done: make(chan struct{}), err: errLeaderGone}
		f.current = l
		f.mu.Unlock()
		return f.lead(ctx, l, get)
	}
}

func (f *flight) lead(ctx context.Context, l *landing, get func(context.Context) (credentials.Token, error)) (credentials.Token, error) {
	// Deferred, so that a panic in get does not leave the others waiting.
	defer func() {
		f.mu.Lock()
		f.current = nil
		f.mu.Unlock()
		close(l.done)
	}()
	token, err := get(ctx)
	if err != nil && ctx.Err() != nil {
		return token, err // l.err stays errLeaderGone
	}
	l.token, l.err = token, err
	return token, err
}

var errLeaderGone = errors.New("the caller that got the token gave up")
