package terminal

import (
	"bytes"
	"io"
	"os"

	"golang.org/x/term"
)

// fallbackWidth is the width of a terminal that does not say, and of a pipe.
const fallbackWidth = 80

// Streams are the three standard streams and what is known about them.
type Streams struct {
	In  io.Reader
	Out io.Writer // results
	Err io.Writer // everything else

	InTTY  bool
	OutTTY bool
	ErrTTY bool

	// NoColor switches colour off on both outputs; see [NoColor].
	NoColor bool

	// Width gives the number of columns of the terminal, 80 when none is known.
	Width func() int

	// Pager is the command, with its arguments, that shows what is longer than the
	// terminal; see [Streams.Page]. Empty: none.
	Pager string

	errFile  *os.File  // set when Err is a file, for the pager
	inFile   *os.File  // set when In is a file, for prompts without echo
	progress *Progress // the line that a question must not be written behind
}

// NewStreams looks at three files, usually the standard ones.
func NewStreams(in, out, err *os.File) *Streams {
	s := &Streams{
		In: in, Out: out, Err: err,
		InTTY:  term.IsTerminal(int(in.Fd())),
		OutTTY: term.IsTerminal(int(out.Fd())),
		ErrTTY: term.IsTerminal(int(err.Fd())),
		inFile: in, errFile: err,
	}
	s.Width = func() int {
		for _, f := range []*os.File{out, err} {
			if w, _, e := term.GetSize(int(f.Fd())); e == nil && w > 0 {
				return w
			}
		}
		return fallbackWidth
	}
	return s
}

// Test returns streams on buffers, none of them a terminal: what a command prints
// can be read back from out and err, and what is written to in is its input.
func Test() (s *Streams, in, out, err *bytes.Buffer) {
	in, out, err = new(bytes.Buffer), new(bytes.Buffer), new(bytes.Buffer)
	s = &Streams{In: in, Out: out, Err: err, Width: func() int { return fallbackWidth }}
	return s, in, out, err
}
