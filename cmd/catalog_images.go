package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/gobiz-cli/gobiz/internal/publichost"
	"github.com/gobiz-cli/gobiz/internal/redact"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
)

// images downloads the images of a menu, as GoBiz does during a push.
func (o *catalogValidateOptions) images(ctx context.Context, file *catalog.File) (catalog.Findings, error) {
	progress := o.Progress()
	defer progress.Done()
	progress.Update("downloading the images of %s", file.Name)
	client := newImageClient(o.timeout())
	return catalog.CheckImages(ctx, file, func(ctx context.Context, url string) ([]byte, error) {
		return fetchImage(ctx, client, url)
	})
}

// imageTimeout bounds the download of one image.
const imageTimeout = 30 * time.Second

// newImageClient has no credentials of any kind, and fetches nothing that the rule
// of image-url refuses: a file in a pull request may name a server of this network,
// may lead to one, and its name may stand for one.
func newImageClient(timeout time.Duration) *http.Client {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		if host, _, err := net.SplitHostPort(address); err != nil || !publichost.Public(host) {
			return fmt.Errorf("the address %s is not public", host)
		}
		return nil
	}}
	return &http.Client{
		Timeout: cmp.Or(timeout, imageTimeout),
		Transport: imageTransport{
			direct: &http.Transport{DialContext: dialer.DialContext, ForceAttemptHTTP2: true},
			proxy:  &http.Transport{Proxy: proxyOf, ForceAttemptHTTP2: true},
		},
		CheckRedirect: func(to *http.Request, before []*http.Request) error {
			if err := catalog.CheckImageURL(to.URL.String()); err != nil {
				return fmt.Errorf("redirected: %w", err)
			}
			if len(before) >= maxImageRedirects {
				return errors.New("it leads from one address to another without an end")
			}
			return nil
		},
	}
}

const maxImageRedirects = 5

// imageTransport asks a proxy where there is one. It is in the own network, mostly,
// and looks up names itself.
type imageTransport struct{ direct, proxy *http.Transport }

func (t imageTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	switch address, err := proxyOf(req); {
	case err != nil:
		return nil, redact.ErrProxyAddress
	case address != nil:
		return t.proxy.RoundTrip(req)
	}
	return t.direct.RoundTrip(req)
}

func fetchImage(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", userAgent())
	req.Header.Set("Accept", "image/jpeg, image/png")
	answer, err := client.Do(req)
	if err != nil {
		if reason := errors.Unwrap(err); reason != nil {
			err = reason // without the URL, which the finding has
		}
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers %d", answer.StatusCode)
	}
	return io.ReadAll(io.LimitReader(answer.Body, catalog.MaxImageSize+1))
}
