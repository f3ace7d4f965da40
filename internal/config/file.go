package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"go.yaml.in/yaml/v4"

	"github.com/gobiz-cli/gobiz/internal/spelling"
)

// Profile is what a file says about a profile, by setting key. Scopes are
// separated by spaces.
type Profile map[string]string

// file is the parsed configuration file.
type file struct {
	current  string
	profiles map[string]profile
}

type profile struct {
	line   int
	values map[string]fileValue
}

type fileValue struct {
	text string
	line int
}

// maxFileSize bounds what is read: a path given by mistake may be a device or a dump.
const maxFileSize = 1 << 20

func readFile(path string) (file, error) {
	data, err := readBounded(path, otherConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return file{}, nil
	}
	if err != nil {
		return file{}, err
	}
	return parseFile(path, data)
}

// Advice for a path that is no configuration file.
const (
	otherConfig    = "name a file with --config or GOBIZ_CONFIG"
	otherDirectory = "move it away: " + directoryFileName + " is a text file with the line profile: NAME"
)

// readBounded reads a regular file, through links.
func readBounded(path, advice string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := checkRegular(path, info, advice); err != nil {
		return nil, err
	}
	if info.Size() > maxFileSize {
		return nil, &FileError{Path: path, Message: "is larger than 1 MB, so it is no configuration file", advice: advice}
	}
	return os.ReadFile(path)
}

// checkRegular refuses what would not end when it is read, or would be destroyed when it is replaced: a pipe, a
// device, a socket. info is of what links lead to.
func checkRegular(path string, info fs.FileInfo, advice string) error {
	kind := ""
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		kind = "a directory"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a pipe"
	case mode&fs.ModeSocket != 0:
		kind = "a socket"
	case mode&fs.ModeDevice != 0:
		kind = "a device"
	default:
		kind = "of another kind"
	}
	return &FileError{Path: path, Message: "is " + kind + ", not a configuration file", advice: advice}
}

// parseDocument returns a YAML file and its top mapping, which is nil for an empty one.
func parseDocument(path string, data []byte) (doc, top *yaml.Node, err error) {
	doc = &yaml.Node{}
	if isBlank(data) {
		doc.HeadComment = strings.TrimSpace(string(data))
		return doc, nil, nil
	}
	if err := yaml.Load(data, doc); err != nil {
		return nil, nil, syntaxError(path, err)
	}
	if doc.Kind == 0 || len(doc.Content) == 0 {
		return doc, nil, nil
	}
	switch top = doc.Content[0]; {
	case top.Kind == yaml.ScalarNode && top.Tag == "!!null":
		return doc, nil, nil
	case top.Kind != yaml.MappingNode:
		return nil, nil, mistake(path, top, "expected keys and values like current_profile: NAME")
	}
	return doc, top, nil
}

// isBlank reports whether a file holds only comments and white space, in which the library finds no document.
func isBlank(data []byte) bool {
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return false
		}
	}
	return true
}

var lineInError = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bline (\d+)(?:, column (\d+))?:? ?`) })

// syntaxError gives the position, and nothing of the file: a secret may stand in
// what the library quotes.
func syntaxError(path string, err error) error {
	e := &FileError{Path: path, Message: "not valid YAML", advice: "correct the file, or move it away and run gobiz login"}
	if m := lineInError().FindStringSubmatch(err.Error()); m != nil {
		e.Line, _ = strconv.Atoi(m[1])
		e.Column, _ = strconv.Atoi(m[2])
	}
	return e
}

func mistake(path string, n *yaml.Node, format string, args ...any) *FileError {
	return &FileError{Path: path, Line: n.Line, Column: n.Column, Message: fmt.Sprintf(format, args...)}
}

// eachPair walks a mapping and refuses what people never mean: a key that is no
// plain text, a key that stands twice, anchors that pull values from elsewhere.
func eachPair(path string, m *yaml.Node, do func(key, value *yaml.Node) error) error {
	if m.Kind == yaml.ScalarNode && m.Tag == "!!null" {
		return nil
	}
	if m.Kind != yaml.MappingNode {
		return mistake(path, m, "expected keys and values")
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(m.Content); i += 2 {
		key, value := m.Content[i], m.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Value == "<<" && key.Tag == "!!merge" {
			return mistake(path, key, "a key must be plain text")
		}
		if line, ok := seen[key.Value]; ok {
			return mistake(path, key, "the key that stands here stands on line %d too", line)
		}
		seen[key.Value] = key.Line
		if err := do(key, value); err != nil {
			return err
		}
	}
	return nil
}

func parseFile(path string, data []byte) (file, error) {
	_, top, err := parseDocument(path, data)
	if err != nil {
		return file{}, err
	}
	return parseTop(path, top)
}

// parseTop reads the top mapping of a file, nil for an empty one.
func parseTop(path string, top *yaml.Node) (file, error) {
	if top == nil {
		return file{}, nil
	}
	f := file{profiles: map[string]profile{}}
	err := eachPair(path, top, func(key, value *yaml.Node) error {
		switch key.Value {
		case "current_profile":
			text, err := scalar(path, key.Value, value)
			f.current = text
			return err
		case "profiles":
			return eachPair(path, value, func(name, value *yaml.Node) error {
				if err := checkProfileName(name.Value); err != nil {
					return mistake(path, name, "%s", unquoted(err))
				}
				p, err := parseProfile(path, name, value)
				f.profiles[name.Value] = p
				return err
			})
		default:
			return unknownKey(path, key, []string{"current_profile", "profiles"})
		}
	})
	return f, err
}

func parseProfile(path string, name, m *yaml.Node) (profile, error) {
	p := profile{line: name.Line, values: map[string]fileValue{}}
	err := eachPair(path, m, func(key, value *yaml.Node) error {
		setting, ok := settingOf(key.Value)
		if ok && setting.Secret {
			e := mistake(path, key, "%s does not belong into this file: it holds no secrets", key.Value)
			e.advice = "remove the line and run gobiz login, or set " + setting.Env
			return e
		}
		if !ok || !setting.InProfile {
			return unknownKey(path, key, profileKeys())
		}
		text, err := settingText(path, setting, value)
		if err != nil || text == "" {
			return err
		}
		if text, err = checkValue(setting, text); err != nil {
			return mistake(path, value, "%s: %s", key.Value, unquoted(err))
		}
		p.values[key.Value] = fileValue{text: text, line: value.Line}
		return nil
	})
	return p, err
}

func settingText(path string, s Setting, value *yaml.Node) (string, error) {
	if !s.List || value.Kind != yaml.SequenceNode {
		return scalar(path, s.Key, value)
	}
	var words []string
	for _, item := range value.Content {
		word, err := scalar(path, s.Key, item)
		if err != nil {
			return "", err
		}
		words = append(words, strings.Fields(word)...)
	}
	return strings.Join(words, " "), nil
}

// scalar reads a value as the user wrote it: client_id: 0123 is "0123".
func scalar(path, key string, value *yaml.Node) (string, error) {
	switch {
	case value.Kind != yaml.ScalarNode:
		return "", mistake(path, value, "%s: expected one value", key)
	case value.Tag == "!!null":
		return "", nil
	}
	return strings.TrimSpace(value.Value), nil
}

func unknownKey(path string, key *yaml.Node, known []string) error {
	e := mistake(path, key, "unknown key")
	e.advice = "known keys: " + strings.Join(known, ", ")
	if near := spelling.Nearest(strings.ReplaceAll(key.Value, "-", "_"), known); near != "" {
		e.advice = fmt.Sprintf("did you mean %s?", near)
	}
	return e
}

func parseDirectoryFile(path string, data []byte) (string, error) {
	_, top, err := parseDocument(path, data)
	var broken *FileError
	if errors.As(err, &broken) {
		broken.advice = otherDirectory
	}
	if err != nil || top == nil {
		return "", err
	}
	var name string
	err = eachPair(path, top, func(key, value *yaml.Node) error {
		if key.Value != KeyProfile {
			return unknownKey(path, key, []string{KeyProfile})
		}
		var err error
		if name, err = scalar(path, key.Value, value); err != nil || name == "" {
			return err
		}
		if err := checkProfileName(name); err != nil {
			return mistake(path, value, "%s", unquoted(err))
		}
		return nil
	})
	return name, err
}

// unfitError is a value that does not do. It is quoted where the user has typed it.
type unfitError struct{ value, problem string }

func (e *unfitError) Error() string { return fmt.Sprintf("%q %s", e.value, e.problem) }

// unquoted is the text of an error about a value in a file, where it may be a
// secret that was put into the wrong place.
func unquoted(err error) string {
	var unfit *unfitError
	if errors.As(err, &unfit) {
		return "the value " + unfit.problem
	}
	return err.Error()
}

// checkValue judges and normalises one value, wherever it comes from. Its errors
// name neither key nor place.
func checkValue(s Setting, text string) (string, error) {
	switch s.Key {
	case KeyGrant:
		text = strings.ReplaceAll(text, "-", "_") // the flag's spelling
	case KeyAPIURL, KeyOAuthURL:
		return normaliseURL(text)
	case KeyScopes:
		return strings.Join(strings.Fields(text), " "), nil
	}
	if len(s.Values) > 0 && !slices.Contains(s.Values, text) {
		return "", &unfitError{text, "is not one of " + strings.Join(s.Values, ", ")}
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", errors.New("the value holds control characters")
	}
	return text, nil
}

// checkProfileName keeps names that need no quoting in a shell. Case counts, dots are fine.
func checkProfileName(name string) error {
	ok := name != "" && len(name) <= 100 && !strings.HasPrefix(name, "-") && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-+@", r)
	})
	if !ok {
		return &unfitError{name, "is not a profile name: use letters, digits and ._-+@"}
	}
	return nil
}
