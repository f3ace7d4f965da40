package auth

import (
	"context"
	"errors"
	"sync"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// sharedCall lets one goroutine get a token while the others wait for its result, error included. Unlike
// x/sync/singleflight it runs in the context of a caller: when that caller gives up, a
// waiting one takes over.
type sharedCall struct {
	mu      sync.Mutex
	current *tokenCall // nil when none is under way
}

type tokenCall struct {
	done  chan struct{}
	token credentials.Token
	err   error
}

// do returns the token that cached knows, else that of the call under way, else that of get.
func (s *sharedCall) do(ctx context.Context, cached func() (credentials.Token, bool), get func(context.Context) (credentials.Token, error)) (credentials.Token, error) {
	for {
		if err := cancelled(ctx); err != nil {
			return credentials.Token{}, err
		}
		s.mu.Lock()
		if token, ok := cached(); ok {
			s.mu.Unlock()
			return token, nil
		}
		call := s.current
		if call == nil {
			call = &tokenCall{done: make(chan struct{}), err: errCallerGone}
			s.current = call
			s.mu.Unlock()
			return s.lead(ctx, call, get)
		}
		s.mu.Unlock()
		select {
		case <-call.done:
		case <-ctx.Done():
			return credentials.Token{}, cancelled(ctx)
		}
		if !errors.Is(call.err, errCallerGone) {
			return call.token, call.err
		}
	}
}

func (s *sharedCall) lead(ctx context.Context, call *tokenCall, get func(context.Context) (credentials.Token, error)) (credentials.Token, error) {
	// Deferred, so that a panic in get does not leave the others waiting.
	defer func() {
		s.mu.Lock()
		s.current = nil
		s.mu.Unlock()
		close(call.done)
	}()
	token, err := get(ctx)
	if err != nil && ctx.Err() != nil {
		return token, err // call.err stays errCallerGone
	}
	call.token, call.err = token, err
	return token, err
}

var errCallerGone = errors.New("the caller that was getting the token gave up")
