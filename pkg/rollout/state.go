package rollout

import (
	"cmp"
	"path/filepath"
	"strings"
)

// State is where this machine keeps what it needs to undo and to explain pushes:
// snapshots and the audit log.
type State struct {
	Dir   string // made with mode 0700 at the first write
	Place Place
}

// Snapshots are the menus that pushes have replaced.
func (s State) Snapshots() Snapshots {
	return Snapshots{Dir: filepath.Join(s.Dir, "snapshots"), Place: s.Place}
}

// Audit is the log of all writes, of all profiles.
func (s State) Audit() AuditLog { return AuditLog{Path: filepath.Join(s.Dir, "audit.jsonl")} }

// A Place tells where a menu is: the same outlet id exists in the sandbox and in
// production, with menus that have nothing to do with each other.
type Place struct {
	Profile     string
	Environment string // sandbox, production, local or custom
	Host        string // of the API, for custom environments
}

// folder is the place as a name of a folder.
func (p Place) folder() string {
	name := p.Environment
	if name == "custom" || name == "" {
		name = "custom-" + p.Host
	}
	return safeName(name)
}

// safeName keeps what somebody typed from leaving a folder.
func safeName(s string) string {
	return cmp.Or(strings.TrimLeft(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '_'
	}, s), "."), "_")
}
