package cmd

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/pkg/auth"
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
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := f.Settings()
			if err != nil {
				return err
			}
			if s.Profile == "" {
				return &Error{
					Exit: exitAuth, Code: "not_logged_in", Message: "no profile to log out of: nothing is stored for credentials in the environment",
					Hint: "name a profile with --profile", Err: errors.New("no profile"),
				}
			}
			forgotten, err := auth.NewStored(s, f.authOptions(s)).Forget(c.Context())
			if err != nil {
				return err
			}
			if !forgotten {
				f.Note("profile %s was not logged in", s.Profile)
				return nil
			}
			f.Note("logged out of profile %s on this machine", s.Profile)
			f.Note("GoBiz has no revocation: tokens that were handed out stay valid until they expire, within the hour")
			return nil
		},
	}
}
