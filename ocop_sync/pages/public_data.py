"""The certified products as data for everybody: a table, and schema.org inside a page.

Both hold what the page shows and nothing more. A simulated marketplace is never among
the places to buy at.
"""

import io
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from markupsafe import Markup

from catalog.eligibility import Text
from catalog.places.commune import Communes
from catalog.spreadsheet.table_files import write_table
from ocop_sync.api.typed.problem import Language
from ocop_sync.pages.figure_words import marketplace_name, part_words
from ocop_sync.pages.words import words_in
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.queries.coverage_figures import Dimension
from ocop_sync.service.queries.public_products import (
    PublicProduct,
    all_public_products,
)

_COLUMNS: Final = (
    Text("Sản phẩm", "Product"),
    Text("Cơ sở", "Producer"),
    Text("Mã xã, phường", "Code of the commune"),
    Text("Xã, phường", "Commune"),
    Text("Sao", "Stars"),
    Text("Mua ở đâu", "Where to buy"),
)
_COMMUNE: Final = Text("Xã, phường", "Commune")
_IN_PAGES: Final = str.maketrans(
    {each: f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}
)
"""Danger: a name may hold what ends the block of data, such as `</script>`."""


async def products_table(deployment: Deployment, language: Language) -> bytes:
    """Return all certified products as CSV in UTF-8, with its headings in *language*.

    No cell is computed by whoever opens it: one that looks like a formula begins with
    an apostrophe.
    """
    words, out = words_in(language), io.BytesIO()
    rows = (
        (
            each.name,
            each.producer,
            each.commune,
            words(part_words(Dimension.COMMUNE, each.commune, deployment.communes))
            if each.commune
            else "",
            each.stars or None,
            ", ".join(map(marketplace_name, each.sold_at)),
        )
        for each in await all_public_products(deployment)
    )
    headings = [(words(each), 0) for each in _COLUMNS]
    write_table(out, ".csv", "", headings, rows)
    return out.getvalue()


def linked_data(
    products: Iterable[PublicProduct], language: Language, communes: Communes | None
) -> Markup:
    """Return products as schema.org JSON-LD, in a block of data for a page.

    Stars are a certification, and no rating of buyers.
    """
    items: Sequence[dict[str, Any]] = [
        {
            "@type": "ListItem",
            "position": n,
            "item": _linked(each, language, communes),
        }
        for n, each in enumerate(products, 1)
    ]
    told = {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "numberOfItems": len(items),
        "itemListElement": items,
    }
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    inside = Markup(text.translate(_IN_PAGES))  # noqa: S704  (nothing of HTML is left)
    return Markup('<script type="application/ld+json">{}</script>').format(inside)


def _linked(
    product: PublicProduct, language: Language, communes: Communes | None
) -> dict[str, Any]:
    words = words_in(language)
    found: dict[str, Any] = {"@type": "Product", "name": product.name}
    if product.producer is not None:
        found["manufacturer"] = {"@type": "Organization", "name": product.producer}
    if product.commune:
        found["additionalProperty"] = {
            "@type": "PropertyValue",
            "name": words(_COMMUNE),
            "propertyID": product.commune,
            "value": words(part_words(Dimension.COMMUNE, product.commune, communes)),
        }
    if product.stars:
        stars = part_words(Dimension.STARS, product.stars, communes)
        found["hasCertification"] = {
            "@type": "Certification",
            "name": f"OCOP {words(stars)}",
            "certificationRating": {
                "@type": "Rating",
                "ratingValue": product.stars,
                "bestRating": 5,
            },
        }
    if product.sold_at:
        found["offers"] = [
            {
                "@type": "Offer",
                "offeredBy": {"@type": "Organization", "name": marketplace_name(name)},
            }
            for name in product.sold_at
        ]
    return found
