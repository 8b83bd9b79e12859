"""Every entity and every nested structure this shop knows, by name."""

from companion.simulator.shop.records.entities_catalogue import CATALOGUE
from companion.simulator.shop.records.entities_orders import ORDERS
from companion.simulator.shop.records.entities_people import PEOPLE
from companion.simulator.shop.records.entities_settings import SETTINGS
from companion.simulator.shop.records.entity import Entity, Field, fields

DAL = "shopware_core_framework_data_abstraction_layer"

ENTITIES: dict[str, Entity] = {found.name: found for found in (*ORDERS, *CATALOGUE, *PEOPLE, *SETTINGS)}

STRUCTS: dict[str, tuple[str, dict[str, Field]]] = {
    name: (alias, fields(notation))
    for name, alias, notation in (
        (
            "cart_price",
            "cart_price",
            """netPrice totalPrice calculatedTaxes>cart_tax_calculated+ taxRules>cart_tax_rule+ positionPrice taxStatus
            rawTotal""",
        ),
        (
            "calculated_price",
            "calculated_price",
            """unitPrice quantity totalPrice calculatedTaxes>cart_tax_calculated+ taxRules>cart_tax_rule+
            referencePrice listPrice regulationPrice""",
        ),
        ("cart_tax_calculated", "cart_tax_calculated", "tax taxRate price"),
        ("cart_tax_rule", "cart_tax_rule", "taxRate percentage"),
        (
            "cart_price_quantity",
            "cart_price_quantity",
            """price taxRules>cart_tax_rule+ quantity isCalculated referencePriceDefinition listPrice regulationPrice
            type""",
        ),
        ("cart_price_percentage", "cart_price_percentage", "percentage filter type"),
        ("cart_price_absolute", "cart_price_absolute", "price filter type"),
        ("price", "price", "currencyId net gross linked listPrice>price percentage regulationPrice>price"),
        ("media_type_IMAGE", "media_type_IMAGE", "name flags"),
        ("rounding", f"{DAL}_pricing_cash_rounding_config", "decimals interval roundForNet"),
        ("tax_free", f"{DAL}_tax_free_config", "enabled currencyId amount"),
    )
}
"""Name → the alias the API shows, and the fields between `extensions` and `apiAlias`."""


def references() -> dict[str, set[str]]:
    """The fields of each entity by which others find their records: they need an index."""
    found: dict[str, set[str]] = {name: set(known.indexed) for name, known in ENTITIES.items()}
    for known in ENTITIES.values():
        for field in known.fields.values():
            if field.backwards:
                found[field.target].add(field.by)
    return found
