package auth

import (
	"net/http"
	"sync"
	"time"
)

// ClockTolerance is how far this machine's clock may be off before OnSkew is called. Tokens do not depend on it: their
// end is counted from this machine's own clock.
const ClockTolerance = 2 * time.Minute

// SkewOnce returns a function that calls f the first time only. A program that makes several sources and endpoints
// passes one such function to all of them, and hears of a wrong clock once.
func SkewOnce(f func(skew time.Duration)) func(skew time.Duration) {
	if f == nil {
		return nil
	}
	var once sync.Once
	return func(skew time.Duration) { once.Do(func() { f(skew) }) }
}

// skewOf compares the clock with an answer's Date header: ours minus theirs. The server wrote
// the date about half a round trip before the answer came, and cut it to the second.
func skewOf(header http.Header, sent, received time.Time) (skew time.Duration, ok bool) {
	theirs, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0, false
	}
	ours := sent.Add(received.Sub(sent) / 2)
	return ours.Sub(theirs.Add(time.Second / 2)).Round(time.Second), true
}

func skewed(skew time.Duration) bool { return skew.Abs() > ClockTolerance }
