package lint

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"

	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// RulesURL is where the rules are explained.
const RulesURL = "https://github.com/gobiz-cli/gobiz/blob/main/docs/catalog.md#checks"

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	Version        string      `json:"version,omitempty"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID                   string    `json:"id"`
	ShortDescription     sarifText `json:"shortDescription"`
	HelpURI              string    `json:"helpUri"`
	DefaultConfiguration struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	RuleIndex int             `json:"ruleIndex"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

type sarifLocation struct {
	PhysicalLocation struct {
		ArtifactLocation struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region *sarifRegion `json:"region,omitempty"`
	} `json:"physicalLocation"`
	LogicalLocations []sarifName `json:"logicalLocations,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
}

type sarifName struct {
	FullyQualifiedName string `json:"fullyQualifiedName"`
}

// SARIF writes the report in the Static Analysis Results Interchange Format
// 2.1.0, with columns in characters. version is that of gobiz, may be empty.
func (r *Report) SARIF(w io.Writer, version string) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "gobiz", Version: version, InformationURI: "https://github.com/gobiz-cli/gobiz"}
	index := map[string]int{}
	for _, rule := range catalog.Rules() {
		if _, known := index[rule.ID]; known {
			continue // its first row has the severity that it mostly has
		}
		index[rule.ID] = len(run.Tool.Driver.Rules)
		entry := sarifRule{ID: rule.ID, ShortDescription: sarifText{rule.Summary}, HelpURI: RulesURL}
		entry.DefaultConfiguration.Level = string(rule.Severity)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, entry)
	}
	for _, file := range r.Files {
		uri := (&url.URL{Path: filepath.ToSlash(file.File)}).String()
		for _, f := range file.Findings {
			run.Results = append(run.Results, sarifFinding(f, uri, index[f.Rule]))
		}
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

func sarifFinding(f catalog.Finding, uri string, rule int) sarifResult {
	var at sarifLocation
	at.PhysicalLocation.ArtifactLocation.URI = uri
	if f.Line > 0 {
		at.PhysicalLocation.Region = &sarifRegion{f.Line, max(f.Column, 1)}
	}
	if f.Path != "" {
		at.LogicalLocations = []sarifName{{f.Path}}
	}
	return sarifResult{f.Rule, rule, string(f.Severity), sarifText{withHint(f)}, []sarifLocation{at}}
}

// withHint is the message for a format that has no place for hints.
func withHint(f catalog.Finding) string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + " (" + f.Hint + ")"
}
