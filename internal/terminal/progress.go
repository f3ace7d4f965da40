package terminal

import (
	"fmt"
	"io"
	"sync"

	"github.com/clipperhouse/displaywidth"
)

// Progress shows on standard error what a command waits for. On a terminal it
// is one line that changes; elsewhere each new text is a line of its own, so a
// log stays readable. Its methods may be called from several goroutines, and on
// a nil *Progress they do nothing.
type Progress struct {
	mu      sync.Mutex
	streams *Streams
	last    string
	shown   bool // on a terminal: the line is on the screen
}

// NewProgress returns a progress line, or nil when the user wants quiet. A question
// takes the line away first.
func NewProgress(s *Streams, quiet bool) *Progress {
	if quiet {
		return nil
	}
	p := &Progress{streams: s}
	s.progress = p
	return p
}

// Update shows text, "waiting for the outlet to be linked", in place of the
// text before it.
func (p *Progress) Update(format string, args ...any) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	text := Clean(fmt.Sprintf(format, args...))
	if text == p.last {
		return
	}
	p.last = text
	if !p.streams.ErrTTY {
		fmt.Fprintln(p.streams.Err, text)
		return
	}
	p.clear()
	p.show()
}

// show writes the last text, cut to the terminal: one that wraps could not be
// taken back by a carriage return.
func (p *Progress) show() {
	io.WriteString(p.streams.Err, displaywidth.TruncateString(p.last, p.streams.Width()-1, "…"))
	p.shown = true
}

// Line prints a line that stays, above the progress line.
func (p *Progress) Line(format string, args ...any) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	shown := p.shown
	p.clear()
	fmt.Fprintln(p.streams.Err, Clean(fmt.Sprintf(format, args...)))
	if shown {
		p.show()
	}
}

// Done takes the progress line away. Call it before anything else is printed.
func (p *Progress) Done() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.last = ""
}

func (p *Progress) clear() {
	if p.shown {
		io.WriteString(p.streams.Err, "\r\x1b[K")
		p.shown = false
	}
}
