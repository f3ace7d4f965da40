package catalog

import (
	"net/url"
	"strings"

	"github.com/gobiz-cli/gobiz/internal/publichost"
)

func (c *checker) imageURL(item *Item, where place) {
	if item.Image == "" {
		return
	}
	if problem := imageURLProblem(item.Image); problem != "" {
		c.report(RuleImageURL, SeverityError, item.Origin.Field("image"), where.at("image"), "%s: %s", problem, quoted(item.Image))
	}
}

// imageURLProblem judges the address of an image: GoBiz downloads it during the
// push, from port 80 or 443, and refuses other types than JPEG and PNG (seen for
// .webp). A path without extension is not judged.
func imageURLProblem(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "the image is not a URL"
	case !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https"), u.Hostname() == "":
		return "the image is not an http or https URL"
	case u.User != nil:
		return "the image's URL has a user name in it"
	case !publichost.Public(u.Hostname()):
		return "the image's host is not public"
	case u.Port() != "" && u.Port() != "80" && u.Port() != "443":
		return "the image is not on port 80 or 443"
	}
	file := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	extension, found := afterLast(file, ".")
	if !found {
		return ""
	}
	switch strings.ToLower(extension) {
	case "png", "jpg", "jpeg":
		return ""
	}
	return "the image is no JPEG or PNG by its name"
}

// afterLast returns what stands behind the last separator.
func afterLast(s, separator string) (after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[i+len(separator):], true
	}
	return "", false
}
