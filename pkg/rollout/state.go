package rollout

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
)

// State is where this machine keeps what it needs to undo and to explain pushes:
// snapshots and the log of writes.
type State struct {
	Dir         string // made with mode 0700 at the first write
	Environment Environment
}

// Snapshots are the menus that pushes have replaced.
func (s State) Snapshots() Snapshots {
	return Snapshots{Dir: filepath.Join(s.Dir, "snapshots"), Environment: s.Environment}
}

// Writes is the log of all writes, of all profiles.
func (s State) Writes() WriteLog { return WriteLog{Path: filepath.Join(s.Dir, "audit.jsonl")} }

// An Environment tells where a menu is: the same outlet id exists in the sandbox
// and in production, with menus that have nothing to do with each other.
type Environment struct {
	Profile string // the user's name for how to get there
	Name    string // sandbox, production, local or custom
	Host    string // of the API, for custom environments
}

// folder is the environment as a name of a folder.
func (e Environment) folder() string {
	name := e.Name
	if name == "custom" || name == "" {
		name = "custom-" + e.Host
	}
	return safeName(name)
}

// safeName is what somebody typed as the name of a file: it leaves no folder, and
// two texts never have one name.
func safeName(s string) string {
	safe := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '_'
	}, s), ".")
	if safe == s && s != "" && len(s) <= maxName {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return safe[:min(len(safe), maxName)] + "_" + hex.EncodeToString(sum[:8])
}

const maxName = 100 // file systems have names of 255 bytes, with what is added to them
