package cmd

import (
	"testing"

	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// A column without a value of its own is a field: printing finds it, or panics.
func TestColumnsAreFields(t *testing.T) {
	t.Parallel()
	terminal.Resolve(auditColumns)
	terminal.Resolve(snapshotColumns)
	terminal.Resolve(newFileColumns)
	terminal.Resolve(pulledColumns)
	terminal.Resolve(pushColumns)
	terminal.Resolve(validateColumns)
	terminal.Resolve(validateCells)
	terminal.Resolve(versionColumns)
	terminal.Resolve(doctorColumns)
	terminal.Resolve(linkColumns)
	terminal.Resolve(loginURLColumns)
	terminal.Resolve(notificationColumns)
	terminal.Resolve(linkedOutletColumns)
	terminal.Resolve(outletColumns)
	terminal.Resolve(profileDetailColumns)
	terminal.Resolve(sandboxOrderColumns)
	terminal.Resolve(outletStateColumns)
	terminal.Resolve(statusColumns)
	terminal.Resolve(subscriptionColumns)
	terminal.Resolve(deletedSubscriptionColumns)
	terminal.Resolve(syncColumns)
	terminal.Resolve(accessTokenColumns)
	terminal.Resolve(linkableOutletColumns)
	terminal.Resolve(eventColumns)
	terminal.Resolve(explanationColumns)
	terminal.Resolve(replayColumns)
	terminal.Resolve(sentColumns)
	terminal.Resolve(verificationsColumns)
}
