package lint

import (
	"os"
	"path/filepath"
	"strings"
)

// InRepository returns the path of a file from the root of its repository, with
// slashes, as code hosts name files. The root is workspace, which a CI system
// names and may be empty, or else the folder with .git that is next above the
// file. file is absolute; where it is in neither it is not ok.
func InRepository(file, workspace string) (path string, ok bool) {
	folder, err := filepath.EvalSymlinks(filepath.Dir(file))
	if err != nil {
		return "", false
	}
	file = filepath.Join(folder, filepath.Base(file))
	if root, err := filepath.EvalSymlinks(workspace); err == nil && workspace != "" {
		if path, ok := below(root, file); ok {
			return path, true
		}
	}
	for {
		if _, err := os.Lstat(filepath.Join(folder, ".git")); err == nil {
			return below(folder, file)
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", false
		}
		folder = parent
	}
}

func below(root, file string) (string, bool) {
	path, err := filepath.Rel(root, file)
	return filepath.ToSlash(path), err == nil && path != ".." && !strings.HasPrefix(path, ".."+string(filepath.Separator))
}
