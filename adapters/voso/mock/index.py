"""Find the products of Mock V by the names that their shops use.

Several products may have the same SKU or client code: that is allowed here.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import cast

from adapters.voso.mock.content import Content
from adapters.voso.mock.rows import Product

_Key = tuple[str, ...]


class Index:
    """The numbers of products by shop, SKU and client code, growing."""

    def __init__(self) -> None:
        self._numbers: dict[_Key, list[int]] = {}

    def of_shop(self, code: str) -> list[int]:
        """Return the numbers of the products of shop *code*; not to be changed."""
        return self._numbers.get((code,), [])

    def matching(self, code: str, name: str, values: Iterable[str]) -> list[int]:
        """Return the numbers of a shop's products with one of *values*.

        Args:
            code: The shop.
            name: "SKU" or "CLIENT_CODE".
            values: Letters must be equal, case included.
        """
        keys = [(code, name, value) for value in set(values)]
        return sorted({number for key in keys for number in self._numbers.get(key, ())})

    def add(self, product: Product) -> None:
        """Take *product* up."""
        for key in _keys(product):
            insort(self._numbers.setdefault(key, []), product["ID"])

    def drop(self, product: Product) -> None:
        """Forget *product*."""
        for key in _keys(product):
            self._forget(key, product["ID"])

    def change(self, product: Product, content: Content) -> None:
        """Set fields of *product*, and find it by the new ones from now on."""
        before = _keys(product)
        product.update(cast("Product", content))
        after = _keys(product)
        for key in before - after:
            self._forget(key, product["ID"])
        for key in after - before:
            insort(self._numbers.setdefault(key, []), product["ID"])

    def _forget(self, key: _Key, number: int) -> None:
        numbers = self._numbers[key]
        del numbers[bisect_left(numbers, number)]


def _keys(product: Product) -> set[_Key]:
    code = product["SHOP_CODE"]
    keys: set[_Key] = {(code, "SKU", each["SKU"]) for each in product["VARIANTS"]}
    if product["CLIENT_CODE"]:
        keys.add((code, "CLIENT_CODE", product["CLIENT_CODE"]))
    return {(code,), *keys}
