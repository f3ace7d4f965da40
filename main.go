// Command gobiz is a command line for partners of GoBiz, Gojek's merchant
// platform. It is an independent project, not affiliated with Gojek.
package main

import (
	"os"

	"github.com/gobiz-cli/gobiz/cmd"
)

func main() {
	os.Exit(cmd.Main(os.Args[1:], cmd.OS()))
}
