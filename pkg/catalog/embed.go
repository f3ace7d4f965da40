package catalog

import _ "embed"

//go:embed catalog.schema.json
var schemaText string

//go:embed starter.yaml
var starterText string

// Schema gives the JSON Schema (2020-12) of a catalog file, with which editors
// complete and check it. docs/catalog.schema.json is a copy of it.
func Schema() string { return schemaText }

// Starter gives a catalog file with an example of everything, in YAML. The
// partner API takes it as it is.
func Starter() string { return starterText }
