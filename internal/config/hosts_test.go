package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gobiz-cli/gobiz/internal/config"
)

// There are no flags for URLs, so those of the environment belong to --env custom.
func TestURLsOfTheEnvironmentForCustom(t *testing.T) {
	urls := []string{"GOBIZ_API_URL", "https://api.example.com", "GOBIZ_OAUTH_URL", "https://login.example.com"}
	flags := map[string]string{config.KeyEnvironment: "custom"}
	s := resolve(t, config.Options{Getenv: env(t, urls...), Flags: flags})
	if s.Environment != config.Custom || s.APIURL != "https://api.example.com" || s.OAuthURL != "https://login.example.com" {
		t.Errorf("%s: %s, %s", s.Environment, s.APIURL, s.OAuthURL)
	}
	// Those of the profile as well.
	path := writeConfig(t, strings.Replace(jakarta, "current_profile: jakarta", "current_profile: EIM.Chain", 1))
	s = resolve(t, config.Options{Path: path, Flags: flags})
	if s.APIURL != "https://eim.example.com" || s.OAuthURL != "https://login.example.com" {
		t.Errorf("%s, %s", s.APIURL, s.OAuthURL)
	}
	// Without any it still needs them.
	_, err := load(t, config.Options{Flags: flags}).Resolve("")
	var value *config.ValueError
	if !errors.As(err, &value) || value.Key != config.KeyOAuthURL {
		t.Error(err)
	}
	// GOBIZ_ENV=sandbox on a custom profile means the sandbox.
	path = writeConfig(t, "current_profile: own\nprofiles:\n  own: {environment: custom, api_url: https://api.example.com, oauth_url: https://login.example.com}\n")
	s = resolve(t, config.Options{Path: path, Getenv: env(t, "GOBIZ_ENV", "sandbox")})
	if hosts, _ := config.HostsOf(config.Sandbox); s.Environment != config.Sandbox || s.APIURL != hosts.API || s.OAuthURL != hosts.OAuth {
		t.Errorf("%s: %s, %s", s.Environment, s.APIURL, s.OAuthURL)
	}
}
