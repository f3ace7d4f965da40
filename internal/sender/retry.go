package sender

import (
	"net/http"
	"time"
)

// retryWaits are the pauses before the second and later attempts; each counts
// from the attempt before it (developer documentation, "Best practices").
var retryWaits = []time.Duration{
	2 * time.Minute,
	10 * time.Minute,
	30 * time.Minute,
	90 * time.Minute,
	210 * time.Minute,
}

// retriesAfter is how often a delivery is repeated at most when a receiver
// answers with status, 0 for no answer at all (developer documentation, "Best
// practices"; that no answer counts as "everything else" is inferred).
func retriesAfter(status int) int {
	switch {
	case status >= 200 && status < 300:
		return 0
	case status == http.StatusInternalServerError:
		return 1
	case status == http.StatusServiceUnavailable:
		return 4
	case status == http.StatusBadRequest, status == http.StatusNotFound:
		return 2
	case status == http.StatusMovedPermanently, status == http.StatusFound, status == http.StatusSeeOther:
		return 0
	default:
		return len(retryWaits)
	}
}

// RetryWait is the pause after a delivery's latest attempt, the attempts-th one,
// and whether there is another attempt at all. When a receiver answers
// differently from time to time, its latest answer decides.
func RetryWait(attempts, status int) (time.Duration, bool) {
	retries := attempts - 1
	if retries >= min(retriesAfter(status), len(retryWaits)) {
		return 0, false
	}
	return retryWaits[retries], true
}
