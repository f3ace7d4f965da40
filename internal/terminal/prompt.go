package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/gobiz-cli/gobiz/internal/spelling"
)

// maxAnswer bounds a line that a person types or pastes, in bytes.
const maxAnswer = 64 << 10

// InputRequired is a question that cannot be asked: there is no terminal, or
// the user said --no-input. Exit code 2.
type InputRequired struct {
	Question string // "client secret"
	Flag     string // what answers it instead: "--client-secret-stdin"
	Why      string // "there is no terminal to ask"
}

func (e *InputRequired) Error() string {
	return fmt.Sprintf("%s is needed, and %s", quote(e.Question), e.Why)
}

// endOfInput is why a question has no answer that was asked.
const endOfInput = "the input ended"

// A Prompter asks questions on standard error and reads the answers from
// standard input. Every method takes the flag that would have answered the
// question, to name it in [*InputRequired] when there is nobody to ask.
//
// A cancelled context ends a question at once with the context's error and
// leaves the terminal as it was; let Ctrl-C cancel it (signal.NotifyContext).
// A Prompter is for one goroutine.
type Prompter struct {
	streams *Streams
	off     string      // why it asks nothing
	pending chan answer // a read that a cancelled question left behind
}

type answer struct {
	line string
	err  error
}

// NewPrompter returns a prompter that never asks when forbidden says why not,
// "--no-input forbids to ask", or when standard input is no terminal.
func NewPrompter(s *Streams, forbidden string) *Prompter {
	if forbidden == "" && !s.InTTY {
		forbidden = "there is no terminal to ask"
	}
	return &Prompter{streams: s, off: forbidden}
}

// Enabled reports whether there is somebody to ask.
func (p *Prompter) Enabled() bool { return p.off == "" }

// Confirm asks a yes-or-no question. Only an explicit "y" or "yes" is a yes;
// an empty line, anything else and the end of input are a no.
func (p *Prompter) Confirm(ctx context.Context, question, flag string) (bool, error) {
	reply, err := p.ask(ctx, question, question+" [y/N] ", flag)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	reply = strings.ToLower(strings.TrimSpace(reply))
	return reply == "y" || reply == "yes", err
}

// ConfirmByTyping asks for a text to be typed exactly, for what cannot be
// undone. Any other answer is a no.
func (p *Prompter) ConfirmByTyping(ctx context.Context, question, expected, flag string) (bool, error) {
	reply, err := p.ask(ctx, question, fmt.Sprintf("%s\ntype %s to go on: ", question, expected), flag)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil && expected != "" && strings.TrimSpace(reply) == expected, err
}

// Line asks for one line of text; blanks around it are cut.
func (p *Prompter) Line(ctx context.Context, question, flag string) (string, error) {
	reply, err := p.ask(ctx, question, question+": ", flag)
	if errors.Is(err, io.EOF) {
		return "", &InputRequired{question, flag, endOfInput}
	}
	return strings.TrimSpace(reply), err
}

// Secret asks for one line without showing what is typed. Only the line break
// is cut. Ctrl-C gives context.Canceled.
func (p *Prompter) Secret(ctx context.Context, question, flag string) (string, error) {
	read := readLine
	if p.streams.inFile != nil && p.Enabled() {
		restore, err := p.hide()
		if err != nil {
			return "", err
		}
		defer restore()
		read = func(r io.Reader) (string, error) { return readHidden(r, nil) }
	}
	reply, err := p.askWith(ctx, read, question, question+": ", flag)
	if errors.Is(err, io.EOF) {
		return "", &InputRequired{question, flag, endOfInput}
	}
	return reply, err
}

// Paste asks for a long line that is pasted, such as an address from a browser,
// and counts down the time that is left. What is pasted is not shown, only its
// length: a callback address holds a code. Without a terminal that can count it
// is [Prompter.Line]. When the time is over the error is
// context.DeadlineExceeded.
func (p *Prompter) Paste(ctx context.Context, question, flag string, limit time.Duration) (string, error) {
	if !p.Enabled() || p.streams.inFile == nil || !p.streams.ErrTTY {
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
			io.WriteString(p.streams.Err, spelling.Count(length, "character"))
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
		return "", &InputRequired{question, flag, endOfInput}
	}
	return reply, err
}

// hide has the terminal show nothing of what is typed, until restore. It is raw
// mode, and not the mode without echo: it is switched here and now, so that a
// cancelled context can never restore the terminal too early.
func (p *Prompter) hide() (restore func(), err error) {
	fd := int(p.streams.inFile.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("cannot hide what is typed: %w", err)
	}
	return func() {
		_ = term.Restore(fd, state) // nothing is left to be done if this fails
		fmt.Fprintln(p.streams.Err) // the line break that was typed did not show
	}, nil
}

// ask shows text and reads one line, without its line break.
func (p *Prompter) ask(ctx context.Context, question, text, flag string) (string, error) {
	reply, err := p.askWith(ctx, readLine, question, text, flag)
	if ctx.Err() != nil {
		fmt.Fprintln(p.streams.Err) // the shell's prompt is not to stand behind the question
	}
	return reply, err
}

func (p *Prompter) askWith(ctx context.Context, read func(io.Reader) (string, error), question, text, flag string) (string, error) {
	if !p.Enabled() {
		return "", &InputRequired{question, flag, p.off}
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	p.streams.progress.Done()
	if _, err := io.WriteString(p.streams.Err, CleanLines(text)); err != nil {
		return "", err
	}
	// A read from a terminal cannot be taken back. It goes on beside us, and the
	// next question, should there be one, takes over its line.
	if p.pending == nil {
		p.pending = make(chan answer, 1)
		go func(replies chan<- answer) {
			line, err := read(p.streams.In)
			replies <- answer{line, err}
		}(p.pending)
	}
	select {
	case a := <-p.pending:
		p.pending = nil
		return a.line, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// readLine reads up to a line feed, byte by byte: what stands behind it belongs
// to the next question, or to another reader of the same stream. A last line
// without a line feed counts; io.EOF means that there was nothing.
func readLine(r io.Reader) (string, error) {
	var line []byte
	one := make([]byte, 1)
	for len(line) <= maxAnswer {
		n, err := r.Read(one)
		if n == 1 {
			if one[0] == '\n' {
				return strings.TrimSuffix(string(line), "\r"), nil
			}
			line = append(line, one[0])
		}
		if err == io.EOF && len(line) > 0 {
			return string(line), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
}

// readHidden reads a line from a terminal in raw mode, where the keys that the
// terminal driver knows otherwise arrive as bytes.
//
// changed is told the number of bytes so far; it may be nil.
func readHidden(r io.Reader, changed func(int)) (string, error) {
	const (
		ctrlC     = 0x03
		ctrlD     = 0x04
		backspace = 0x08
		ctrlU     = 0x15
		del       = 0x7f
	)
	var line []byte
	one := make([]byte, 1)
	var escape []byte // a key such as an arrow: ESC [ A
	for len(line) <= maxAnswer {
		if n, err := r.Read(one); err != nil {
			return "", err
		} else if n == 0 {
			continue
		}
		c := one[0]
		if escape != nil {
			escape = append(escape, c)
			if len(escape) == 2 && c == '[' || len(escape) > 2 && c < 0x40 {
				continue
			}
			escape = nil
			continue
		}
		switch {
		case c == '\r', c == '\n':
			return string(line), nil
		case c == ctrlC:
			return "", context.Canceled
		case c == ctrlD:
			if len(line) == 0 {
				return "", io.EOF
			}
		case c == ctrlU:
			line = line[:0]
		case c == backspace, c == del:
			_, size := utf8.DecodeLastRune(line)
			line = line[:len(line)-size]
		case c == 0x1b:
			escape = []byte{c}
		case c < 0x20:
		default:
			line = append(line, c)
		}
		if changed != nil {
			changed(len(line))
		}
	}
	return "", fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
}

// ReadSecret reads a secret from a stream, as --client-secret-stdin does: all of
// it up to 64 KiB, without one line break at the end. An empty secret is an
// error.
func ReadSecret(r io.Reader) (string, error) {
	secrets, err := ReadSecrets(r, 1)
	if err != nil {
		return "", err
	}
	return secrets[0], nil
}

// ReadSecrets is [ReadSecret] for n secrets, each on a line of its own.
func ReadSecrets(r io.Reader, n int) ([]string, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the secret from standard input: %w", err)
	}
	if len(data) > maxAnswer {
		return nil, fmt.Errorf("the secret on standard input is longer than %d bytes", maxAnswer)
	}
	secrets := strings.SplitN(strings.TrimSuffix(string(data), "\n"), "\n", n)
	for i, secret := range secrets {
		if secrets[i] = strings.TrimSuffix(secret, "\r"); secrets[i] == "" {
			return nil, errors.New("the secret on standard input is empty")
		}
	}
	if len(secrets) < n {
		return nil, fmt.Errorf("standard input has %d of %d secrets, which stand on a line each", len(secrets), n)
	}
	return secrets, nil
}
