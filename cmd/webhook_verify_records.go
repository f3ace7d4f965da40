package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/capture"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/webhook"
	"github.com/gobiz-cli/gobiz/pkg/webhook/diagnose"
)

// maxCapture bounds what is read of a capture, which is read as a whole.
const maxCapture = 256 << 20

// recordChoice says which records of a file are meant; the zero value is all.
type recordChoice struct {
	ids     []string // event ids or idempotency keys
	invalid bool     // did not verify when it was received
	last    int
}

// readRecords reads a body, a capture or notifications, and chooses. There is at
// least one record in what it gives.
func (c *console) readRecords(ctx context.Context, file string, choice recordChoice) (capture.Input, error) {
	if choice.last < 0 {
		return capture.Input{}, usageError("", "--last must be 1 or more")
	}
	data, err := c.readInput(ctx, file, maxCapture)
	if err != nil {
		return capture.Input{}, err
	}
	in, err := capture.LoadFile(data, c.folderOf(file))
	if err != nil {
		return in, invalidInput("", "%s: %v", inputName(file), err)
	}
	for _, broken := range in.Broken {
		c.Note("%s: %v; passed over", inputName(file), broken)
	}
	if in.Kind == capture.Body {
		if len(data) > maxBody {
			return in, invalidInput("", "%s is larger than %d MB", inputName(file), maxBody>>20)
		}
		if choice.last > 0 || len(choice.ids) > 0 || choice.invalid {
			return in, usageError("give a capture, or what 'gobiz notifications list -o json' prints", "--id, --invalid and --last choose among records, and %s is a single body", inputName(file))
		}
		return in, nil
	}
	if len(in.Records) == 0 {
		return in, invalidInput("", "%s has no notification", inputName(file))
	}
	if choice.invalid && in.Kind != capture.Capture {
		return in, usageError("leave it out", "--invalid is for a capture: %s does not say what verified", inputName(file))
	}
	chosen := capture.Input{Kind: in.Kind, Broken: in.Broken}
	for i := range in.Records {
		if choice.wants(&in.Records[i]) {
			chosen.Records = append(chosen.Records, in.Records[i])
			chosen.Places = append(chosen.Places, in.Places[i])
		}
	}
	switch first := len(chosen.Records) - choice.last; {
	case len(chosen.Records) == 0 && len(choice.ids) == 0:
		return in, invalidInput("", "every record of %s verified when it was received", inputName(file))
	case len(chosen.Records) == 0:
		return in, invalidInput("see what it has with --jq '.[].event_id'", "%s has no record with that id", inputName(file))
	case choice.last > 0 && first > 0:
		chosen.Records, chosen.Places = chosen.Records[first:], chosen.Places[first:]
	}
	return chosen, nil
}

// wants reports whether a record is meant, as far as that does not depend on the
// others.
func (c recordChoice) wants(r *capture.Record) bool {
	if c.invalid && r.Valid {
		return false
	}
	return len(c.ids) == 0 || slices.Contains(c.ids, webhook.Summarize(r.Body).EventID) ||
		slices.Contains(c.ids, r.Header.Get(webhook.IdempotencyKeyHeader))
}

// otherSecrets are those that somebody may have taken for the relay secret: the
// OAuth client's, and those of other profiles. The credential store is opened only
// where the relay secret came from it, or with --all-profiles, and never with a
// question for its passphrase. What cannot be read is left out: it is a help, not
// the check.
func (o *webhookVerifyOptions) otherSecrets(ctx context.Context) []diagnose.NamedSecret {
	var others []diagnose.NamedSecret
	add := func(name, list string) {
		for secret := range strings.SplitSeq(list, ",") {
			if secret = strings.TrimSpace(secret); secret != "" {
				others = append(others, diagnose.NamedSecret{Name: name, Secret: secret})
			}
		}
	}
	s, err := o.settings()
	if err != nil {
		return nil
	}
	add("the OAuth client secret of the environment", s.ClientSecret())
	fromProfile := !o.secret.fromStdin && len(s.NotificationSecrets()) == 0
	if !fromProfile && !o.allProfiles {
		return others
	}
	cfg, err := o.config()
	if err != nil {
		return others
	}
	stores := map[string]credentials.Store{}
	for _, profile := range cfg.Profiles() {
		settings, err := cfg.Resolve(profile)
		if err != nil || settings.CredentialStore == credentials.KindFile && settings.Passphrase() == "" {
			continue
		}
		store := stores[settings.CredentialStore]
		if store == nil {
			if store, err = o.store(settings); err != nil {
				continue
			}
			stores[settings.CredentialStore] = store
		}
		record, err := store.Load(ctx, profile)
		if err != nil {
			continue
		}
		add("the relay secret of profile "+profile, record.NotificationSecret.Reveal())
		add("the OAuth client secret of profile "+profile, record.ClientSecret.Reveal())
	}
	return others
}
