package rollout

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
)

// State is where this machine keeps what it needs to undo and to explain pushes:
// snapshots, the log of writes, those that are not seen live yet, and a lock for
// each outlet. All but the log belong to the place, the hosts of the environment.
type State struct {
	Dir         string // made with mode 0700 at the first write
	Environment Environment
	// Command tells those who wait for a lock what holds it, such as "catalog push G1".
	Command string
}

// Snapshots are the menus that pushes have replaced.
func (s State) Snapshots() Snapshots {
	return Snapshots{Dir: filepath.Join(s.Dir, "snapshots"), Environment: s.Environment}
}

// Writes is the log of all writes, of all profiles.
func (s State) Writes() WriteLog { return WriteLog{Path: filepath.Join(s.Dir, "audit.jsonl")} }

// writes are those of an outlet that are under way.
func (s State) writes(outletID string) openWrites {
	return openWrites{folder: filepath.Join(s.Dir, "pending", s.Environment.folder(), safeName(outletID)), log: s.Writes()}
}

func (s State) lock(outletID string) outletLock {
	path := filepath.Join(s.Dir, "locks", s.Environment.folder(), safeName(outletID))
	return outletLock{path: path + ".lock", holder: path + ".json", command: s.Command}
}

// An Environment tells where a menu is: the same outlet id exists in the sandbox
// and in production, with menus that have nothing to do with each other.
type Environment struct {
	Profile string // the user's name for how to get there
	Name    string // sandbox, production, local or custom
	// API and OAuth are the hosts, with a port or path where there is one. They make the place.
	API, OAuth string
	// Sandbox is the id of a sandbox at these hosts, whose menus end with it; else empty.
	Sandbox string
}

// folder is the environment's place as a name of a folder.
func (e Environment) folder() string {
	folder := safeName(cmp.Or(e.API, e.Name))
	if e.OAuth != e.API {
		folder += "+" + safeName(e.OAuth)
	}
	if e.Sandbox != "" {
		folder += "+" + safeName(e.Sandbox)
	}
	return folder
}

// oldFolder is where snapshots were before they belonged to hosts; empty for an
// environment whose name did not tell the place.
func (e Environment) oldFolder() string {
	switch e.Name {
	case "sandbox", "production":
		return e.Name
	case "custom":
		return safeName("custom-" + e.API)
	}
	return ""
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
