// Package config reads and writes the settings of gobiz: profiles in a
// file, the environment, and flags, in layers.
//
// A flag beats the environment, the environment beats the profile, the
// profile beats the default. Which profile counts is decided in its own order:
// flag, GOBIZ_PROFILE, a .gobiz.yaml in the working directory or above it,
// and current_profile of the file.
//
// The file holds no secrets. They come from the environment, or rest in a
// store of the credentials package.
package config

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Options say where settings come from. The package reads neither the process's
// environment nor its working directory.
type Options struct {
	// Getenv looks up an environment variable. An empty value counts as unset.
	// Nil means an empty environment.
	Getenv func(string) string
	// Flags holds the flags that the user gave, by setting key ("client_id", not
	// "client-id"). Several scopes are separated by spaces.
	Flags map[string]string
	// Path is the configuration file. Empty means: the flag "config", GOBIZ_CONFIG, and
	// then the platform's own place.
	Path string
	// WorkDir is where the search for .gobiz.yaml starts. Empty means no search.
	WorkDir string
	// GOOS selects the platform's directories. Empty means the platform of the build.
	GOOS string
}

// Config is what the configuration file and the directory file say, together with
// the flags and the environment of one run. It is not safe for use during an
// Edit from another goroutine.
type Config struct {
	path      string
	stateDir  string
	flags     map[string]string
	getenv    func(string) string
	directory directoryFile
	file      file
	skipped   []string
}

// Load reads the configuration file and, unless something stronger chooses the
// profile, .gobiz.yaml. A missing file is an
// empty one, since login creates it. What exists and is no regular file (a
// directory, a pipe, a device) is an error; links are followed.
// Errors are a *FileError, or one of os.
func Load(opts Options) (*Config, error) {
	c := withoutFiles(opts)
	var err error
	// Without a home there is no file, and what needs a folder says so later:
	// credentials in the environment need neither.
	if c.path != "" {
		if c.file, err = readFile(c.path); err != nil {
			return nil, err
		}
	}
	if opts.WorkDir != "" && c.flags[KeyProfile] == "" && c.getenv("GOBIZ_PROFILE") == "" && !c.environmentIsComplete() {
		if err := c.findDirectoryFile(opts.WorkDir); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// LoadEnvironment returns what flags and environment say, without the files. It
// reports whether that is all that a run needs.
func LoadEnvironment(opts Options) (*Config, bool) {
	c := withoutFiles(opts)
	name, origin := c.Selected()
	return c, name == "" && origin.Layer == LayerEnvironment
}

func withoutFiles(opts Options) *Config {
	c := &Config{getenv: opts.Getenv, flags: maps.Clone(opts.Flags)}
	if c.getenv == nil {
		c.getenv = func(string) string { return "" }
	}
	goos := cmp.Or(opts.GOOS, runtime.GOOS)
	c.path = cmp.Or(opts.Path, opts.Flags[KeyConfig], c.getenv("GOBIZ_CONFIG"), defaultPath(goos, c.getenv))
	c.stateDir = cmp.Or(c.getenv("GOBIZ_STATE_DIR"), defaultStateDir(goos, c.getenv))
	return c
}

// Skipped lists each .gobiz.yaml that was found and not read, with the reason.
func (c *Config) Skipped() []string { return slices.Clone(c.skipped) }

// Path is the configuration file, which may not exist yet; empty when there is
// no home directory for it.
func (c *Config) Path() string { return c.path }

// StateDir is where snapshots, audit logs, locks and the encrypted credential file
// live: GOBIZ_STATE_DIR, else XDG_STATE_HOME/gobiz, else the platform's own
// place. It may not exist yet; it is to be made with mode 0700. It is empty when
// there is no home directory for it: see Settings.RequireStateDir.
func (c *Config) StateDir() string { return c.stateDir }

// Profiles lists the names of the profiles in the file, sorted.
func (c *Config) Profiles() []string {
	return slices.Sorted(maps.Keys(c.file.profiles))
}

// Profile returns what the file says about one profile, by setting key.
func (c *Config) Profile(name string) (Profile, bool) {
	p, ok := c.file.profiles[name]
	if !ok {
		return nil, false
	}
	out := Profile{}
	for key, value := range p.values {
		out[key] = value.text
	}
	return out, true
}

// CurrentProfile is the profile chosen by `gobiz profile use`, or empty.
func (c *Config) CurrentProfile() string { return c.file.current }

// Selected says which profile a run without an argument uses, and where that choice
// was made. The name is empty when there is none: nothing was chosen, or
// credentials and hosts come from the environment.
func (c *Config) Selected() (name string, origin Origin) {
	if name := c.flags[KeyProfile]; name != "" {
		return name, Origin{Layer: LayerFlag, Detail: "--profile"}
	}
	if name := c.getenv("GOBIZ_PROFILE"); name != "" {
		return name, Origin{Layer: LayerEnvironment, Detail: "GOBIZ_PROFILE"}
	}
	// A CI job that brings credentials and hosts must not depend on a file that
	// happens to lie on the machine.
	if c.environmentIsComplete() {
		return "", Origin{Layer: LayerEnvironment}
	}
	if c.directory.profile != "" {
		return c.directory.profile, Origin{Layer: LayerDirectory, Detail: c.directory.path}
	}
	if c.file.current != "" {
		return c.file.current, Origin{Layer: LayerProfile, Detail: c.path}
	}
	return "", Origin{Layer: LayerDefault}
}

// environmentIsComplete reports whether the environment names both who calls
// and which hosts are called.
func (c *Config) environmentIsComplete() bool {
	credentials := c.getenv("GOBIZ_ACCESS_TOKEN") != "" ||
		c.getenv("GOBIZ_CLIENT_ID") != "" && c.getenv("GOBIZ_CLIENT_SECRET") != ""
	hosts := c.getenv("GOBIZ_ENV") != "" ||
		c.getenv("GOBIZ_API_URL") != "" && c.getenv("GOBIZ_OAUTH_URL") != ""
	return credentials && hosts
}

// directoryFile is a .gobiz.yaml.
type directoryFile struct {
	path    string
	profile string
}

// directoryFileName lies next to the menus of a shop and says whose they are.
const directoryFileName = ".gobiz.yaml"

// findDirectoryFile looks in dir and above it, up to the root of the repository or
// the home directory: what lies above is not the user's choice for this work. A
// file of another user is not read either, who could point commands at a shop.
func (c *Config) findDirectoryFile(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	home := cmp.Or(c.getenv("HOME"), c.getenv("USERPROFILE"))
	outside := "" // why what comes now is not read
	for {
		path := filepath.Join(dir, directoryFileName)
		foreign, err := ofAnotherUser(path)
		switch {
		case err != nil: // there is none, or this folder is not for us to look into
		case outside != "":
			c.skipped = append(c.skipped, path+": "+outside)
		case foreign:
			c.skipped = append(c.skipped, path+": it belongs to another user")
		default:
			data, err := readBounded(path, otherDirectory)
			if err == nil {
				c.directory.path = path
				c.directory.profile, err = parseDirectoryFile(path, data)
				return err
			}
			if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
				return err
			}
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			outside = cmp.Or(outside, "it lies above the repository")
		}
		if home != "" && dir == filepath.Clean(home) {
			outside = cmp.Or(outside, "it lies above the home directory")
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}

// ofAnotherUser reports whether a file, or the link that leads to it, is somebody
// else's.
func ofAnotherUser(path string) (bool, error) {
	link, err := os.Lstat(path)
	if err != nil {
		return false, err
	}
	target, err := os.Stat(path)
	return err == nil && (!owned(link) || !owned(target)), err
}
