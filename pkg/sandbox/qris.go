package sandbox

import (
	"fmt"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// qrisString is the text of a dynamic QRIS code in the form of EMVCo's merchant
// presented QR codes: fields of two digits tag, two digits length, value, and a
// checksum at the end. The merchant account is made up, so that no wallet can
// pay it.
func qrisString(p payment, outlet outlet) string {
	account := tlv("00", "TEST.SANDBOX.WWW") + tlv("01", p.Outlet) + tlv("03", "UMI")
	extra := tlv("01", ascii(p.OrderID, 25)) + tlv("07", ascii(p.Terminal, 25))
	text := tlv("00", "01") + // payload format
		tlv("01", "12") + // for one payment
		tlv("26", account) +
		tlv("52", "5812") + // eating places
		tlv("53", "360") + // IDR
		tlv("54", strconv.FormatInt(p.Amount, 10)) +
		tlv("58", "ID") +
		tlv("59", ascii(outlet.Name, 25)) +
		tlv("60", "JAKARTA") +
		tlv("62", extra) +
		"6304"
	return fmt.Sprintf("%s%04X", text, crc16([]byte(text)))
}

func tlv(tag, value string) string { return fmt.Sprintf("%s%02d%s", tag, len(value), value) }

// ascii cuts text to limit characters of printable ASCII, of which lengths count
// bytes and characters alike.
func ascii(text string, limit int) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
	return clean[:min(len(clean), limit)]
}

// crc16 is CRC-16/CCITT-FALSE, the checksum of EMVCo QR codes.
func crc16(data []byte) uint16 {
	sum := uint16(0xffff)
	for _, b := range data {
		sum ^= uint16(b) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

const qrModule = 6 // pixels

// qrPNG draws the code.
func qrPNG(text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("draw qr code: %w", err)
	}
	code.Scale = qrModule
	return code.PNG(), nil
}
