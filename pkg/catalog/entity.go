package catalog

// The entities of a catalog, as changes and notes name them.
const (
	EntityMenu            = "menu"
	EntityItem            = "item"
	EntityVariantCategory = "variant_category"
	EntityVariant         = "variant"
)
