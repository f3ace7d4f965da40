package listener

import (
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
)

// limitConnections has at most n connections at a time. For another one, the one
// that has been idle for longest is closed; where none is idle, it waits in the
// system's queue. track is to learn what becomes of each.
func limitConnections(inner net.Listener, n int) *limited {
	return &limited{Listener: inner, slots: make(chan struct{}, n), done: make(chan struct{}), idle: map[net.Conn]int{}}
}

type limited struct {
	net.Listener
	slots chan struct{}
	once  sync.Once
	done  chan struct{}

	mu     sync.Mutex
	idle   map[net.Conn]int // since which turn
	turn   int
	wanted bool // a slot is waited for
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	default:
		l.want(true)
		select {
		case l.slots <- struct{}{}:
			l.want(false)
		case <-l.done:
			return nil, net.ErrClosed
		}
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &slotted{Conn: conn, release: sync.OnceFunc(func() { <-l.slots })}, nil
}

func (l *limited) want(slot bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wanted = slot
	l.closeIdle()
}

// track is for http.Server.ConnState.
func (l *limited) track(conn net.Conn, state http.ConnState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.idle, conn)
	if state == http.StateNew || state == http.StateIdle {
		l.turn++
		l.idle[conn] = l.turn
		l.closeIdle()
	}
}

func (l *limited) closeIdle() {
	if !l.wanted || len(l.idle) == 0 {
		return
	}
	oldest := slices.MinFunc(slices.Collect(maps.Keys(l.idle)), func(a, b net.Conn) int { return l.idle[a] - l.idle[b] })
	delete(l.idle, oldest)
	_ = oldest.Close()
	l.wanted = false
}

func (l *limited) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

// slotted is a connection that frees its slot.
type slotted struct {
	net.Conn
	release func()
}

func (c *slotted) Close() error {
	err := c.Conn.Close()
	c.release()
	return err
}
