package sandbox

import (
	"bytes"
	"fmt"
	"image/color"
	"image/png"
	"strconv"
	"testing"
)

func TestCRC16(t *testing.T) {
	// The check value of CRC-16/CCITT-FALSE.
	if sum := crc16([]byte("123456789")); sum != 0x29b1 {
		t.Errorf("crc16 = %04X, want 29B1", sum)
	}
}

func TestQRISString(t *testing.T) {
	text := qrisString(payment{Outlet: "G100000001", OrderID: "INV-1", Amount: 15000, Terminal: "T1"}, outlet{Name: "Warung Contoh — Tebet yang panjang sekali"})
	fields := parseTLV(t, text)
	for tag, want := range map[string]string{"00": "01", "01": "12", "53": "360", "54": "15000", "58": "ID", "59": "Warung Contoh  Tebet yang"} {
		if fields[tag] != want {
			t.Errorf("field %s = %q, want %q in %s", tag, fields[tag], want, text)
		}
	}
	if got := parseTLV(t, fields["62"])["01"]; got != "INV-1" {
		t.Errorf("bill number = %q, want INV-1", got)
	}
	if want := fmt.Sprintf("%04X", crc16([]byte(text[:len(text)-4]))); fields["63"] != want {
		t.Errorf("checksum = %s, want %s", fields["63"], want)
	}
}

func parseTLV(t *testing.T, text string) map[string]string {
	t.Helper()
	fields := map[string]string{}
	for text != "" {
		if len(text) < 4 {
			t.Fatalf("rest %q is too short for a field", text)
		}
		n, err := strconv.Atoi(text[2:4])
		if err != nil || len(text) < 4+n {
			t.Fatalf("bad field at %q", text)
		}
		fields[text[:2]], text = text[4:4+n], text[4+n:]
	}
	return fields
}

// qrQuiet is how many modules of white the standard asks for around a code.
const qrQuiet = 4

func TestQRPicture(t *testing.T) {
	raw, err := qrPNG("00020101021263")
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	black := func(moduleX, moduleY int) bool {
		at := func(m int) int { return (m+qrQuiet)*qrModule + qrModule/2 }
		return color.GrayModel.Convert(picture.At(at(moduleX), at(moduleY))).(color.Gray).Y == 0
	}
	size := picture.Bounds().Dx()/qrModule - 2*qrQuiet
	if picture.Bounds().Dx() != picture.Bounds().Dy() || size < 21 || (size-21)%4 != 0 {
		t.Fatalf("a code of %v with %d modules is no QR code", picture.Bounds(), size)
	}
	// Three corners have the finder pattern 1011101, and white surrounds the code.
	for _, corner := range [][2]int{{0, 3}, {size - 7, 3}, {0, size - 4}} {
		for i, want := range []bool{true, false, true, true, true, false, true} {
			if black(corner[0]+i, corner[1]) != want {
				t.Errorf("no finder pattern at %v", corner)
				break
			}
		}
	}
	for i := -qrQuiet; i < size+qrQuiet; i++ {
		if black(i, -1) || black(-1, i) || black(i, size) || black(size, i) {
			t.Fatalf("no quiet zone around the code at %d", i)
		}
	}
}
