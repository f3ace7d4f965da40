package config

import "fmt"

// resolvedHosts is an environment with the base URLs that are really used.
type resolvedHosts struct {
	environment Environment
	Hosts
}

// hosts finds the pair of base URLs. A URL of a weaker layer than the environment belongs to the
// environment that was overridden, so it does not count: GOBIZ_ENV=sandbox on
// a custom profile means the sandbox. A URL on this machine always counts for
// local, which is not one pair of hosts but any port here, and any URL counts for custom, which has
// none of its own: they are what it was chosen for. The other way round,
// a whole pair of a stronger layer than the environment says by itself which
// environment it is.
func (l layered) hosts(profile string) (resolvedHosts, error) {
	environment := Environment(l.text(KeyEnvironment))
	chosenAt := l.origins[KeyEnvironment].Layer
	given := func(key string) (url string, stronger bool) {
		origin, ok := l.origins[key]
		url = l.text(key)
		belongs := environment == Custom || environment == Local && environmentOfURL(url) == Local
		if !ok || origin.Layer < chosenAt && !belongs {
			return "", false
		}
		return url, origin.Layer > chosenAt
	}
	api, apiStronger := given(KeyAPIURL)
	oauth, oauthStronger := given(KeyOAuthURL)

	switch {
	case apiStronger && oauthStronger:
		environment = environmentOfURL(api)
		if environment != environmentOfURL(oauth) {
			environment = Custom // judged below
		}
	case apiStronger && chosenAt == LayerDefault && oauth == "":
		environment = environmentOfURL(api)
	case oauthStronger && chosenAt == LayerDefault && api == "":
		environment = environmentOfURL(oauth)
	}

	enterprise := API(l.text(KeyAPI)) == Enterprise
	pair := hostPairs[environment]
	if enterprise && environment != Local {
		pair.API = "" // no host of the legacy API was published
	}
	for _, u := range []struct {
		key, value string
		into       *string
	}{{KeyAPIURL, api, &pair.API}, {KeyOAuthURL, oauth, &pair.OAuth}} {
		if u.value == "" {
			continue
		}
		belongs := environmentOfURL(u.value)
		if environment != Custom && belongs == Custom && !enterprise {
			return resolvedHosts{}, &ValueError{
				Key: u.key, Origin: l.origins[u.key],
				Message: fmt.Sprintf("%s is no host of the environment %s", u.value, environment),
				advice:  "set environment: custom (GOBIZ_ENV=custom) with api_url and oauth_url, or remove the URL",
			}
		}
		*u.into = u.value
	}
	if environment == Custom {
		missing := ""
		switch {
		case pair.OAuth == "":
			missing = KeyOAuthURL
		case pair.API == "" && !enterprise:
			missing = KeyAPIURL
		}
		if missing != "" {
			return resolvedHosts{}, &ValueError{
				Key: missing, Message: "the environment custom needs a URL here",
				advice: "set api_url and oauth_url in the profile, or GOBIZ_API_URL and GOBIZ_OAUTH_URL",
			}
		}
	}
	if err := l.checkPair(profile, environment, pair); err != nil {
		return resolvedHosts{}, err
	}
	return resolvedHosts{environment, pair}, nil
}

// checkPair refuses hosts of two different known environments.
func (l layered) checkPair(profile string, environment Environment, pair Hosts) error {
	mixed := &MixedHostsError{
		Profile: profile, Environment: environment, APIURL: pair.API, OAuthURL: pair.OAuth,
		API: environmentOfURL(pair.API), OAuth: environmentOfURL(pair.OAuth),
	}
	if pair.API == "" {
		mixed.API = Custom
	}
	known := []Environment{mixed.API, mixed.OAuth}
	if environment != Custom {
		known = append(known, environment)
	}
	first := Custom
	for _, e := range known {
		switch {
		case e == Custom:
		case first == Custom:
			first = e
		case e != first:
			return mixed
		}
	}
	return nil
}
