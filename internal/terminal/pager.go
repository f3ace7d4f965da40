package terminal

import (
	"bytes"
	"os/exec"
	"strings"

	"golang.org/x/term"
)

// Page shows a text where questions are asked. One that the terminal cannot show
// whole goes through Streams.Pager, and is shown again as it is when there is none
// that works: a question must not stand below what nobody could read.
func (s *Streams) Page(text []byte) error {
	if !s.paged(text) {
		_, err := s.Err.Write(text)
		return err
	}
	return nil
}

// paged reports whether a pager has shown the text.
func (s *Streams) paged(text []byte) bool {
	words := strings.Fields(s.Pager)
	if !s.InTTY || !s.ErrTTY || s.errFile == nil || len(words) == 0 {
		return false
	}
	_, rows, err := term.GetSize(int(s.errFile.Fd()))
	if err != nil || rows == 0 || bytes.Count(text, []byte{'\n'}) < rows {
		return false
	}
	pager := exec.Command(words[0], words[1:]...)
	// As git has it: colours are shown, and the text stays when less ends. What the
	// user has set comes later, and counts.
	pager.Env = append([]string{"LESS=FRX"}, pager.Environ()...)
	pager.Stdin, pager.Stdout, pager.Stderr = bytes.NewReader(text), s.errFile, s.errFile
	return pager.Run() == nil
}
