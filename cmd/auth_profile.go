package cmd

import (
	"context"
	"errors"

	"github.com/gobiz-cli/gobiz/internal/config"
	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
)

// authProfile is what the login needs of the settings.
func authProfile(s config.Settings) auth.Profile {
	return auth.Profile{
		Name:              s.Profile,
		Environment:       string(s.Environment),
		OAuthURL:          s.OAuthURL,
		ClientID:          s.ClientID,
		ClientAuth:        s.ClientAuth,
		Grant:             s.Grant,
		Scopes:            s.Scopes,
		Enterprise:        s.API == config.Enterprise,
		AccessToken:       credentials.NewSecret(s.AccessToken()),
		AccessTokenOrigin: "GOBIZ_ACCESS_TOKEN",
		ClientSecret:      credentials.NewSecret(s.ClientSecret()),
		Incomplete:        halfInEnvironment(s),
	}
}

// halfInEnvironment says which of client id and secret is missing in the
// environment, where one of them alone has no use. It is empty otherwise.
func halfInEnvironment(s config.Settings) string {
	switch id, secret := s.Origin(config.KeyClientID).Layer == config.LayerEnvironment, s.ClientSecret() != ""; {
	case id && !secret:
		return "GOBIZ_CLIENT_ID is set, GOBIZ_CLIENT_SECRET is not"
	case secret && s.ClientID == "":
		return "GOBIZ_CLIENT_SECRET is set, GOBIZ_CLIENT_ID is not"
	}
	return ""
}

// relaySecrets are those that sign webhooks: of the environment, else the profile's.
func relaySecrets(ctx context.Context, s config.Settings, open func() (credentials.Store, error)) ([]string, error) {
	if given := s.NotificationSecrets(); len(given) > 0 || s.Profile == "" {
		return given, nil
	}
	store, err := open()
	if err != nil {
		return nil, err
	}
	record, err := store.Load(ctx, s.Profile)
	if errors.Is(err, credentials.ErrNotFound) {
		return nil, nil
	}
	return record.NotificationSecrets(), err
}
