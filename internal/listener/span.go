package listener

import "sync"

// A span holds the lines of the capture that the target did not answer, or not
// yet: the first and the last, so that they can be replayed from it.
type span struct {
	mu     sync.Mutex
	lanes  [lanes]laneSpan
	missed laneSpan
}

type laneSpan struct {
	waiting     int
	first, last int // the first is one too old between two requests
}

func (l *laneSpan) include(first, last int) {
	if l.first == 0 || first < l.first {
		l.first = first
	}
	l.last = max(l.last, last)
}

// put says that a line waits in a lane.
func (s *span) put(lane, line int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.lanes[lane]
	if l.waiting == 0 {
		l.first = line
	}
	l.waiting++
	l.last = line
}

// take says that a line is the lane's oldest one.
func (s *span) take(lane, line int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lanes[lane].first = line
}

// done says that a line of a lane waits no longer.
func (s *span) done(lane, line int, answered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lanes[lane].waiting--
	if !answered {
		s.missed.include(line, line)
	}
}

// lines are the first and the last, 0 when there is none.
func (s *span) lines() (first, last int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.missed
	for _, l := range s.lanes {
		if l.waiting > 0 {
			all.include(l.first, l.last)
		}
	}
	return all.first, all.last
}
