// Bare links the libraries that gobiz links and does nothing with them. What it
// costs is what gobiz cannot get below.
package main

import (
	"log"
	_ "net/http"

	_ "github.com/clipperhouse/displaywidth"
	_ "github.com/go-json-experiment/json"
	_ "github.com/go-json-experiment/json/jsontext"
	_ "github.com/go-json-experiment/json/v1"
	_ "github.com/gofrs/flock"
	_ "github.com/google/uuid"
	_ "github.com/itchyny/gojq"
	_ "github.com/olekukonko/ll"
	_ "github.com/olekukonko/tablewriter"
	_ "github.com/olekukonko/tablewriter/tw"
	_ "github.com/pkg/browser"
	_ "github.com/spf13/cobra"
	_ "github.com/spf13/pflag"
	_ "github.com/spf13/viper"
	_ "github.com/zalando/go-keyring"
	_ "go.yaml.in/yaml/v4"
	_ "golang.org/x/crypto/argon2"
	_ "golang.org/x/crypto/nacl/secretbox"
	_ "golang.org/x/oauth2"
	_ "golang.org/x/oauth2/clientcredentials"
	_ "golang.org/x/term"
	_ "golang.org/x/text/unicode/norm"
	_ "rsc.io/qr"
)

func main() { log.Print("bare") }
