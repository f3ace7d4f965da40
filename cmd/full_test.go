//go:build linux

package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/gobiz-cli/gobiz/cmd"
	"github.com/gobiz-cli/gobiz/internal/terminal"
)

// What could not be printed is a failure, whatever was to be printed.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	server, env := aSandbox(t)
	info := server.Info()
	env["GOBIZ_CLIENT_ID"], env["GOBIZ_CLIENT_SECRET"], env["GOBIZ_NOTIFICATION_SECRET"] = info.ClientID, info.ClientSecret, info.NotificationSecret
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	fails := func(args ...string) {
		t.Helper()
		streams, _, _, stderr := terminal.Test()
		streams.Out = full
		if code := cmd.Main(args, testSystem(streams, env)); code != 1 || !strings.Contains(stderr.String(), "no space left on device") {
			t.Errorf("%v: exit code %d\n%s", args, code, stderr)
		}
	}
	walk(cmd.Tree(), func(c *cobra.Command, path []string) {
		fails(append(path[:len(path):len(path)], "--help")...)
		fails(append([]string{"help"}, path...)...)
		if isGroup(c) {
			fails(path...)
		}
	})
	for _, args := range []string{
		"--version", "version", "help exit-codes", "help formatting", "help environment", "completion bash", "completion zsh", "completion fish", "completion powershell",
		"token", "webhook events gofood.order.placed", "catalog schema", "catalog pull G100000001 -f -", "sandbox start --port 0", "webhook listen --port 0 --record " + filepath.Join(env["HOME"], "capture.jsonl"),
	} {
		fails(strings.Fields(args)...)
	}
	body := filepath.Join(t.TempDir(), "body.json")
	if err := os.WriteFile(body, []byte(`{"header":{"event_name":"gofood.order.placed"},"body":{}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"outlets list", "outlets show G100000001", "status", "doctor", "webhook events", "sandbox state --url " + info.APIURL, "webhook explain " + body,
		"webhook verify --signature 00 " + body, "api GET /integrations/partner/v1/linked-outlets", "catalog audit G100000001 G100000003",
	} {
		for _, format := range []string{"table", "json", "yaml", "ndjson", "csv", "tsv"} {
			fails(append(strings.Fields(args), "-o", format)...)
		}
	}
}
