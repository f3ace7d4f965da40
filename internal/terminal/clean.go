package terminal

import "github.com/gobiz-cli/gobiz/internal/cleantext"

// Clean makes foreign text safe to show on one line; see [cleantext.Text].
func Clean(s string) string { return cleantext.Text(s) }

// CleanLines is [Clean] for text of several lines: line feeds stay.
func CleanLines(s string) string { return cleantext.Lines(s) }
