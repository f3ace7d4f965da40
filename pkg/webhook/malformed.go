package webhook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxNesting is how deep the decoder goes.
const maxNesting = 10_000

// malformed says in words why a body does not parse, and where: line and column
// of the body, from 1. The error wraps [ErrMalformed].
func malformed(body []byte, err error) error {
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	before := body[:max(0, min(int(syntax.ByteOffset), len(body)))]
	line, column := 1+bytes.Count(before, []byte("\n")), 1+utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fmt.Errorf("%w: %d:%d: %s", ErrMalformed, line, column, fault(syntax))
}

func fault(syntax *jsontext.SyntacticError) string {
	switch {
	case errors.Is(syntax.Err, jsontext.ErrDuplicateName):
		return "the key " + shortKey(syntax.JSONPointer.LastToken()) + " is there twice, so that readers would disagree about its value"
	case errors.Is(syntax.Err, io.ErrUnexpectedEOF):
		return "the JSON ends in the middle"
	case strings.Count(string(syntax.JSONPointer), "/") >= maxNesting:
		return fmt.Sprintf("objects and lists are nested more than %d deep", maxNesting)
	}
	return "the JSON does not parse: " + syntax.Err.Error()
}

// shortKey quotes a key: it may be as long as the body.
func shortKey(name string) string {
	if runes := []rune(name); len(runes) > 80 {
		name = string(runes[:80]) + "…"
	}
	return strconv.QuoteToGraphic(name)
}
