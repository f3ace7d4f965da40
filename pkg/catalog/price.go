package catalog

import (
	"bytes"
	"cmp"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// A Price is an amount of money in rupiah. Sen, hundredths of a rupiah, exist in
// the Enterprise API only, which calls its prices decimal (Enterprise Integration Middleware, "Update
// menu"); the partner API takes whole rupiah (developer documentation, "Sync
// menu"). Both parts have the same sign.
type Price struct {
	Rupiah int64
	Sen    int
}

// Rp is a price of whole rupiah.
func Rp(amount int64) Price { return Price{Rupiah: amount} }

// String writes the price as both APIs and both file formats take it: 25000,
// -2000, 13200.5.
func (p Price) String() string {
	if p.Sen == 0 {
		return strconv.FormatInt(p.Rupiah, 10)
	}
	sign, whole, sen := "", p.Rupiah, p.Sen
	if whole < 0 || sen < 0 {
		sign, whole, sen = "-", -whole, -sen
	}
	fraction := strconv.Itoa(100 + sen)[1:]
	return sign + strconv.FormatInt(whole, 10) + "." + strings.TrimSuffix(fraction, "0")
}

// MarshalJSON writes a JSON number.
func (p Price) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalJSON reads a JSON number with at most two decimals.
func (p *Price) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return errors.New("a price is a number, not text")
	}
	price, problem, _ := parsePrice(string(data), true)
	if problem != "" {
		return errors.New(problem)
	}
	*p = price
	return nil
}

// maxPriceDigits keeps sums far away from an overflow.
const maxPriceDigits = 12

// parsePrice reads the literal of a price: 25000, 25_000, -2000, and with sen
// 13200.5. What a person may have meant otherwise is refused, with a hint:
// 25.000 is 25 to a YAML reader and 25000 to an Indonesian one.
func parsePrice(literal string, sen bool) (p Price, problem, hint string) {
	if len(literal) <= maxPriceDigits && allDigits(literal) && (literal[0] != '0' || literal == "0") {
		p.Rupiah, _ = strconv.ParseInt(literal, 10, 64)
		return p, "", ""
	}
	digits, negative := strings.CutPrefix(literal, "-")
	whole, fraction, decimal := strings.Cut(digits, ".")
	plain, grouped := groupedDigits(whole)
	switch {
	case strings.HasPrefix(strings.ToLower(digits), "0x"), strings.HasPrefix(strings.ToLower(digits), "0o"), strings.HasPrefix(strings.ToLower(digits), "0b"):
		return p, "the price is not written as a decimal number", writeDigits
	case !grouped || decimal && !allDigits(fraction):
		return p, "the price is not a number", cmp.Or(writeAmount(literal), writeDigits)
	case decimal && len(whole) <= 3 && len(fraction) == 3 && whole[0] != '0':
		return p, "it is not clear whether the point is a decimal point or groups thousands", "write " + sign(negative) + readings(plain, fraction, sen)
	case decimal && !sen:
		return p, "the price is not a whole number of rupiah", cmp.Or(writeAmount(literal), writeDigits)
	case len(whole) > 1 && whole[0] == '0' && decimal:
		return p, "the price begins with a zero", writeDigits
	case len(whole) > 1 && whole[0] == '0':
		return p, "the price begins with a zero", "write " + sign(negative) + cmp.Or(strings.TrimLeft(plain, "0"), "0")
	case decimal && len(fraction) > 2:
		return p, "the price has more than two decimals", "write at most two"
	case len(plain) > maxPriceDigits:
		return p, "the price is too large", "write the number of rupiah"
	}
	p.Rupiah, _ = strconv.ParseInt(plain, 10, 64) // at most 12 digits
	if decimal {
		p.Sen, _ = strconv.Atoi((fraction + "0")[:2]) // one or two digits
	}
	if negative {
		p.Rupiah, p.Sen = -p.Rupiah, -p.Sen
	}
	return p, "", ""
}

func sign(negative bool) string {
	if negative {
		return "-"
	}
	return ""
}

// groupedDigits takes digits, alone or in groups of three joined by _.
func groupedDigits(s string) (plain string, ok bool) {
	groups := strings.Split(s, "_")
	for i, g := range groups {
		if !allDigits(g) || len(groups) > 1 && (i > 0 && len(g) != 3 || len(g) > 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func allDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// writeDigits is for a price that nobody can be sure of.
const writeDigits = "write the number of rupiah in digits, such as 25000"

// readings are what a price with a point and three digits may be: 25.000 is 25000 or
// 25, and 25.500 is no second one where prices are whole.
func readings(whole, fraction string, sen bool) string {
	grouped, decimal := whole+fraction, strings.TrimRight(whole+"."+fraction, "0")
	if number, ok := strings.CutSuffix(decimal, "."); ok || sen {
		return grouped + " or " + number
	}
	return grouped
}

// amounts are the texts of a price that have one reading: digits, or groups of
// three as Indonesians or Americans write them, and behind them no sen at all.
var amounts = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:rp\.?|idr)?\s*(?:(\d+)(?:[.,]00?|,-)?|(\d{1,3}(?:\.\d{3})+)(?:,00?|,-)?|(\d{1,3}(?:,\d{3})+)(?:\.00?)?|(\d{1,3}(?:[_ ]\d{3})+))$`)
})

// writeAmount is the hint for a text such as "Rp 25.000,00", and empty for one that
// is not certain.
func writeAmount(s string) string {
	match := amounts().FindStringSubmatch(strings.TrimSpace(s))
	if match == nil {
		return ""
	}
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune("., _", r) {
			return -1
		}
		return r
	}, strings.Join(match[1:], ""))
	if len(digits) > maxPriceDigits || digits[0] == '0' && digits != "0" {
		return ""
	}
	return "write " + digits
}
