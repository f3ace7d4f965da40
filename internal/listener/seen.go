package listener

import "hash/maphash"

// seenSize is how many ids a generation of seen remembers: some MB.
const seenSize = 1 << 16

// seen remembers the latest ids, at least seenSize and at most twice as many. It
// keeps 64 bits of each: that two of so many meet in them does not happen.
type seen struct {
	seed       maphash.Seed
	young, old map[uint64]struct{}
}

// add remembers an id and reports whether it was there. kind keeps ids of different
// kinds apart.
func (s *seen) add(kind byte, id string) bool {
	if s.young == nil {
		s.seed, s.young = maphash.MakeSeed(), map[uint64]struct{}{}
	}
	var h maphash.Hash
	h.SetSeed(s.seed)
	_ = h.WriteByte(kind)
	_, _ = h.WriteString(id)
	sum := h.Sum64()
	_, inYoung := s.young[sum]
	_, inOld := s.old[sum]
	if !inYoung {
		if len(s.young) >= seenSize {
			s.old, s.young = s.young, make(map[uint64]struct{}, seenSize)
		}
		s.young[sum] = struct{}{}
	}
	return inYoung || inOld
}
