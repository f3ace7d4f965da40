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
}

// Load reads the configuration file and .gobiz.yaml. A missing file is an
// empty one, since login creates it. What exists and is no regular file (a
// directory, a pipe, a device) is an error; links are followed.
// Errors are a *FileError, or one of os.
func Load(opts Options) (*Config, error) {
	getenv := opts.Getenv
	if getenv == nil {
		getenv = func(string) string { return "" }
	}
	goos := cmp.Or(opts.GOOS, runtime.GOOS)
	c := &Config{getenv: getenv, flags: maps.Clone(opts.Flags)}
	var err error
	c.path = cmp.Or(opts.Path, opts.Flags[KeyConfig], getenv("GOBIZ_CONFIG"), defaultPath(goos, getenv))
	c.stateDir = cmp.Or(getenv("GOBIZ_STATE_DIR"), defaultStateDir(goos, getenv))
	// Without a home there is no file, and what needs a folder says so later:
	// credentials in the environment need neither.
	if c.path != "" {
		if c.file, err = readFile(c.path); err != nil {
			return nil, err
		}
	}
	if opts.WorkDir != "" {
		if c.directory, err = findDirectoryFile(opts.WorkDir); err != nil {
			return nil, err
		}
	}
	return c, nil
}

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

func findDirectoryFile(dir string) (directoryFile, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return directoryFile{}, err
	}
	for {
		path := filepath.Join(dir, directoryFileName)
		data, err := readBounded(path, otherDirectory)
		switch {
		case err == nil:
			name, err := parseDirectoryFile(path, data)
			return directoryFile{path: path, profile: name}, err
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			// Not being allowed to look into a parent folder is no reason to stop working.
		default:
			return directoryFile{}, err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return directoryFile{}, nil
		}
		dir = parent
	}
}
