package terminal

import (
	"slices"
	"strings"
)

// A Format is a value of the flag -o.
type Format string

// The output formats. Table is for people, the rest for programs. NDJSON, CSV
// and TSV stream: a row leaves when it arrives.
const (
	FormatTable  Format = "table"
	FormatJSON   Format = "json"
	FormatYAML   Format = "yaml"
	FormatNDJSON Format = "ndjson"
	FormatCSV    Format = "csv"
	FormatTSV    Format = "tsv"
)

// Formats lists the formats in the order help shows them.
func Formats() []Format {
	return []Format{FormatTable, FormatJSON, FormatYAML, FormatNDJSON, FormatCSV, FormatTSV}
}

// ParseFormat reads a value of the flag -o; the empty string is [FormatTable].
// also has the formats that one command knows besides. Another value gives a
// [*UsageError].
func ParseFormat(s string, also ...Format) (Format, error) {
	if s == "" {
		return FormatTable, nil
	}
	known := append(Formats(), also...)
	if f := Format(s); slices.Contains(known, f) {
		return f, nil
	}
	return "", &UsageError{
		Flag:    "output",
		Message: "unknown output format " + quote(s),
		Hint:    "use one of " + joinFormats(known),
	}
}

func joinFormats(formats []Format) string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	return strings.Join(names, ", ")
}

// A UsageError is a flag value that cannot work: an unknown format, a jq
// expression that does not compile or does not fit the data. Exit code 2.
type UsageError struct {
	Flag    string // without dashes: "output", "jq"
	Message string
	Hint    string // may be empty
	Err     error  // may be nil
}

func (e *UsageError) Error() string { return e.Message }
func (e *UsageError) Unwrap() error { return e.Err }

// quote shows foreign text inside a message.
func quote(s string) string { return `"` + Clean(s) + `"` }
