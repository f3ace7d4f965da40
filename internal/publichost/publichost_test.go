package publichost_test

import (
	"testing"

	"github.com/gobiz-cli/gobiz/internal/publichost"
)

func TestHosts(t *testing.T) {
	const (
		public   = "public"
		loopback = "loopback"
		private  = "private"
	)
	for host, want := range map[string]string{
		"pos.example.com": public, "POS.EXAMPLE.COM.": public, "8.8.8.8": public, "2001:4860:4860::8888": public, "1.example.com": public,
		"localhost": loopback, "LocalHost.": loopback, "pos.localhost": loopback, "127.0.0.1": loopback, "127.9.9.9": loopback, "::1": loopback, "::ffff:127.0.0.1": loopback,
		"10.0.0.7": private, "192.168.1.2": private, "172.20.0.1": private, "169.254.169.254": private, "100.64.0.1": private, "0.0.0.0": private,
		"fd00::1": private, "fe80::1%eth0": private, "::": private, "::ffff:10.0.0.7": private,
		"pos": private, "": private, "pos.local": private, "db.internal": private, "printer.lan": private, "x.corp": private, "127.1": private, "1.2.3.4.5": private,
	} {
		got := private
		switch {
		case publichost.Loopback(host) && publichost.Public(host):
			got = "both"
		case publichost.Loopback(host):
			got = loopback
		case publichost.Public(host):
			got = public
		}
		if got != want {
			t.Errorf("%q is %s, want %s", host, got, want)
		}
	}
}
