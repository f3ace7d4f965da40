package config

import (
	"cmp"
	"errors"
	"path/filepath"
)

// errNoHome is what a stripped environment (a cron job, a container) leads to.
var errNoHome = &plainError{
	message: "no home directory: HOME is not set",
	advice:  "set HOME, or GOBIZ_CONFIG and GOBIZ_STATE_DIR",
}

func defaultPath(goos string, getenv func(string) string) string {
	dir := ownDirectory(goos, getenv, "XDG_CONFIG_HOME", "AppData", ".config")
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "config.yaml")
}

func defaultStateDir(goos string, getenv func(string) string) string {
	return ownDirectory(goos, getenv, "XDG_STATE_HOME", "LocalAppData", ".local", "state")
}

// ownDirectory follows the XDG base directories wherever they are set, and else the
// platform's own place. It does not use os.UserConfigDir, which reads the
// process's environment. Without a home directory it is empty.
func ownDirectory(goos string, getenv func(string) string, xdg, windows string, unix ...string) string {
	dir := getenv(xdg)
	if !filepath.IsAbs(dir) {
		switch goos {
		case "windows":
			dir = getenv(windows)
		case "darwin", "ios":
			dir = underHome(getenv, "Library", "Application Support")
		default:
			dir = underHome(getenv, unix...)
		}
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "gobiz")
}

func underHome(getenv func(string) string, elem ...string) string {
	home := cmp.Or(getenv("HOME"), getenv("USERPROFILE"))
	if home == "" {
		return ""
	}
	return filepath.Join(append([]string{home}, elem...)...)
}

// plainError is an error with advice and nothing else to ask it.
type plainError struct{ message, advice string }

func (e *plainError) Error() string        { return e.message }
func (e *plainError) Advice() string       { return e.advice }
func (e *plainError) Is(target error) bool { return target == ErrInvalid }

// ErrInvalid is what every error of this package about a wrong setting, profile or file
// matches with errors.Is. Failures to read or write a file do not match.
var ErrInvalid = errors.New("invalid configuration")
