package triage

import (
	"cmp"
	"context"
	"net/http"
	"runtime"
	"sync"
	"time"
)

// check is one line of the doctor.
type check struct {
	name string
	// needs are checks without which this one makes no sense; after are checks
	// that it waits for, however they end.
	needs, after []string
	// bounded checks talk to a server.
	bounded bool
	// login says what kind of failure it is.
	login bool
	run   func(context.Context) verdict
}

func (s *Setup) fillDefaults() {
	s.Timeout = cmp.Or(s.Timeout, defaultTimeout)
	s.Total = cmp.Or(s.Total, 6*s.Timeout)
	s.GOOS = cmp.Or(s.GOOS, runtime.GOOS)
	if s.Advice == nil {
		s.Advice = func(error) string { return "" }
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Getenv == nil {
		s.Getenv = func(string) string { return "" }
	}
	switch shared, ok := http.DefaultTransport.(*http.Transport); {
	case s.Transport != nil:
		s.Transport = s.Transport.Clone()
	case ok:
		s.Transport = shared.Clone()
	default:
		s.Transport = &http.Transport{Proxy: http.ProxyFromEnvironment}
	}
	// Each host is met anew, so that name, connection and certificate are looked at.
	s.Transport.DisableKeepAlives = true
}

// ending is how a check ended, for those that wait for it.
type ending struct {
	done chan struct{}
	// cause is the failed check that makes dependent ones pointless, or empty.
	cause string
}

// run starts every check at once; each waits for those that it builds on.
func run(ctx context.Context, checks []check, timeout time.Duration, now func() time.Time) []Result {
	endings := make(map[string]*ending, len(checks))
	for _, c := range checks {
		endings[c.name] = &ending{done: make(chan struct{})}
	}
	results := make([]Result, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() {
			end := endings[c.name]
			defer close(end.done)
			for _, name := range append(append([]string{}, c.needs...), c.after...) {
				<-endings[name].done
			}
			for _, name := range c.needs {
				if cause := endings[name].cause; cause != "" {
					end.cause = cause
					results[i] = verdict{status: Skipped, message: "not checked, because " + cause + " failed"}.result(c, 0)
					return
				}
			}
			if ctx.Err() != nil {
				end.cause = c.name
				results[i] = verdict{status: Skipped, message: "not checked, because the time was over"}.result(c, 0)
				return
			}
			start := now()
			v := bound(ctx, c, timeout)
			results[i] = v.result(c, now().Sub(start))
			if v.blocks {
				end.cause = c.name
			}
		})
	}
	all.Wait()
	return results
}

func bound(ctx context.Context, c check, timeout time.Duration) verdict {
	if c.bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	return c.run(ctx)
}
