package catalog

import "slices"

// A RuleSet says whose limits hold.
type RuleSet string

const (
	// Gofood has the limits of the partner API.
	Gofood RuleSet = "gofood"
	// EnterpriseRules has those of the Enterprise Integration Middleware.
	EnterpriseRules RuleSet = "enterprise"
)

// RuleSets lists them, the default first.
func RuleSets() []RuleSet { return []RuleSet{Gofood, EnterpriseRules} }

// RuleSetOf returns the rules that a menu has to keep on its way to an API.
func RuleSetOf(api API) RuleSet {
	if api == Enterprise {
		return EnterpriseRules
	}
	return Gofood
}

// API returns the API that the rules are for.
func (s RuleSet) API() API {
	if s == EnterpriseRules {
		return Enterprise
	}
	return Partner
}

// The ids of the rules. They are stable: people name them in scripts.
const (
	RuleSyntax              = "syntax"
	RuleUnknownKey          = "unknown-key"
	RuleDuplicateKey        = "duplicate-key"
	RuleType                = "type"
	RuleRequired            = "required"
	RuleEmptyCatalog        = "empty-catalog"
	RuleMenuNameLength      = "menu-name-length"
	RuleItemNameLength      = "item-name-length"
	RuleInternalNameLength  = "internal-name-length"
	RuleDescriptionLength   = "description-length"
	RuleExternalIDLength    = "external-id-length"
	RuleVariantNameLength   = "variant-name-length"
	RuleItemsPerMenu        = "items-per-menu"
	RuleDuplicateMenuName   = "duplicate-menu-name"
	RuleDuplicateName       = "duplicate-name"
	RuleDuplicateExternalID = "duplicate-external-id"
	RulePrice               = "price"
	RuleHoursFormat         = "hours-format"
	RuleHoursOrder          = "hours-order"
	RuleHoursOverlap        = "hours-overlap"
	RuleHours24             = "hours-24"
	RuleHoursShort          = "hours-short"
	RuleHoursNever          = "hours-never"
	RuleVariantRule         = "variant-rule"
	RuleDanglingReference   = "dangling-reference"
	RuleUnusedCategory      = "unused-category"
	RuleImageURL            = "image-url"
	RuleImageFile           = "image-file"
	RuleAllOutOfStock       = "all-out-of-stock"
	RuleControlCharacters   = "control-characters"
	RuleNotNFC              = "not-nfc"
)

// A Rule is one way in which a finding of an id comes about. A rule that is an
// error in one case and a warning in another stands in the table once for each.
type Rule struct {
	ID       string
	Severity Severity
	Set      RuleSet // empty: both
	Summary  string  // one sentence, without a full stop
	Hint     string  // for a finding that has no better one
}

// Rules returns the table of all rules, in the order of the documentation.
//
// The limits of names are those of the developer documentation, "Menu
// structure", and of Enterprise Integration Middleware, "Update menu", for the Enterprise API. Where
// neither has one, it is what partners' own clients keep to.
func Rules() []Rule { return slices.Clone(rules[:]) }

var rules = [...]Rule{
	{RuleSyntax, SeverityError, "", "the file is YAML or JSON that can be read", "correct the text at this place"},
	{RuleUnknownKey, SeverityError, "", "every key is one that the format has", "correct the key, or remove it"},
	{RuleDuplicateKey, SeverityError, "", "no key stands twice in an object", "keep one of them"},
	{RuleType, SeverityError, "", "every value has the type of its key, and a price is a whole number", "write a value of the other type"},
	{RuleRequired, SeverityError, "", "menus, names, external ids, prices and the rules of variant categories are stated", "add it"},
	{RuleEmptyCatalog, SeverityError, "", "there is at least one menu, and one item in all of them", "add an item: the API refuses a catalog without any"},
	{RuleMenuNameLength, SeverityError, "", "the name of a menu has at most 150 characters", "shorten it"},
	{RuleItemNameLength, SeverityError, Gofood, "the name of an item has at most 150 characters", "shorten it"},
	{RuleItemNameLength, SeverityError, EnterpriseRules, "the name of an item has at most 250 characters", "shorten it"},
	{RuleInternalNameLength, SeverityError, "", "an internal name has at most 200 characters", "shorten it"},
	{RuleDescriptionLength, SeverityError, Gofood, "a description has at most 200 characters", "shorten it"},
	{RuleDescriptionLength, SeverityError, EnterpriseRules, "a description has at most 250 characters", "shorten it"},
	{RuleExternalIDLength, SeverityError, "", "an external id has at most 200 characters", "shorten it"},
	{RuleVariantNameLength, SeverityError, Gofood, "the name of a variant or a variant category has at most 150 characters", "shorten it"},
	{RuleVariantNameLength, SeverityWarning, Gofood, "the name of a variant has at most 50 characters", "shorten it: some clients cut it there"},
	{RuleItemsPerMenu, SeverityWarning, Gofood, "a menu has at most 100 items", "split the menu"},
	{RuleItemsPerMenu, SeverityError, EnterpriseRules, "a menu has at most 100 items", "split the menu"},
	{RuleDuplicateMenuName, SeverityError, "", "no two menus have the same name, which is their only key", "rename one, or put their items into one menu"},
	{RuleDuplicateName, SeverityWarning, "", "no two items of a menu, and no two variants of a category, have the same name", "rename one: customers cannot tell them apart"},
	{RuleDuplicateExternalID, SeverityError, "", "no external id is used twice in a menu, among variant categories, among variants, or for different items; no two differ only in what nobody sees", "give each its own external id"},
	{RuleDuplicateExternalID, SeverityWarning, "", "an item stands in one menu only", "remove one, unless the dish belongs into both menus"},
	{RulePrice, SeverityError, "", "the price of an item is not negative", "write 0 or more"},
	{RulePrice, SeverityWarning, "", "an item costs something, at most Rp 2,000,000, and no variant makes it cost less than nothing", "check the number of zeros"},
	{RuleHoursFormat, SeverityError, "", "times are HH:MM in 24 hours", "write HH:MM in 24 hours, such as 09:30"},
	{RuleHoursOrder, SeverityError, "", "a window starts before it ends", `write a window over midnight in the short form, such as "17:00-02:00", and a whole day as "00:00-23:59"`},
	{RuleHoursOverlap, SeverityError, "", "the windows of a day do not overlap", "join them to one window"},
	{RuleHours24, SeverityError, "", "a day ends at 23:59, and 24:00 is not used", "write 23:59 for the end of a day, and 00:00 for its start"},
	{RuleHoursShort, SeverityWarning, "", "a window has at least 60 minutes", "check both times"},
	{RuleHoursNever, SeverityWarning, "", "an item can be ordered at some time of the week", "use in_stock: false for what is sold out, or name a day"},
	{RuleVariantRule, SeverityError, Gofood, "min_quantity is from 0 to max_quantity", "correct one of the two"},
	{RuleVariantRule, SeverityWarning, Gofood, "of a variant category at least min_quantity variants are in stock", "put some in stock, or lower min_quantity: nobody can order an item with this choice"},
	{RuleDanglingReference, SeverityError, Gofood, "an item refers to variant categories that the file has", "add the variant category, or correct the id"},
	{RuleUnusedCategory, SeverityWarning, Gofood, "an item refers to every variant category", "refer to it from an item, or remove it"},
	{RuleImageURL, SeverityError, "", "an image is a public http or https URL on port 80 or 443, of a JPEG or PNG, with blanks and invisible characters escaped", "GoBiz downloads the image from this address during the push"},
	{RuleImageFile, SeverityError, "", "with --check-images: the image is a square JPEG or PNG of at most 1 MB", "replace the image"},
	{RuleImageFile, SeverityWarning, "", "with --check-images: the image can be downloaded", "check the address: GoBiz downloads it during the push"},
	{RuleAllOutOfStock, SeverityWarning, "", "not every item is out of stock", "remove in_stock: false where the dish is sold"},
	{RuleControlCharacters, SeverityWarning, "", "texts have no control characters and no invisible marks; ids and names have no blank at an end, and only the plain one", "delete them"},
	{RuleNotNFC, SeverityWarning, "", "texts are in Unicode's composed form (NFC), so that equal names compare as equal", "type the text again, or normalise the file"},
}

// rule finds a row of the table; nil when there is none.
func rule(id string, severity Severity, set RuleSet) *Rule {
	for i := range rules {
		if r := &rules[i]; r.ID == id && r.Severity == severity && (r.Set == "" || r.Set == set) {
			return r
		}
	}
	return nil
}
