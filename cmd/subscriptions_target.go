package cmd

import (
	"cmp"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/subscriptions"
)

// subscriptionTarget says whose subscriptions a command works on: the
// partner's, one outlet's, or a legacy enterprise's.
type subscriptionTarget struct {
	settings func() (config.Settings, error)
	scoped   func() (func(subscriptions.Scope) subscriptions.Calls, error)

	outlet, enterprise string
}

func (f *Factory) subscriptionTarget() subscriptionTarget {
	return subscriptionTarget{settings: f.Settings, scoped: f.subscriptionCalls}
}

func (t *subscriptionTarget) addFlags(c *cobra.Command) {
	c.Flags().StringVar(&t.outlet, "outlet", "", "`id` of one outlet, instead of all of the partner's")
	t.addEnterpriseFlag(c)
}

func (t *subscriptionTarget) addEnterpriseFlag(c *cobra.Command) {
	c.Flags().StringVar(&t.enterprise, "enterprise", "", "enterprise `id` on the legacy API (default: the profile's)")
}

// calls picks the API, the legacy one for a profile of it, and the scope.
func (t subscriptionTarget) calls() (subscriptions.Calls, error) {
	if t.outlet != "" && t.enterprise != "" {
		return nil, usageError("", "--outlet and --enterprise cannot be combined")
	}
	s, err := t.settings()
	if err != nil {
		return nil, err
	}
	legacy := s.API == config.Enterprise
	if legacy && t.outlet != "" {
		return nil, usageError("", "the legacy API (api: enterprise) has no subscriptions of one outlet")
	}
	if t.enterprise, err = enterpriseID(s, t.enterprise); err != nil {
		return nil, err
	}
	if legacy && t.enterprise == "" {
		return nil, usageError("pass --enterprise ID, or set enterprise_id in the profile", "missing enterprise id")
	}
	of, err := t.scoped()
	if err != nil {
		return nil, err
	}
	return of(subscriptions.Scope{OutletID: t.outlet, EnterpriseID: t.enterprise}), nil
}

// enterpriseID is the enterprise to work on, the one of the flag or else the
// profile's; empty when nobody named one.
func enterpriseID(s config.Settings, flag string) (string, error) {
	switch {
	case s.API == config.Enterprise:
		return cmp.Or(flag, s.EnterpriseID), nil
	case flag != "":
		return "", usageError("use a profile with 'api: enterprise', or GOBIZ_API=enterprise", "--enterprise is for the legacy API")
	}
	return "", nil
}

// subscriptionCalls are the calls of the profile's API.
func (f *Factory) subscriptionCalls() (func(subscriptions.Scope) subscriptions.Calls, error) {
	return perAPI(f, subscriptions.Partner, subscriptions.Enterprise)
}

func (t subscriptionTarget) checkedURL(raw string) (string, error) {
	s, err := t.settings()
	if err != nil {
		return "", err
	}
	return checkedURL(s, raw)
}

// checkedURL cuts blanks around a URL, which come with copying, and refuses one
// that GoBiz could not deliver to, before any request.
func checkedURL(s config.Settings, raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	var unfit *subscriptions.URLError
	if errors.As(subscriptions.CheckURL(raw, subscriptions.ReachesLoopback(s.APIURL)), &unfit) {
		return "", invalidInput(subscriptionHint(unfit.Kind, unfit.Hint), "%s", unfit.Error())
	}
	return raw, nil
}

// subscriptionHint adds to what the library advises what this program can do.
func subscriptionHint(kind subscriptions.Kind, hint string) string {
	switch kind {
	case subscriptions.UnknownEvent:
		return cmp.Or(hint, "see the events with 'gobiz subscriptions add --help'")
	case subscriptions.MissingEnterprise:
		return hint + ", pass --enterprise ID, or set enterprise_id in the profile"
	case subscriptions.UserInURL:
		return hint + ", see 'gobiz webhook verify --help'"
	case subscriptions.Unreachable:
		return hint + ": gobiz sandbox start"
	}
	return hint
}
