// Package publichost tells which hosts GoBiz can reach: those of the internet,
// and not those of a private network or of this machine.
package publichost

import (
	"net/netip"
	"strings"
)

// Public tells whether the internet may know a host by this name or address,
// the latter without brackets. Nothing is looked up.
func Public(host string) bool {
	host = normal(host)
	if ip, err := netip.ParseAddr(host); err == nil {
		ip = ip.Unmap()
		return ip.IsGlobalUnicast() && !ip.IsPrivate() && !sharedAddress.Contains(ip)
	}
	dot := strings.LastIndexByte(host, '.')
	if dot < 0 {
		return false // a name in the own network
	}
	switch top := host[dot+1:]; top {
	case "local", "localhost", "internal", "lan", "home", "corp":
		return false
	default:
		return strings.Trim(top, "0123456789") != "" // no number is a top-level domain
	}
}

// Loopback tells whether a host is this machine.
func Loopback(host string) bool {
	host = normal(host)
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func normal(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// sharedAddress is the carrier-grade NAT of RFC 6598.
var sharedAddress = netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64, 0, 0}), 10)
