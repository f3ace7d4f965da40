package triage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/internal/spelling"
)

func (d *doctor) version(context.Context) verdict {
	return ok(fmt.Sprintf("%s, %s, %s/%s", d.setup.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH))
}

func (d *doctor) configFile(context.Context) verdict {
	path := d.setup.ConfigPath
	if err := d.setup.ConfigErr; errors.Is(err, fs.ErrPermission) && path != "" {
		return failed(err.Error(), "chmod 600 "+quote(path))
	} else if err != nil {
		return d.failedBy(err, editor(path))
	}
	info, err := os.Stat(path)
	if path == "" {
		return ok("none, for want of a home directory")
	}
	if errors.Is(err, fs.ErrNotExist) {
		return ok("no file yet at " + path)
	}
	if err != nil {
		return failed(err.Error(), "")
	}
	message := fmt.Sprintf("%s is readable, %s", path, spelling.Count(len(d.setup.Profile.Known), "profile"))
	if d.setup.GOOS == "windows" {
		return ok(message)
	}
	var open, fixes []string
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		open = append(open, fmt.Sprintf("the file has mode %04o, others can read it", mode))
		fixes = append(fixes, "chmod 600 "+quote(path))
	}
	// The folder of a file that was chosen with a flag has other uses; then only
	// its being writable for others counts.
	dir := filepath.Dir(path)
	forbidden := fs.FileMode(0o022)
	if filepath.Base(dir) == "gobiz" {
		forbidden = 0o077
	}
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&forbidden != 0 && info.Mode()&fs.ModeSticky == 0 {
		open = append(open, fmt.Sprintf("the folder has mode %04o", info.Mode().Perm()))
		fixes = append(fixes, "chmod 700 "+quote(dir))
	}
	if len(open) > 0 {
		return warning(path+": "+strings.Join(open, ", "), strings.Join(fixes, " && "))
	}
	return ok(message)
}

func (d *doctor) profile(context.Context) verdict {
	p := d.setup.Profile
	if d.setup.Empty {
		return failed("nothing is set up yet: no profile, and nothing in the environment", "gobiz login --env sandbox --client-id ID")
	}
	if p.Err != nil {
		if p.DirectoryErr {
			return d.failedBy(p.Err, editor(p.DirectoryFile))
		}
		return d.failedBy(p.Err, "gobiz profile list")
	}
	hidden := ""
	if p.DirectoryFile != "" && p.DirectoryFile != p.Origin {
		hidden = fmt.Sprintf("; %s names %q and is not used", p.DirectoryFile, p.DirectoryProfile)
	}
	if p.Name == "" {
		if len(p.Known) > 0 && p.Origin == "" {
			return warning(fmt.Sprintf("none is chosen of %s, so the environment and the defaults count%s", strings.Join(p.Known, ", "), hidden),
				"gobiz profile use "+p.Known[0])
		}
		return ok("none: environment variables and defaults decide" + hidden)
	}
	return ok(fmt.Sprintf("%s, chosen by %s%s", p.Name, p.Origin, hidden))
}

func (d *doctor) environment(context.Context) verdict {
	s := d.setup.Settings
	if err := d.setup.SettingsErr; err != nil {
		return d.failedBy(err, d.resetEnvironment())
	}
	message := fmt.Sprintf("%s: API %s, login %s", s.Environment, cmp.Or(s.APIURL, "(none)"), s.OAuthURL)
	if s.API == config.Enterprise {
		message += ", legacy API"
	}
	if s.IsProduction() {
		message = "PRODUCTION, real shops and orders: " + strings.TrimPrefix(message, "production: ")
	}
	return ok(message)
}

// resetEnvironment takes back what chose the hosts: the variables if there are
// some, else the profile's own keys.
func (d *doctor) resetEnvironment() string {
	var set []string
	for _, name := range []string{"GOBIZ_ENV", "GOBIZ_API", "GOBIZ_API_URL", "GOBIZ_OAUTH_URL"} {
		if d.setup.Getenv(name) != "" {
			set = append(set, name)
		}
	}
	if len(set) > 0 {
		return "unset " + strings.Join(set, " ")
	}
	if name := d.setup.Profile.Name; name != "" {
		return "gobiz profile set " + name + " environment=ENVIRONMENT api_url= oauth_url="
	}
	return "gobiz help environment"
}

func editor(path string) string {
	if path == "" {
		return ""
	}
	return "${EDITOR:-vi} " + quote(path)
}

// quote makes one word of a path for a shell.
func quote(path string) string {
	plain := !strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+@%:,=", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if plain && path != "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// stateFolder writes a file and removes it: permission bits do not tell about a
// read-only file system, a full disk or a quota. A folder that is not there yet
// is not made; then the folder above it must do.
func (d *doctor) stateFolder(context.Context) verdict {
	const fix = "export GOBIZ_STATE_DIR=DIR # a folder of yours"
	dir := d.setup.StateDir
	if dir == "" {
		message, fix := d.explain(config.Settings{}.RequireStateDir(), fix)
		return warning(message, fix)
	}
	where, isNew := dir, false
	for {
		_, err := os.Stat(where)
		if err == nil {
			break
		}
		if parent := filepath.Dir(where); errors.Is(err, fs.ErrNotExist) && parent != where {
			where, isNew = parent, true
			continue
		}
		return failed("not usable: "+err.Error(), fix)
	}
	file, err := os.CreateTemp(where, ".gobiz-doctor-*")
	if err != nil {
		return failed("not writable: "+err.Error(), fix)
	}
	_, err = file.WriteString("gobiz doctor\n")
	err = errors.Join(err, file.Close(), os.Remove(file.Name()))
	if err != nil {
		return failed("not writable: "+err.Error(), fix)
	}
	if isNew {
		return ok(dir + " can be made")
	}
	if mode, open := openToOthers(d.setup.GOOS, dir); open {
		return warning(fmt.Sprintf("%s has mode %04o, others can look into it", dir, mode), "chmod 700 "+quote(dir))
	}
	return ok(dir + " is writable")
}

// openToOthers reports whether a file or folder is open to other users than its
// owner. Windows has no such bits.
func openToOthers(goos, path string) (fs.FileMode, bool) {
	info, err := os.Stat(path)
	if err != nil || goos == "windows" {
		return 0, false
	}
	mode := info.Mode().Perm()
	return mode, mode&0o077 != 0
}
