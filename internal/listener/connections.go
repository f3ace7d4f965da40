package listener

import (
	"net"
	"sync"
)

// limitConnections has at most n connections at a time; more wait in the
// system's queue.
func limitConnections(inner net.Listener, n int) net.Listener {
	return &limited{Listener: inner, slots: make(chan struct{}, n), done: make(chan struct{})}
}

type limited struct {
	net.Listener
	slots chan struct{}
	once  sync.Once
	done  chan struct{}
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &slotted{Conn: conn, release: sync.OnceFunc(func() { <-l.slots })}, nil
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
