package config

import (
	"fmt"
	"strings"
)

// FileError is a mistake in a configuration file. It matches ErrInvalid.
type FileError struct {
	Path string
	// Line and Column count from 1; 0 when unknown.
	Line, Column int
	Message      string
	advice       string
}

func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
		if e.Column > 0 {
			fmt.Fprintf(&b, ":%d", e.Column)
		}
	}
	b.WriteString(": ")
	b.WriteString(e.Message)
	return b.String()
}

// Advice says what to do about it.
func (e *FileError) Advice() string { return e.advice }

// Is matches ErrInvalid.
func (e *FileError) Is(target error) bool { return target == ErrInvalid }

// ValueError is a setting with a value that does not do. It matches ErrInvalid.
type ValueError struct {
	Key     string
	Origin  Origin
	Message string
	advice  string
}

func (e *ValueError) Error() string {
	name := e.Key
	if e.Origin.Detail != "" {
		name = e.Origin.Detail
	}
	return name + ": " + e.Message
}

// Advice says what to do about it.
func (e *ValueError) Advice() string { return e.advice }

// Is matches ErrInvalid.
func (e *ValueError) Is(target error) bool { return target == ErrInvalid }

// UnknownProfileError names a profile that the file does not have. It matches ErrInvalid.
type UnknownProfileError struct {
	Name   string
	Origin Origin
	// Known lists the profiles that exist.
	Known []string
}

func (e *UnknownProfileError) Error() string {
	where := ""
	if e.Origin.Detail != "" {
		where = " (from " + e.Origin.Detail + ")"
	}
	return fmt.Sprintf("no profile named %q%s", e.Name, where)
}

// Advice lists the profiles that exist.
func (e *UnknownProfileError) Advice() string {
	if len(e.Known) == 0 {
		return fmt.Sprintf("there are no profiles yet: gobiz login --profile %s", e.Name)
	}
	return "profiles: " + strings.Join(e.Known, ", ")
}

// Is matches ErrInvalid.
func (e *UnknownProfileError) Is(target error) bool { return target == ErrInvalid }

// MixedHostsError is a login server of one environment with the API of another: a token
// would go to a host that it was not made for. It matches ErrInvalid.
type MixedHostsError struct {
	// Profile may be empty.
	Profile string
	// Environment is the one that was chosen.
	Environment      Environment
	APIURL, OAuthURL string
	// API and OAuth are the environments that the two hosts belong to.
	API, OAuth Environment
}

func (e *MixedHostsError) Error() string {
	subject := "settings mix"
	if e.Profile != "" {
		subject = fmt.Sprintf("profile %q mixes", e.Profile)
	}
	if e.API == e.OAuth {
		return fmt.Sprintf("%s environments: it is %s, but its hosts %s and %s are %s", subject, e.Environment, e.OAuthURL, e.APIURL, e.API)
	}
	if e.APIURL == "" {
		return fmt.Sprintf("%s environments: it is %s, but the login server %s is %s", subject, e.Environment, e.OAuthURL, e.OAuth)
	}
	return fmt.Sprintf("%s environments: the login server %s is %s, the API %s is %s",
		subject, e.OAuthURL, e.OAuth, e.APIURL, e.API)
}

// Advice says how to name both hosts at once.
func (e *MixedHostsError) Advice() string {
	return "remove api_url and oauth_url (GOBIZ_API_URL, GOBIZ_OAUTH_URL) and set one environment: sandbox, production or local"
}

// Is matches ErrInvalid.
func (e *MixedHostsError) Is(target error) bool { return target == ErrInvalid }
