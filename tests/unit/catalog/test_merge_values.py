"""What a row says of a product is merged the same way in every process."""

from datetime import date

import pytest

from catalog.feed.merge.merge_values import merge_product
from catalog.feed.rows.reading import RowError
from catalog.model.paper import PaperKind
from catalog.model.product import Product


def test_of_several_papers_without_yes_or_no_the_first_is_named() -> None:
    given = {f"{kind}_expires_on": date(2027, 1, 1) for kind in PaperKind}

    with pytest.raises(RowError) as raised:
        merge_product(Product(id="p", name="Chả mực"), given, date(2026, 1, 1))

    assert raised.value.column == min(PaperKind)
