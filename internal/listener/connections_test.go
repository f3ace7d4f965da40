package listener

import (
	"net"
	"testing"
	"testing/synctest"
)

// endless accepts whenever it is asked.
type endless struct{ net.Listener }

func (endless) Accept() (net.Conn, error) {
	conn, _ := net.Pipe()
	return conn, nil
}

func (endless) Close() error { return nil }

func TestLimitsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limitConnections(endless{}, 2)
		first, _ := l.Accept()
		if _, err := l.Accept(); err != nil {
			t.Fatal(err)
		}
		accepted := make(chan error, 1)
		accept := func() {
			_, err := l.Accept()
			accepted <- err
		}
		go accept()
		synctest.Wait()
		if len(accepted) != 0 {
			t.Error("a third connection")
		}
		first.Close()
		first.Close() // gives its slot back once
		if err := <-accepted; err != nil {
			t.Error(err)
		}
		go accept()
		synctest.Wait()
		if len(accepted) != 0 {
			t.Error("a third connection after one has ended")
		}
		l.Close()
		if err := <-accepted; err != net.ErrClosed {
			t.Errorf("closed: %v", err)
		}
	})
}
