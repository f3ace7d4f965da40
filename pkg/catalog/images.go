package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"net/url"
	"path"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/gobiz-cli/gobiz/internal/publichost"
)

// MaxImageSize is the largest image that GoBiz takes, in bytes (developer
// documentation, "Menu structure": 1 MB).
const MaxImageSize = 1 << 20

// imagesAtOnce bounds the downloads that run at the same time.
const imagesAtOnce = 8

// A FetchImage downloads an image. It need not read more than one byte above
// [MaxImageSize]. It is called from several goroutines.
type FetchImage func(ctx context.Context, url string) ([]byte, error)

// CheckImages downloads the image of every item, each URL once, and judges it by
// its content: a square JPEG or PNG of at most 1 MB. An image that cannot be
// downloaded is a warning, as GoBiz may reach what this machine does not. The
// error is that of ctx.
func CheckImages(ctx context.Context, file *File, fetch FetchImage) (Findings, error) {
	c := &checker{file: file}
	users := c.imageUsers()
	results := make([]imageResult, len(users))
	var downloads sync.WaitGroup
	slots := make(chan struct{}, imagesAtOnce)
	for i := range users {
		if slots <- struct{}{}; ctx.Err() != nil {
			break
		}
		downloads.Go(func() {
			results[i] = judgeImage(ctx, users[i].url, fetch)
			<-slots
		})
	}
	downloads.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for i, r := range results {
		if r.problem == "" {
			continue
		}
		for _, u := range users[i].users {
			c.report(RuleImageFile, r.severity, u.item.Origin.Field("image"), u.where.at("image"), "%s", r.problem)
		}
	}
	c.findings.sort()
	return c.findings, nil
}

type imageURL struct {
	url   string
	users []imageUser
}

type imageUser struct {
	item  *Item
	where place
}

// imageUsers lists the URLs that may be asked for, with the items of each.
func (c *checker) imageUsers() (urls []imageURL) {
	index := map[string]int{}
	for i := range c.file.Menus {
		items := c.file.Menus[i].Items
		for j := range items {
			raw := items[j].Image
			if raw == "" || CheckImageURL(raw) != nil {
				continue // nothing, or told by image-url
			}
			at, known := index[raw]
			if !known {
				at = len(urls)
				index[raw] = at
				urls = append(urls, imageURL{url: raw})
			}
			urls[at].users = append(urls[at].users, imageUser{&items[j], itemPlace(i, j)})
		}
	}
	return urls
}

type imageResult struct {
	severity Severity
	problem  string
}

func judgeImage(ctx context.Context, url string, fetch FetchImage) imageResult {
	data, err := fetch(ctx, url)
	if err != nil {
		return imageResult{SeverityWarning, "the image cannot be downloaded: " + visible(err.Error())}
	}
	if len(data) > MaxImageSize {
		return imageResult{SeverityError, "the image is larger than 1 MB"}
	}
	var config image.Config
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		config, err = jpeg.DecodeConfig(bytes.NewReader(data))
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		config, err = png.DecodeConfig(bytes.NewReader(data))
	default:
		err = errors.ErrUnsupported
	}
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return imageResult{SeverityError, "the image is no JPEG or PNG by its content"}
	case err != nil:
		return imageResult{SeverityError, "the image is damaged: " + visible(err.Error())}
	case config.Width != config.Height:
		return imageResult{SeverityError, fmt.Sprintf("the image is not square: %d × %d pixels", config.Width, config.Height)}
	}
	return imageResult{}
}

// visible takes from foreign text what a terminal acts on.
func visible(s string) string { return strings.Trim(quoted(s), `"`) }

func (c *checker) imageURL(item *Item, where place) {
	if item.Image == "" {
		return
	}
	if err := CheckImageURL(item.Image); err != nil {
		hint := ""
		if odd := new(oddURLError); errors.As(err, &odd) {
			hint = odd.hint
		}
		c.reportHint(RuleImageURL, SeverityError, item.Origin.Field("image"), where.at("image"), hint, "%v: %s", err, quoted(item.Image))
	}
}

// CheckImageURL judges the address of an image: GoBiz downloads it during the
// push, from port 80 or 443, and refuses other types than JPEG and PNG (seen for
// .webp). A path without extension is not judged. Nothing is looked up.
func CheckImageURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case strings.ContainsFunc(raw, oddInURL):
		return oddURL(raw)
	case err != nil:
		return errors.New("the image is not a URL")
	case !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https"), u.Hostname() == "":
		return errors.New("the image is not an http or https URL")
	case u.User != nil:
		return errors.New("the image's URL has a user name in it")
	case !publichost.Public(u.Hostname()):
		return errors.New("the image's host is not public")
	case u.Port() != "" && u.Port() != "80" && u.Port() != "443":
		return errors.New("the image is not on port 80 or 443")
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case "", ".png", ".jpg", ".jpeg":
		return nil
	}
	return errors.New("the image is no JPEG or PNG by its name")
}

// oddURLError is a URL with characters that one who fetches it refuses or drops.
type oddURLError struct {
	first rune
	hint  string
}

func (e *oddURLError) Error() string {
	return fmt.Sprintf("the image's URL has the character %U, which has to be escaped", e.first)
}

func oddInURL(r rune) bool {
	if r > ' ' && r <= '~' {
		return false // as nearly always
	}
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// oddURL has the escaped form, unless an odd character may stand in the host,
// which has no escapes.
func oddURL(raw string) error {
	trimmed := strings.TrimFunc(raw, oddInURL)
	e := &oddURLError{hint: "delete it"}
	e.first, _ = utf8.DecodeRuneInString(raw[strings.IndexFunc(raw, oddInURL):])
	escaped := &strings.Builder{}
	for _, r := range trimmed {
		if !oddInURL(r) {
			escaped.WriteRune(r)
			continue
		}
		for _, b := range []byte(string(r)) {
			fmt.Fprintf(escaped, "%%%02X", b)
		}
	}
	if u, err := url.Parse(escaped.String()); err == nil && !strings.Contains(u.Host, "%") && !strings.ContainsFunc(u.Host, oddInURL) {
		e.hint = "write " + escaped.String()
	}
	return e
}
