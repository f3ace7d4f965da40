package lint

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// GitHub writes the report as workflow commands, which GitHub Actions shows as
// annotations in the files: one line for each finding.
func (r *Report) GitHub(w io.Writer) error {
	out := bufio.NewWriter(w)
	for _, file := range r.Files {
		name := filepath.ToSlash(file.File)
		for _, f := range file.Findings {
			fmt.Fprintf(out, "::%s file=%s", f.Severity, propertyEscapes.Replace(name))
			if f.Line > 0 {
				fmt.Fprintf(out, ",line=%d,col=%d", f.Line, f.Column)
			}
			message := withHint(f)
			if f.Path != "" {
				message = f.Path + ": " + message
			}
			fmt.Fprintf(out, ",title=%s::%s\n", propertyEscapes.Replace(f.Rule), dataEscapes.Replace(message))
		}
	}
	return out.Flush()
}

// A message is escaped, so that a file cannot write commands of its own.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
