package gobiz

import (
	"net/url"
	"strconv"
	"strings"
)

// An ArgumentError says that a call was not sent because of a value that can
// never be right. errors.Is(err, ErrArgument) is true for it.
type ArgumentError struct {
	Name   string // of the parameter, as in the API documentation
	Value  string // as given; empty where it must not be shown
	Reason string
}

func (e *ArgumentError) Error() string {
	text := strings.ReplaceAll(e.Name, "_", " ")
	if e.Value != "" {
		text += " " + strconv.Quote(e.Value)
	}
	return text + " " + e.Reason
}

// Is reports whether target is ErrArgument.
func (e *ArgumentError) Is(target error) bool { return target == ErrArgument }

// pathSegment escapes a value so that it is one segment of a path. A proxy or
// server resolves "." and ".." even when they come escaped, so these, like the
// empty value, cannot be sent.
func pathSegment(name, value string) (string, error) {
	switch {
	case strings.TrimSpace(value) == "":
		return "", &ArgumentError{Name: name, Reason: "is empty"}
	case value == "." || value == "..":
		return "", &ArgumentError{Name: name, Value: value, Reason: "is not an id"}
	}
	return url.PathEscape(value), nil
}
