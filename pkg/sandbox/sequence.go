package sandbox

import "strconv"

// next counts the named sequence up and gives its new value. It must run inside
// update.
func (s *store) next(name string) int {
	key := "sequence_" + name
	last, _ := s.meta.get(key)
	n, _ := strconv.Atoi(last) // 0 for the first
	n++
	s.meta.put(key, strconv.Itoa(n))
	return n
}
