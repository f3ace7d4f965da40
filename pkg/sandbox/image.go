package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // to know the size of a picture
	_ "image/png"
	"io"
	"net/http"
	"time"
)

// Limits of item pictures (developer documentation, "Menu structure").
const (
	maxImageBytes = 1 << 20
	imageTimeout  = 10 * time.Second
)

// checkImages downloads the pictures of a pushed menu, as GoBiz does during the
// call. It does nothing unless the switch asks for it, because a sandbox is
// used where there is no internet; hosts that the internet cannot know are
// refused by their URLs in any case.
func (s *Sandbox) checkImages(ctx context.Context, pushed *catalog) error {
	if !s.switches().CheckImages {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, imageTimeout)
	defer cancel()
	judged := map[string]bool{}
	for m := range pushed.Menus {
		for i, item := range pushed.Menus[m].Items {
			if item.Image == "" || judged[item.Image] {
				continue
			}
			judged[item.Image] = true
			if reason := s.imageProblem(ctx, item.Image); reason != "" {
				return errInvalid("menus[%d].menu_items[%d].image: %s", m, i, reason)
			}
		}
	}
	return nil
}

func (s *Sandbox) imageProblem(ctx context.Context, url string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "must be a public http or https URL"
	}
	req.Close = true // one picture a host is the rule; keep nothing open
	// Every redirect is followed, to addresses that webhooks may have too.
	client := http.Client{Transport: s.dispatcher.client.Transport}
	resp, err := client.Do(req)
	if err != nil {
		return "cannot be downloaded"
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Sprintf("cannot be downloaded, status %d", resp.StatusCode)
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxImageBytes+1))
	switch {
	case err != nil:
		return "cannot be downloaded"
	case len(content) > maxImageBytes:
		return "must be at most 1 MB"
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	switch {
	case err != nil:
		return "invalid image type"
	case config.Width != config.Height:
		return "must be square"
	}
	return ""
}
