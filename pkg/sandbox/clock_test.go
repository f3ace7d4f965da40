package sandbox

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestClockRunsWhatIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock(time.Now, 0)
		start := c.now()
		var mu sync.Mutex
		var ran []string
		run := func(name string, after time.Duration) {
			c.at(start.Add(after), func() {
				mu.Lock()
				defer mu.Unlock()
				ran = append(ran, name)
			})
		}
		want := func(names ...string) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(ran, names) {
				t.Fatalf("at %s ran %v, want %v", c.now().Sub(start), ran, names)
			}
		}
		run("past", -time.Hour)
		want("past")
		run("minute", time.Minute)
		run("hour", time.Hour)
		run("day", 24*time.Hour)
		time.Sleep(59 * time.Second)
		want("past")
		time.Sleep(time.Second)
		want("past", "minute")
		c.advance(59 * time.Minute)
		want("past", "minute", "hour")
		if got := c.now().Sub(start); got != time.Hour {
			t.Errorf("the clock shows %s, want 1h", got)
		}
		c.advance(22*time.Hour + 59*time.Minute)
		want("past", "minute", "hour")
		time.Sleep(time.Minute) // the rest passes by itself
		want("past", "minute", "hour", "day")

		run("forgotten", 25*time.Hour)
		c.forget()
		run("closed", 25*time.Hour)
		c.close()
		run("too late", 0)
		time.Sleep(48 * time.Hour)
		want("past", "minute", "hour", "day")
	})
}

func TestClockCloseWaitsForWhatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClock(time.Now, 0)
		begun, release := make(chan struct{}), make(chan struct{})
		finished := false
		c.at(c.now(), func() {
			close(begun)
			<-release
			finished = true
		})
		<-begun
		go close(release)
		c.close()
		if !finished {
			t.Error("close came back before the work had ended")
		}
	})
}
