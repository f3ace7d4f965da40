// Package catalog holds a menu as data: the file a partner keeps in a
// repository ([File]), the menu an outlet has ([Live]), and the body that
// replaces it ([Payload]).
//
//	file --Parse--> File --Build--> Payload --(PUT)--> GoBiz
//	file <--Encode-- File <--File-- Live <--FromLive-- (GET)
//
// Everything here is a pure function of its arguments: no network, no files, no
// clock. Money is whole rupiah unless a name says otherwise; lengths are counted
// in characters; lines and columns count from 1, columns in characters.
package catalog

import _ "embed"

// An API is a generation of GoBiz, with its own catalog body and limits.
type API string

const (
	// Partner is the partner API: PUT …/v1/catalog with variant categories
	// (developer documentation, "Sync menu").
	Partner API = "partner"
	// Enterprise is the Enterprise Integration Middleware: PUT
	// /outlets/{id}/catalog, without variants ("Update menu" there).
	Enterprise API = "enterprise"
)

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
