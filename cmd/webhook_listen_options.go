package cmd

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gobiz-cli/gobiz/internal/listener"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// listener checks the flags and makes the listener's options of them.
func (o *webhookListenOptions) listener(ctx context.Context) (listener.Options, error) {
	options := listener.Options{
		Addr:   net.JoinHostPort(o.bind, strconv.Itoa(o.port)),
		Filter: listener.Filter{Events: o.events, Outlets: o.outlets}, AnswerDelay: o.answerDelay, Unverified: o.acceptUnsigned,
		ForwardTimeout: o.timeout(),
		Now:            func() time.Time { return o.now().UTC() },
	}
	if o.port < 0 || o.port > 65535 {
		return options, usageError("", "--port %d is not a port", o.port)
	}
	if net.ParseIP(o.bind) == nil && o.bind != "localhost" {
		return options, usageError("such as --bind 0.0.0.0 for all addresses of this machine", "--bind %q is not an IP address", o.bind)
	}
	if o.answerDelay < 0 {
		return options, usageError("", "--answer-delay must not be negative")
	}
	if err := o.readStatuses(); err != nil {
		return options, err
	}
	options.Filter.Statuses, options.Answer = o.statuses, o.answer
	for _, pattern := range o.events {
		if err := checkEventPattern(pattern); err != nil {
			return options, err
		}
	}
	var err error
	if o.forwardTo != "" {
		if options.Forward, err = receiverURL("--forward-to", o.forwardTo); err != nil {
			return options, err
		}
		if subscribed, err := url.Parse(o.subscribe); err == nil && samePlace(options.Forward, subscribed) {
			return options, o.startError(listener.ErrForwardsToItself)
		}
	}
	if !o.acceptUnsigned {
		if options.Secrets, err = o.secret.load(ctx, ""); err != nil {
			return options, err
		}
	}
	return options, o.files(&options)
}

// samePlace reports whether two URLs lead to the same place: a tunnel takes both
// schemes, and / is the empty path.
func samePlace(a, b *url.URL) bool {
	place := func(u *url.URL) string {
		port := u.Port()
		if port == "80" || port == "443" {
			port = ""
		}
		return strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")) + ":" + port + strings.TrimSuffix(u.EscapedPath(), "/")
	}
	return place(a) == place(b)
}

// readStatuses takes a number among the statuses as the one to answer with.
func (o *webhookListenOptions) readStatuses() error {
	var words []string
	for _, status := range o.statuses {
		n, err := strconv.Atoi(status)
		if err != nil {
			words = append(words, status)
			continue
		}
		if o.answerGiven && o.answer != n {
			return usageError("leave one of them out", "--status %d and --answer %d contradict each other", n, o.answer)
		}
		o.answer, o.answerGiven = n, true
	}
	o.statuses = words
	if o.answer < 200 || o.answer > 599 {
		return usageError("from 200 to 599", "%d is not a status that a request can be answered with", o.answer)
	}
	return nil
}

// checkEventPattern refuses a name that no event has: a misspelt filter would
// show nothing, for ever.
func checkEventPattern(pattern string) error {
	if _, err := path.Match(pattern, ""); err != nil {
		return usageError("such as --event 'gofood.order.*'", "--event %q is no pattern", pattern)
	}
	if len(matchingEvents(pattern)) == 0 {
		return usageError("see them with 'gobiz webhook events'", "--event %q is no event", pattern)
	}
	return nil
}

func matchingEvents(patterns ...string) (names []string) {
	for _, e := range webhook.Events() {
		if (listener.Filter{Events: patterns}).Match(webhook.Summary{Event: e.Name}) {
			names = append(names, string(e.Name))
		}
	}
	return names
}

// files chooses where the capture is, and what grows besides.
func (o *webhookListenOptions) files(options *listener.Options) error {
	if o.record == "-" {
		return usageError("name a file; -o ndjson prints events to stdout", "--record cannot write to stdout")
	}
	name := fmt.Sprintf("%s-%d", o.now().UTC().Format("20060102T150405Z"), os.Getpid())
	if o.record == "" {
		s, err := o.settings()
		if err != nil {
			return err
		}
		if err := s.RequireStateDir(); err != nil {
			return err
		}
		options.Record = filepath.Join(s.StateDir, "captures", name+".jsonl")
		options.Missed = filepath.Join(s.StateDir, "captures", name+".missed.jsonl")
		return nil
	}
	options.Record = o.path(o.record)
	// What is to be replayed is next to what it comes from.
	options.Missed = strings.TrimSuffix(options.Record, ".jsonl") + "." + name + ".missed.jsonl"
	if _, err := os.Stat(filepath.Dir(options.Record)); err != nil { // a folder that is misspelt is not made
		return fmt.Errorf("record to %s: %w", options.Record, cause(err))
	}
	switch info, err := os.Stat(options.Record); {
	case err != nil:
	case info.IsDir():
		return usageError("name a file in it", "--record %s is a directory", o.record)
	case !info.Mode().IsRegular():
		return usageError("the capture is read again by 'gobiz webhook replay' and verify", "--record %s is no regular file", o.record)
	}
	return nil
}

// shellWord quotes a word for a POSIX shell.
func shellWord(s string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,="
	if s != "" && strings.Trim(s, safe) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
