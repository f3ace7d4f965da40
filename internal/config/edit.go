package config

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/gobiz-cli/gobiz/internal/atomicfile"
	"github.com/gobiz-cli/gobiz/internal/filelock"
)

// Editor changes the configuration file. It works on the file's own nodes, so
// comments, order and keys that this version does not know stay.
type Editor struct {
	top  *yaml.Node
	puts []string // profiles that were changed
}

// lockWait is longer than an edit takes.
const lockWait = 30 * time.Second

// lock keeps other processes from editing the file, whichever link leads them to it.
func (c *Config) lock(ctx context.Context) (unlock func(), err error) {
	path, err := filepath.EvalSymlinks(c.path)
	if err != nil {
		path = c.path // it does not exist yet
	}
	if err := atomicfile.MkdirAll(filepath.Dir(path)); err != nil {
		return nil, err
	}
	return filelock.Take(ctx, path+".lock", lockWait)
}

// Edit reads the file again, lets edit change it, and writes it back: into a temporary
// file (mode 0600, folder 0700) that replaces the old one in one step, so that
// a crash does not leave half a file. The file is locked from the reading to the
// writing, so that processes that edit it at the same time lose nothing; c shows
// what was read while edit runs, and the new content afterwards. If edit fails, or
// a changed profile could not be used (*MixedHostsError, *ValueError), nothing is
// written.
func (c *Config) Edit(ctx context.Context, edit func(*Editor) error) error {
	if c.path == "" {
		return errNoHome
	}
	unlock, err := c.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	data, err := readBounded(c.path, otherConfig)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	doc, top, err := parseDocument(c.path, data)
	if err != nil {
		return err
	}
	if c.file, err = parseTop(c.path, top); err != nil {
		return err
	}
	if top == nil {
		top = mapping()
		doc.Kind, doc.Content = yaml.DocumentNode, []*yaml.Node{top}
	}
	e := &Editor{top: top}
	if err := edit(e); err != nil {
		return err
	}
	out, err := yaml.Dump(doc, yaml.WithIndent(2), yaml.WithCompactSeqIndent(false))
	if err != nil {
		return fmt.Errorf("writing %s: %w", c.path, err)
	}
	// What is written must be readable again, or the next command would find a broken file.
	parsed, err := parseFile(c.path, out)
	if err != nil {
		return err
	}
	for _, name := range e.puts {
		if err := c.checkProfile(name, parsed.profiles[name]); err != nil {
			return err
		}
	}
	switch err := atomicfile.WriteMkdir(c.path, out); {
	case errors.Is(err, atomicfile.ErrNotRegular): // it came after the file was read
		return &FileError{Path: c.path, Message: "is not a regular file", advice: otherConfig}
	case err != nil:
		return fmt.Errorf("writing %s: %w", c.path, err)
	}
	c.file = parsed
	return nil
}

// SetCurrent chooses the profile of later runs.
func (e *Editor) SetCurrent(name string) error {
	if err := checkProfileName(name); err != nil {
		return &ValueError{Key: KeyProfile, Message: err.Error()}
	}
	set(e.top, "current_profile", scalarNode(name))
	return nil
}

// PutProfile sets keys of a profile, which is created when it is new. An empty value removes
// the key; other keys stay as they are. Errors are *ValueError.
func (e *Editor) PutProfile(name string, values Profile) error {
	if err := checkProfileName(name); err != nil {
		return &ValueError{Key: KeyProfile, Message: err.Error()}
	}
	checked := Profile{}
	for key, text := range values {
		setting, ok := settingOf(key)
		if !ok || !setting.InProfile {
			return &ValueError{Key: key, Message: "a profile has no such key", advice: "known keys: " + strings.Join(profileKeys(), ", ")}
		}
		if text != "" {
			var err error
			if text, err = checkValue(setting, text); err != nil {
				return &ValueError{Key: key, Message: err.Error()}
			}
		}
		checked[key] = text
	}
	e.puts = append(e.puts, name)
	profile := child(child(e.top, "profiles"), name)
	for _, key := range profileKeys() {
		text, ok := checked[key]
		switch {
		case !ok:
		case text == "":
			remove(profile, key)
		case key == KeyScopes:
			list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
			if old := lookup(profile, key); old != nil && old.Kind == yaml.SequenceNode {
				list.Style = old.Style
			}
			for scope := range strings.FieldsSeq(text) {
				list.Content = append(list.Content, scalarNode(scope))
			}
			set(profile, key, list)
		default:
			set(profile, key, scalarNode(text))
		}
	}
	return nil
}

// RemoveProfile takes a profile out of the file, and the choice of it too. It reports whether
// there was one.
func (e *Editor) RemoveProfile(name string) bool {
	if value := lookup(e.top, "current_profile"); value != nil && value.Value == name {
		remove(e.top, "current_profile")
	}
	profiles := lookup(e.top, "profiles")
	return profiles != nil && profiles.Kind == yaml.MappingNode && remove(profiles, name)
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"} }

// scalarNode marks the value as text, so that a client id of digits or a profile
// named "on" is quoted.
func scalarNode(text string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}

func indexOf(m *yaml.Node, key string) int {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return i
		}
	}
	return -1
}

func lookup(m *yaml.Node, key string) *yaml.Node {
	if i := indexOf(m, key); i >= 0 {
		return m.Content[i+1]
	}
	return nil
}

func set(m *yaml.Node, key string, value *yaml.Node) {
	if i := indexOf(m, key); i >= 0 {
		old := m.Content[i+1]
		value.HeadComment, value.LineComment, value.FootComment = old.HeadComment, old.LineComment, old.FootComment
		m.Content[i+1] = value
		return
	}
	m.Content = append(m.Content, scalarNode(key), value)
}

// child returns the mapping under a key and puts an empty one there if there is none.
func child(m *yaml.Node, key string) *yaml.Node {
	value := lookup(m, key)
	if value == nil || value.Kind != yaml.MappingNode {
		value = mapping()
		set(m, key, value)
	}
	value.Style &^= yaml.FlowStyle
	return value
}

func remove(m *yaml.Node, key string) bool {
	i := indexOf(m, key)
	if i < 0 {
		return false
	}
	m.Content = slices.Delete(m.Content, i, i+2)
	return true
}
