package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

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

// newImageClient has no credentials of any kind. Addresses of the own link are
// refused: a cloud machine's metadata answers there, and a file in a pull
// request may name it.
func newImageClient(timeout time.Duration) *http.Client {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().Unmap().IsLinkLocalUnicast() {
			return errors.New("the address is on the own link")
		}
		return nil
	}}
	return &http.Client{
		Timeout:   cmp.Or(timeout, imageTimeout),
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true},
	}
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
