package cmd

import "github.com/spf13/cobra"

func newNotificationsCommand(f *Factory) *cobra.Command {
	return newGroup("notifications", "Look up what GoBiz tried to deliver", newNotificationsListCommand(f))
}
