package sandbox

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault makes some requests fail on purpose, to see what a client does then. As
// text it is one rule:
//
//	[METHOD] TARGET KEY[=VALUE]...
//
// TARGET is a path, in which * stands for any characters, or an operation id
// such as putCatalog. The first fault that matches a request is applied. The
// control API and the index page are never touched.
//
// What happens:
//
//	status=503        this status instead of the answer; the request has no effect
//	body=html         a proxy's HTML page; also empty, json (an error body, the default of a status)
//	retry-after=5     the Retry-After header, in seconds; needs status
//	delay=2s          wait before answering
//	reset             close the connection without an answer; the request has no effect
//	truncate[=100]    cut the true answer after so many bytes (half of it) and close; the request takes effect
//	size=200MB        stream a body of this size; the request has no effect
//
// When:
//
//	share=0.3         for this share of the matching requests
//	skip=2            not for the first two
//	times=3           for three requests, then no more
//
// Examples:
//
//	PUT /integrations/gofood/*/catalog status=503 times=2
//	* status=429 retry-after=1 share=0.1
//	getCatalog body=html
type Fault struct {
	Method     string // empty: any
	Target     string // path with *, or operation id
	Status     int
	Body       string // html, empty or json; empty string: by the status
	RetryAfter time.Duration
	Delay      time.Duration
	Reset      bool
	Truncate   bool
	Keep       int     // bytes that a truncated answer keeps; -1: half
	Size       int64   // bytes
	Share      float64 // 0: all
	Skip       int
	Times      int // 0: always
}

const (
	faultBodyHTML  = "html"
	faultBodyEmpty = "empty"
	faultBodyJSON  = "json"
)

// ParseFault reads a rule (see Fault).
func ParseFault(rule string) (Fault, error) {
	fail := func(format string, args ...any) (Fault, error) {
		return Fault{}, fmt.Errorf("fault %q: %s", rule, fmt.Sprintf(format, args...))
	}
	words := strings.Fields(rule)
	var f Fault
	if len(words) > 1 && slices.Contains(faultMethods, words[0]) {
		f.Method, words = words[0], words[1:]
	}
	if len(words) == 0 {
		return fail("no target; name a path such as /integrations/* or an operation such as putCatalog")
	}
	f.Target, words = words[0], words[1:]
	if !strings.HasPrefix(f.Target, "/") && !strings.HasPrefix(f.Target, "*") && !knownOperation(f.Target) {
		return fail("target %q is neither a path, which begins with / or *, nor an operation such as putCatalog", f.Target)
	}
	seen := map[string]bool{}
	for _, word := range words {
		key, value, hasValue := strings.Cut(word, "=")
		if seen[key] {
			return fail("%s stands twice", key)
		}
		seen[key] = true
		if err := f.set(key, value, hasValue); err != nil {
			return fail("%v", err)
		}
	}
	if err := f.check(); err != nil {
		return fail("%v", err)
	}
	return f, nil
}

var faultMethods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func knownOperation(id string) bool {
	return id == opCreateToken || id == opAuthorize || slices.ContainsFunc(operations(), func(op operation) bool { return op.id == id })
}

func (f *Fault) set(key, value string, hasValue bool) error {
	bad := func(want string) error { return fmt.Errorf("%s=%s is not %s", key, value, want) }
	number := func(to *int, least, most int, want string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > most {
			return bad(want)
		}
		*to = n
		return nil
	}
	var err error
	switch key {
	case "status":
		return number(&f.Status, 200, 599, "a status from 200 to 599")
	case "body":
		if f.Body = value; value != faultBodyHTML && value != faultBodyEmpty && value != faultBodyJSON {
			return bad("html, empty or json")
		}
	case "retry-after":
		var seconds int
		err = number(&seconds, 0, math.MaxInt32, "a number of seconds")
		f.RetryAfter = time.Duration(seconds) * time.Second
		return err
	case "delay":
		if f.Delay, err = time.ParseDuration(value); err != nil || f.Delay < 0 {
			return bad("a duration such as 2s or 300ms")
		}
	case "reset":
		if f.Reset = true; hasValue {
			return errors.New("reset takes no value")
		}
	case "truncate":
		if f.Truncate, f.Keep = true, -1; hasValue {
			return number(&f.Keep, 0, math.MaxInt, "a number of bytes")
		}
	case "size":
		if f.Size, err = parseSize(value); err != nil {
			return bad("a size such as 200MB, 64KB or 1000")
		}
	case "share":
		if f.Share, err = strconv.ParseFloat(value, 64); err != nil || !(f.Share > 0 && f.Share <= 1) {
			return bad("a share above 0 and up to 1")
		}
	case "skip":
		return number(&f.Skip, 0, math.MaxInt, "a number of requests")
	case "times":
		return number(&f.Times, 1, math.MaxInt, "a number of requests from 1")
	default:
		return fmt.Errorf("unknown key %q; use status, body, retry-after, delay, reset, truncate, size, share, skip, times", key)
	}
	return nil
}

// check refuses rules that say nothing or contradict themselves.
func (f *Fault) check() error {
	// A status goes with a size, not with the others.
	replaces := 0
	for _, is := range []bool{f.Reset, f.Truncate, f.Size > 0, f.Body != "" || f.Status != 0 && f.Size == 0} {
		if is {
			replaces++
		}
	}
	switch {
	case replaces > 1:
		return errors.New("reset, truncate, size and status or body exclude each other")
	case replaces == 0 && f.Delay == 0:
		return errors.New("nothing to do; add status=503, delay=2s, reset, truncate, size=200MB or body=html")
	case f.RetryAfter > 0 && f.Status == 0:
		return errors.New("retry-after needs a status, for example status=429")
	}
	return nil
}

// String returns the rule.
func (f Fault) String() string {
	var words []string
	add := func(is bool, word string) {
		if is {
			words = append(words, word)
		}
	}
	add(f.Method != "", f.Method)
	add(true, f.Target)
	add(f.Status != 0, fmt.Sprintf("status=%d", f.Status))
	add(f.Body != "", "body="+f.Body)
	add(f.RetryAfter != 0, fmt.Sprintf("retry-after=%d", int(f.RetryAfter/time.Second)))
	add(f.Delay != 0, "delay="+f.Delay.String())
	add(f.Reset, "reset")
	add(f.Truncate && f.Keep < 0, "truncate")
	add(f.Truncate && f.Keep >= 0, fmt.Sprintf("truncate=%d", f.Keep))
	add(f.Size != 0, fmt.Sprintf("size=%d", f.Size))
	add(f.Share != 0, "share="+strconv.FormatFloat(f.Share, 'g', -1, 64))
	add(f.Skip != 0, fmt.Sprintf("skip=%d", f.Skip))
	add(f.Times != 0, fmt.Sprintf("times=%d", f.Times))
	return strings.Join(words, " ")
}

// MarshalText returns the rule.
func (f Fault) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads a rule (see ParseFault).
func (f *Fault) UnmarshalText(text []byte) (err error) {
	*f, err = ParseFault(string(text))
	return err
}

func (f Fault) matches(method, path, operation string) bool {
	if f.Method != "" && f.Method != method {
		return false
	}
	return f.Target == operation || glob(f.Target, path)
}

// glob matches s against a pattern in which * stands for any characters.
func glob(pattern, s string) bool {
	expression := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*")
	matches, _ := regexp.MatchString("(?s)^"+expression+"$", s)
	return matches
}

func parseSize(s string) (int64, error) {
	unit := int64(1)
	for _, u := range []struct {
		suffix string
		bytes  int64
	}{{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}} {
		if number, ok := strings.CutSuffix(strings.ToUpper(s), u.suffix); ok {
			s, unit = number, u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || n > 1e12/unit {
		return 0, errors.New("not a size")
	}
	return n * unit, nil
}
