package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
)

func newLogoutCommand(f *Factory) *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the credentials of a profile, on this machine only",
		Long: `Forget the client secret and all tokens of a profile on this machine.

GoBiz has no way to revoke them: an access token stays valid until it expires, within the hour. The profile's
settings stay in the config file.`,
		Example: example("gobiz logout", "gobiz logout -p jakarta"),
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return runLogout(c.Context(), f.account) },
	}
}

func runLogout(ctx context.Context, o *account) error {
	s, err := o.Settings()
	if err != nil {
		return err
	}
	if s.Profile == "" {
		return &Error{
			Exit: exitAuth, Code: "not_logged_in", Message: "no profile to log out of: nothing is stored for credentials in the environment",
			Hint: "name a profile with --profile", Err: errors.New("no profile"),
		}
	}
	forgotten, err := o.stored(s).Forget(ctx)
	if err != nil {
		return err
	}
	if !forgotten {
		o.Note("profile %s was not logged in", s.Profile)
		return nil
	}
	o.Note("logged out of profile %s on this machine", s.Profile)
	o.Note("GoBiz has no revocation: tokens that were handed out stay valid until they expire, within the hour")
	return nil
}
