package terminal

import "strconv"

// Rupiah writes an amount of whole rupiah the Indonesian way: 25000 is
// "Rp 25.000", -2000 is "-Rp 2.000".
func Rupiah(amount int64) string {
	digits := strconv.FormatInt(amount, 10)
	sign := ""
	if amount < 0 {
		sign, digits = "-", digits[1:]
	}
	out := make([]byte, 0, len(digits)+len(digits)/3)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out = append(out, '.')
		}
		out = append(out, digits[i])
	}
	return sign + "Rp " + string(out)
}
