package lint

import (
	"encoding/xml"
	"fmt"
	"io"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	Failure   *junitFailure `xml:"failure"`
	Output    string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as the XML of JUnit: a suite for each file, in it a
// failed case for each error. A warning is a case that passes and has output;
// with strict it fails. A file without findings is one case that passes.
func (r *Report) JUnit(w io.Writer, strict bool) error {
	all := junitSuites{Name: "gobiz catalog validate"}
	for _, file := range r.Files {
		suite := junitSuite{Name: file.File}
		for _, f := range file.Findings {
			c := junitCase{Name: fmt.Sprintf("%s %d:%d", f.Rule, f.Line, f.Column), ClassName: file.File}
			text := fmt.Sprintf("%s:%d:%d: %s: %s", file.File, f.Line, f.Column, f.Path, f.Message)
			if f.Hint != "" {
				text += "\nhint: " + f.Hint
			}
			if f.Severity == catalog.SeverityError || strict {
				c.Failure = &junitFailure{f.Message, f.Rule, text}
				suite.Failures++
			} else {
				c.Output = text
			}
			suite.Cases = append(suite.Cases, c)
		}
		if len(suite.Cases) == 0 {
			suite.Cases = []junitCase{{Name: "valid", ClassName: file.File}}
		}
		suite.Tests = len(suite.Cases)
		all.Tests += suite.Tests
		all.Failures += suite.Failures
		all.Suites = append(all.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
