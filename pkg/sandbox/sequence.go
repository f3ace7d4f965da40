package sandbox

import "strconv"

// next counts the named sequence up and gives its new value. It must run inside
// update.
func (s *store) next(name string) int {
	n := s.last(name) + 1
	s.meta.put("sequence_"+name, strconv.Itoa(n))
	return n
}

// last returns the named sequence's value, 0 when it has not begun.
func (s *store) last(name string) int {
	text, _ := s.meta.get("sequence_" + name)
	n, _ := strconv.Atoi(text)
	return n
}
