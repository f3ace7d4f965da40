package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Paste asks for a long line that is pasted, such as an address from a browser,
// and counts down the time that is left. What is pasted is not shown, only its
// length: a callback address holds a code. Without a terminal that can count it
// is [Prompter.Line]. When the time is over the error is
// context.DeadlineExceeded.
func (p *Prompter) Paste(ctx context.Context, question, flag string, limit time.Duration) (string, error) {
	if p.off || p.streams.inFile == nil || !p.streams.ErrTTY {
		return p.Line(ctx, question, flag)
	}
	restore, err := p.hide()
	if err != nil {
		return "", err
	}
	defer restore()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	end := time.Now().Add(limit)

	var mu sync.Mutex
	length := 0
	draw := func() {
		left := max(time.Until(end), 0).Round(time.Second)
		fmt.Fprintf(p.streams.Err, "\r\x1b[K%s [%d:%02d]: ", Clean(question), int(left.Minutes()), int(left.Seconds())%60)
		if length > 0 {
			fmt.Fprintf(p.streams.Err, "%d characters", length)
		}
	}
	update := func(set func()) {
		mu.Lock()
		defer mu.Unlock()
		if ctx.Err() == nil {
			set()
			draw()
		}
	}
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	go func() {
		for {
			select {
			case <-ticker.C:
				update(func() {})
			case <-ctx.Done():
				return
			}
		}
	}()
	update(func() {})
	reply, err := p.askWith(ctx, func(r io.Reader) (string, error) {
		return readHidden(r, func(n int) { update(func() { length = n }) })
	}, question, "", flag)
	mu.Lock() // no drawing behind the last line
	defer mu.Unlock()
	cancel()
	if errors.Is(err, io.EOF) {
		return "", &InputRequired{Question: question, Flag: flag}
	}
	return reply, err
}
