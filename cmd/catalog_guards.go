package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gobiz-cli/gobiz/pkg/rollout"
)

// A guardFlag lets a push through a guard.
type guardFlag struct {
	name  string
	value string // a placeholder: N, ID; empty when the flag has no value
	usage string
}

// guardFlags has one flag for each guard.
var guardFlags = map[rollout.Guard]guardFlag{
	rollout.GuardDeletes:        {"allow-deletes", "N", "remove `N` live items, as the refusal says"},
	rollout.GuardVariantDeletes: {"allow-variant-deletes", "N", "remove `N` live options, as the refusal says"},
	rollout.GuardOffSale:        {"allow-off-sale", "N", "take `N` items off sale, as the refusal says"},
	rollout.GuardPrices:         {"allow-price-changes", "N", "move `N` prices far, as the refusal says"},
	rollout.GuardEmpty:          {"allow-empty", "", "leave no item on the menu"},
	rollout.GuardOtherOutlet:    {"from-outlet", "ID", "push a file that was pulled from the outlet `ID`"},
}

// addGuardFlags adds the flags of the guards, and returns what they set.
func addGuardFlags(flags *pflag.FlagSet) rollout.Overrides {
	overrides := rollout.Overrides{}
	for _, rule := range rollout.Guards() {
		f := guardFlags[rule.Guard]
		set := func(value string) error {
			if n, err := strconv.ParseUint(value, 10, 0); f.value == "N" && err != nil {
				return fmt.Errorf("use the number that the refusal names")
			} else if f.value == "N" {
				value = strconv.FormatUint(n, 10)
			}
			overrides[rule.Guard] = value
			return nil
		}
		if f.value == "" {
			flags.BoolFunc(f.name, f.usage, set)
		} else {
			flags.Func(f.name, f.usage, set)
		}
	}
	return overrides
}

// GuardFlag shows the flag of a guard with the placeholder of its value.
func GuardFlag(guard rollout.Guard) string {
	return strings.TrimSpace("--" + guardFlags[guard].name + " " + guardFlags[guard].value)
}

// guardHelp lists the guards and their flags.
func guardHelp() string {
	var b strings.Builder
	for _, rule := range rollout.Guards() {
		fmt.Fprintf(&b, "\n  %s\n      %s", GuardFlag(rule.Guard), rule.Refused)
	}
	return b.String()
}

// overrideFlags returns the flags that let exactly this push through its guards.
func overrideFlags(refusals []rollout.Refusal) string {
	flags := make([]string, len(refusals))
	for i, r := range refusals {
		flags[i] = overrideFlag(r)
	}
	return strings.Join(flags, " ")
}

func overrideFlag(r rollout.Refusal) string {
	f := guardFlags[r.Guard]
	if f.value == "" {
		return "--" + f.name
	}
	return "--" + f.name + " " + shellWord(r.Allow)
}
