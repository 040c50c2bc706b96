"""An act on the certificates of a product, by form: told first, entered then.

What it does to the product and to buyers is worked out by the use case, and stands on a
page of its own before the button that enters it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.commands.certify.acts import CertificateAct
from catalog.commands.certify.which import only_name_of
from catalog.eligibility import Text
from catalog.errors import CatalogError, NotInCatalogError
from catalog.model.product import Product
from catalog.model.reach import WHOLE_CATALOG
from ocop_sync.api.access.reach import as_department
from ocop_sync.errors import HeldCertificatesError
from ocop_sync.pages.figure_words import place_words
from ocop_sync.pages.navigation import PRODUCTS
from ocop_sync.pages.visit import Visit
from ocop_sync.service.decisions.certificate_effects import TAKING
from ocop_sync.service.decisions.certificates import (
    CertificateEntry,
    decide_certificates,
)
from ocop_sync.service.deployment import Deployment
from ocop_sync.service.producer.products import one_product

GRANT: Final = Text("Cấp sao lần đầu", "Grant stars")
REASSESS: Final = Text("Đánh giá lại", "Re-assess")
REVOKE: Final = Text("Thu hồi công nhận", "Revoke the recognition")
CORRECT: Final = Text("Đính chính", "Correct")
VOID: Final = Text("Hủy bỏ", "Void")
RESTORE: Final = Text("Khôi phục", "Restore")

CERTIFICATE: Final = f"{PRODUCTS}/{{code}}/certificates/{{place}}/{{act}}"
"""What is done with one certificate, by its place among those of its product."""

LEVEL_WORDS: Final[Mapping[str, Text]] = {
    "huyện": Text("Huyện", "District"),
    "tỉnh": Text("Tỉnh", "Province"),
    "trung ương": Text("Trung ương", "Central"),
}
"""Who decides."""
LONGEST_NUMBER: Final = 100
"""Characters of a decision's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is told before it is entered.

    Attributes:
        act: What is entered, in words.
        takes: It takes from buyers.
        effects: What it does.
        doubts: What is doubtful of it.
        token: Confirms just this.
        moved: Something has changed since it was told last.
    """

    act: Text
    takes: bool
    effects: Sequence[Text]
    doubts: Sequence[Text]
    token: str
    moved: bool = False


def act_address(product_id: str, place: int, act: str) -> str:
    """Return the address of an act on one certificate."""
    return f"{PRODUCTS}/{product_id}/certificates/{place}/{act}"


def acts_on(product: Product) -> list[list[tuple[Text, str]]]:
    """Return what may be done with each certificate: the act and its address.

    With one that no name means alone nothing is done here.
    """
    found = []
    for n, each in enumerate(product.certificates):
        acts = [("restore", RESTORE)] if each.voided else _OF_COUNTING
        can_be_named = only_name_of(product.certificates, n) is not None
        found.append(
            [(name, act_address(product.id, n + 1, act)) for act, name in acts]
            if can_be_named
            else []
        )
    return found


_OF_COUNTING: Final = [("correct", CORRECT), ("void", VOID)]


async def product_of(visit: Visit, code: str) -> Product:
    """Return the product of a code.

    Raises:
        NotInCatalogError: There is none.
    """
    found = await visit.deployment.database.fetch(
        one_product, code, reach=WHOLE_CATALOG
    )
    return found[0]


async def tell_or_enter(
    visit: Visit, product: Product, act: CertificateAct
) -> Asked | Text | None:
    """Tell what an act does; enter it once the form says that this was read.

    Returns:
        What is told, why it cannot be, or None: it is entered.

    Raises:
        NotInCatalogError: The product is gone.
    """
    form, deployment = visit.form, visit.deployment
    is_confirmed = form.get("confirmed", "") == "yes"
    entry = CertificateEntry(
        act=act,
        products=[product.id],
        by=as_department(visit.asker),
        token=form.get("token", ""),
        only_check=not is_confirmed,
    )
    try:
        found = await decide_certificates(deployment, entry)
    except NotInCatalogError:
        raise
    except HeldCertificatesError as error:
        effects = [Text(*each) for each in error.effects]
        doubts = [Text(*each) for each in error.doubts]
        return _asked(deployment, act, effects, doubts, error.token, moved=True)
    except CatalogError as error:
        return _refusal(error)
    if is_confirmed:
        return None
    takes = any(each.listings in TAKING for each in found.products)
    return _asked(
        deployment, act, found.effects, found.doubts, found.token, takes=takes
    )


def _asked(
    deployment: Deployment,
    act: CertificateAct,
    effects: Sequence[Text],
    doubts: Sequence[Text],
    token: str,
    *,
    takes: bool = True,
    moved: bool = False,
) -> Asked:
    # The first one repeats the act, of how many products: here it is one.
    said = f"{act.words.vi}: "
    return Asked(
        act=act.words,
        takes=act.takes or takes,
        effects=[
            _placed(deployment, each)
            for each in effects
            if not each.vi.startswith(said)
        ],
        doubts=[_plain(each) for each in doubts],
        token=token,
        moved=moved,
    )


def _placed(deployment: Deployment, effect: Text) -> Text:
    """Return an effect with the marketplace as people call it, where it begins so."""
    for site in deployment.sites:
        code = f"{site.name}: "
        if effect.vi.startswith(code):
            where = place_words(deployment, site.name)
            return Text(
                f"{where.vi}: {effect.vi.removeprefix(code)}",
                f"{where.en}: {effect.en.removeprefix(code)}",
            )
    return effect


def _refusal(error: CatalogError) -> Text:
    """Return why an act cannot be, without commands and codes."""
    vi, _, en = str(error).partition(" / ")
    told = [re.sub(r"^[^.]*\. (?:[A-Z]+-\d+: )?", "", each) for each in (vi, en)]
    plain = _plain(Text(*told))
    return Text(_begun(plain.vi), _begun(plain.en))


def _plain(told: Text) -> Text:
    """Return a sentence that names what pages have, instead of commands."""

    def in_vi(found: re.Match[str]) -> str:
        return _INSTEAD.get(found[1], _ASK).vi

    def in_en(found: re.Match[str]) -> str:
        return _INSTEAD.get(found[1], _ASK).en

    vi, en = _COMMAND.sub(in_vi, told.vi), _COMMAND.sub(in_en, told.en)
    return Text(vi.replace("`", ""), en.replace("`", ""))


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


_COMMAND: Final = re.compile(
    r"(?:dùng |use )?`?(?:ocop-sync )?certificates (\w+)(?:[^;,)]|, --)*"
)
"""A command of the line, which a page does not have."""


def _chosen(name: Text) -> Text:
    return Text(f"chọn “{name.vi}”", f"choose “{name.en}”")


def _pressed(name: Text) -> Text:
    return Text(
        f"bấm “{name.vi}” ở giấy đó, trên trang sản phẩm",
        f"press “{name.en}” beside it, on the product's page",
    )


_INSTEAD: Final[Mapping[str, Text]] = {
    "grant": _chosen(GRANT),
    "reassess": _chosen(REASSESS),
    "revoke": _chosen(REVOKE),
    "correct": _pressed(CORRECT),
    "void": _pressed(VOID),
    "restore": _pressed(RESTORE),
    "show": Text("xem ở trang sản phẩm", "see the product's page"),
}
_ASK: Final = Text("nhờ người quản trị", "ask an administrator")
