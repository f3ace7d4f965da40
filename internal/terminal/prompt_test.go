package terminal

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"
)

func contextWithDeadline(t *testing.T, d time.Time) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithDeadline(t.Context(), d)
}

func TestPromptsThatCannotAsk(t *testing.T) {
	s, in, _, errOut := Test()
	in.WriteString("y\n")
	for name, p := range map[string]*Prompter{
		"not a terminal": NewPrompter(s, ""),
		"--no-input":     NewPrompter(&Streams{In: in, Err: errOut, InTTY: true}, "--no-input forbids to ask"),
	} {
		_, confirm := p.Confirm(t.Context(), "push", "--yes")
		_, typing := p.ConfirmByTyping(t.Context(), "push", "G1", "--yes")
		_, line := p.Line(t.Context(), "client id", "--client-id")
		_, secret := p.Secret(t.Context(), "client secret", "--client-secret-stdin")
		for _, err := range []error{confirm, typing, line, secret} {
			var required *InputRequired
			if !errors.As(err, &required) || !strings.HasPrefix(required.Flag, "--") || !strings.Contains(err.Error(), required.Question) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if p.Enabled() {
			t.Errorf("%s: Enabled", name)
		}
	}
	if errOut.Len() > 0 || in.Len() != 2 {
		t.Errorf("asked all the same: %q, %d bytes of input left", errOut, in.Len())
	}
}

// typed gives a prompter on a terminal made of buffers.
func typed(input string) *Prompter {
	s, in, _, _ := Test()
	s.InTTY = true
	in.WriteString(input)
	return NewPrompter(s, "")
}

func TestConfirmTakesOnlyAnExplicitYes(t *testing.T) {
	for input, want := range map[string]bool{
		"y\n": true, "Y\n": true, "yes\r\n": true, " YES \n": true, "y": true,
		"\n": false, "": false, "n\n": false, "ye\n": false, "yess\n": false, "ja\n": false, "y y\n": false,
	} {
		if got, err := typed(input).Confirm(t.Context(), "push?", "--yes"); err != nil || got != want {
			t.Errorf("%q: %v, %v", input, got, err)
		}
	}
}

func TestConfirmByTyping(t *testing.T) {
	for input, want := range map[string]bool{
		"G100000001\n": true, " G100000001 \n": true,
		"\n": false, "": false, "y\n": false, "g100000001\n": false, "G10000000\n": false,
	} {
		if got, err := typed(input).ConfirmByTyping(t.Context(), "replace the menu", "G100000001", "--yes"); err != nil || got != want {
			t.Errorf("%q: %v, %v", input, got, err)
		}
	}
	if got, _ := typed("\n").ConfirmByTyping(t.Context(), "replace the menu", "", "--yes"); got {
		t.Error("an empty expectation was met by an empty line")
	}
}

func TestQuestionsFollowOneAnother(t *testing.T) {
	p := typed("my-app\n s3cret \nlast")
	id, err1 := p.Line(t.Context(), "client id", "--client-id")
	secret, err2 := p.Secret(t.Context(), "client secret", "--client-secret-stdin")
	last, err3 := p.Line(t.Context(), "more", "--more")
	_, err4 := p.Line(t.Context(), "too much", "--much")
	if id != "my-app" || secret != " s3cret " || last != "last" || err1 != nil || err2 != nil || err3 != nil {
		t.Errorf("%q %q %q, %v %v %v", id, secret, last, err1, err2, err3)
	}
	var required *InputRequired
	if !errors.As(err4, &required) {
		t.Errorf("end of input: %v", err4)
	}
}

func TestAnswerIsBounded(t *testing.T) {
	if _, err := typed(strings.Repeat("x", maxAnswer+2)).Line(t.Context(), "name", "--name"); err == nil {
		t.Error("no error")
	}
}

func TestReadSecret(t *testing.T) {
	for input, want := range map[string]string{"s3cret": "s3cret", "s3cret\n": "s3cret", "s3cret\r\n": "s3cret", " a b \n": " a b "} {
		if got, err := ReadSecret(strings.NewReader(input)); err != nil || got != want {
			t.Errorf("%q: %q, %v", input, got, err)
		}
	}
	if got, err := ReadSecrets(strings.NewReader("one\r\n two \r\n"), 2); err != nil || got[0] != "one" || got[1] != " two " {
		t.Errorf("two lines: %q, %v", got, err)
	}
	for _, input := range []string{"one", "one\n", "one\n\n", "\ntwo\n"} {
		if got, err := ReadSecrets(strings.NewReader(input), 2); err == nil || strings.Contains(err.Error(), "one") {
			t.Errorf("%q as two lines: %q, %v", input, got, err)
		}
	}
	for _, input := range []string{"", "\n", strings.Repeat("x", maxAnswer+1)} {
		if got, err := ReadSecret(strings.NewReader(input)); err == nil || len(err.Error()) > 200 {
			t.Errorf("%d bytes: %q, %v", len(input), got, err)
		}
	}
}

// terminalPair opens a pseudo-terminal: what a test types and sees, and the
// prompter at the other end.
func terminalPair(t *testing.T) (keyboard *os.File, screen *bufio.Reader, tty *os.File, p *Prompter) {
	t.Helper()
	keyboard, tty, err := pty.Open()
	if err != nil {
		t.Fatalf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { tty.Close(); keyboard.Close() })
	s := NewStreams(tty, tty, tty)
	if !s.InTTY || !s.OutTTY || !s.ErrTTY {
		t.Fatal("the pseudo-terminal is not seen as a terminal")
	}
	return keyboard, bufio.NewReader(keyboard), tty, NewPrompter(s, "")
}

func readUntil(t *testing.T, r *bufio.Reader, end string) string {
	t.Helper()
	var seen strings.Builder
	for !strings.HasSuffix(seen.String(), end) {
		c, err := r.ReadByte()
		if err != nil {
			t.Fatalf("after %q: %v", seen.String(), err)
		}
		seen.WriteByte(c)
	}
	return seen.String()
}

func TestSecretDoesNotShow(t *testing.T) {
	keyboard, screen, tty, p := terminalPair(t)
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		secret string
		err    error
	}
	done := make(chan result, 1)
	go func() {
		secret, err := p.Secret(t.Context(), "client secret", "--client-secret-stdin")
		done <- result{secret, err}
	}()
	seen := readUntil(t, screen, "client secret: ")
	// A typing mistake, an arrow key, and a line that was started anew.
	io.WriteString(keyboard, "wrong\x15s3x\x7f\x1b[Dcrét\r")
	got := <-done
	seen += readUntil(t, screen, "\n")
	if got.secret != "s3crét" || got.err != nil {
		t.Errorf("got %q, %v", got.secret, got.err)
	}
	if strings.Contains(seen, "s3") || strings.Contains(seen, "wrong") {
		t.Errorf("the secret showed: %q", seen)
	}
	after, err := term.GetState(int(tty.Fd()))
	if err != nil || *after != *before {
		t.Errorf("the terminal was left changed (%v)", err)
	}
}

func TestSecretInterrupted(t *testing.T) {
	for name, interrupt := range map[string]func(*os.File, context.CancelFunc){
		"Ctrl-C":  func(keyboard *os.File, _ context.CancelFunc) { io.WriteString(keyboard, "abc\x03") },
		"context": func(_ *os.File, cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			keyboard, screen, tty, p := terminalPair(t)
			before, err := term.GetState(int(tty.Fd()))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() {
				_, err := p.Secret(ctx, "client secret", "--client-secret-stdin")
				done <- err
			}()
			readUntil(t, screen, ": ")
			interrupt(keyboard, cancel)
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			after, err := term.GetState(int(tty.Fd()))
			if err != nil || *after != *before {
				t.Errorf("the terminal was left changed (%v)", err)
			}
			io.WriteString(keyboard, "\n") // lets the reader that was left behind end
		})
	}
}

func TestConfirmOnATerminal(t *testing.T) {
	keyboard, screen, _, p := terminalPair(t)
	done := make(chan bool, 1)
	go func() {
		yes, _ := p.Confirm(t.Context(), "push to \x1b[31mG1?", "--yes")
		done <- yes
	}()
	if seen := readUntil(t, screen, "[y/N] "); seen != "push to G1? [y/N] " {
		t.Errorf("the question: %q", seen)
	}
	io.WriteString(keyboard, "yes\n")
	if !<-done {
		t.Error("yes was not taken")
	}
}

func TestLineEndsWithTheContext(t *testing.T) {
	keyboard, screen, _, p := terminalPair(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := p.Line(ctx, "client id", "--client-id")
		done <- err
	}()
	readUntil(t, screen, ": ")
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	// The reader that was left behind serves the next question.
	io.WriteString(keyboard, "my-app\n")
	if got, err := p.Line(t.Context(), "client id", "--client-id"); got != "my-app" || err != nil {
		t.Errorf("next question: %q, %v", got, err)
	}
}

func TestWidth(t *testing.T) {
	keyboard, _, tty, _ := terminalPair(t)
	if err := pty.Setsize(keyboard, &pty.Winsize{Rows: 24, Cols: 132}); err != nil {
		t.Fatal(err)
	}
	if got := NewStreams(tty, tty, tty).Width(); got != 132 {
		t.Errorf("width %d", got)
	}
}
