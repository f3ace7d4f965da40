package cmd

import (
	"context"
	"strings"

	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/webhook/diagnose"
)

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
