package enterprise

import "github.com/gobiz-cli/gobiz/pkg/gobiz"

// A Client calls the legacy API. It is safe for concurrent use.
type Client struct {
	api *gobiz.Client
}

// New makes a Client that calls the host of api.
func New(api *gobiz.Client) *Client { return &Client{api: api} }
