"""Find the products of Mock P by their references and SKUs."""

from collections import defaultdict

from adapters.postmart.mock.rows import Product


class Index:
    """Which product carries which SKU, client reference, track id and key."""

    def __init__(self) -> None:
        self.by_sku: defaultdict[str, list[int]] = defaultdict(list)
        self.by_client_ref: defaultdict[str, list[int]] = defaultdict(list)
        self.by_track: dict[str, int] = {}
        self.by_key: dict[str, int] = {}

    def add(self, product: Product) -> None:
        """Take *product* up."""
        number = product["id"]
        for variant in product["variants"]:
            self.by_sku[variant["sku"]].append(number)
        if product["client_ref"]:
            self.by_client_ref[product["client_ref"]].append(number)
        if product["track_id"]:
            self.by_track[product["track_id"]] = number
        if product["key"]:
            self.by_key[product["key"]] = number

    def drop(self, product: Product) -> None:
        """Let *product* go, as it was when it was taken up."""
        number = product["id"]
        for variant in product["variants"]:
            self.by_sku[variant["sku"]].remove(number)
        if product["client_ref"]:
            self.by_client_ref[product["client_ref"]].remove(number)
        self.by_track.pop(product["track_id"], None)
        self.by_key.pop(product["key"], None)
