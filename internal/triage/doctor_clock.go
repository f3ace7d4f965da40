package triage

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// maxSkew is what tokens and time stamps forgive.
const maxSkew = 2 * time.Minute

// skew is what a host's Date header says about the clock of this machine.
type skew struct {
	host string
	// ahead is how much later it is here than there; negative: earlier.
	ahead time.Duration
}

// readSkew compares the Date header, which counts whole seconds, with the middle
// of the exchange. It gives nil without a readable header.
func readSkew(host, date string, start, end time.Time) *skew {
	there, err := http.ParseTime(date)
	if err != nil {
		return nil
	}
	here := start.Add(end.Sub(start) / 2)
	return &skew{host: host, ahead: here.Sub(there.Add(500 * time.Millisecond))}
}

func (d *doctor) clock(context.Context) verdict {
	var known []*skew
	for _, s := range d.skews {
		if s != nil && (len(known) == 0 || known[0].host != s.host) {
			known = append(known, s)
		}
	}
	if len(known) == 0 {
		return notNeeded("not compared: no host told the time")
	}
	var off, agree []string
	for _, s := range known {
		switch {
		case s.ahead > maxSkew:
			off = append(off, fmt.Sprintf("%s ahead of %s", span(s.ahead), s.host))
		case s.ahead < -maxSkew:
			off = append(off, fmt.Sprintf("%s behind %s", span(s.ahead), s.host))
		default:
			agree = append(agree, s.host)
		}
	}
	if len(off) == 0 {
		return ok("agrees with " + strings.Join(agree, " and "))
	}
	message := "this machine's clock is " + strings.Join(off, ", ")
	if len(agree) > 0 {
		// One of the two hosts is wrong, not this machine.
		return warning(message+", and agrees with "+strings.Join(agree, " and "), "")
	}
	return warning(message+"; tokens seem to expire at the wrong time", d.setClock())
}

func (d *doctor) setClock() string {
	switch d.setup.GOOS {
	case "windows":
		return "w32tm /resync"
	case "darwin":
		return "sudo sntp -sS time.apple.com"
	}
	return "sudo timedatectl set-ntp true"
}
