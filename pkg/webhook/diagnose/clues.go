package diagnose

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Clues says what is odd about a mismatch that no transform explains, in words:
// marks of changes that cannot be undone. A body above MaxRewritten is not looked
// into.
func (m Mismatch) Clues() []string {
	var clues []string
	if !slices.ContainsFunc(readSignature(m.Signature), reading.isDigest) {
		clues = append(clues, fmt.Sprintf("the signature has %d characters and is no digest; GoBiz's has %d of 0-9 and a-f", len(m.Signature), hexLength))
	}
	if len(m.Body) == 0 {
		return append(clues, "the body is empty: something has read the stream before")
	}
	if len(m.Body) > MaxRewritten {
		return clues
	}
	return append(clues, bodyClues(m.Body)...)
}

// isDigest reports whether a reading is as long as a digest in hex: MD5 to SHA-512.
func (r reading) isDigest() bool {
	return slices.Contains([]int{32, 40, hexLength, 96, 128}, len(r.mac))
}

func bodyClues(body []byte) []string {
	if !looksLikeJSON(body) {
		return []string{"the body is no JSON object, as GoBiz's are"}
	}
	var clues []string
	if bytes.Contains(body, []byte("\uFFFD")) {
		clues = append(clues, "characters of the body were replaced (U+FFFD): it was decoded with the wrong character set, and its bytes are lost")
	}
	order, err := keyOrder(bytes.TrimSpace(body)) // a newline in a cut text is another fault
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return append(clues, fmt.Sprintf("the body ends in the middle of its JSON, after %d bytes: it was cut", len(body)))
	case err != nil:
		return append(clues, "the body is not valid JSON")
	}
	if order.sorted && order.neighbours >= minSorted {
		clues = append(clues, "its keys are in alphabetical order, and GoBiz's are in random order: it was parsed and written again, and the order that was signed is lost")
	}
	if compact := reformatted()(body); len(compact) > 0 && len(compact[0]) < len(bytes.TrimSpace(body)) {
		clues = append(clues, "it is printed for people, with blanks between its values: it was probably parsed and written again")
	}
	return clues
}

// minSorted is how many pairs of neighbouring keys must be in order before it is
// hardly chance.
const minSorted = 10

// orderOfKeys is that of all objects in a body.
type orderOfKeys struct {
	sorted     bool // every key comes after its left neighbour
	neighbours int  // pairs of keys beside each other
}

func keyOrder(body []byte) (orderOfKeys, error) {
	order := orderOfKeys{sorted: true}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var left []string // the key before, by depth; empty for the first
	for {
		token, err := decoder.ReadToken()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return order, nil
		}
		if err != nil {
			return order, err
		}
		depth := decoder.StackDepth()
		for len(left) <= depth {
			left = append(left, "")
		}
		kind, length := decoder.StackIndex(depth)
		switch {
		case token.Kind() == '{':
			left[depth] = ""
		case kind == '{' && length%2 == 1: // the name of a member
			name := token.String()
			if left[depth] != "" {
				order.neighbours++
				order.sorted = order.sorted && left[depth] <= name
			}
			left[depth] = name
		}
	}
}
