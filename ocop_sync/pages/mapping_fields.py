"""A marketplace's mapping as fields of a form: categories and limits, and their faults.

The form has the bounds of `ocop_sync.api.forms.mappings`; an empty category takes the
product set off, so that nothing of it is listed there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.eligibility import Text
from catalog.model.product_set import SETS
from ocop_sync.api.forms.mappings import MappingForm
from ocop_sync.pages.decision_forms import Fault

_SIZES: Final[Mapping[str, tuple[Text, int]]] = {
    "title-max_length": (
        Text("Tên dài nhất, chữ cái", "Longest title, letters"),
        100_000,
    ),
    "description-max_length": (
        Text("Mô tả dài nhất, chữ cái", "Longest description, letters"),
        100_000,
    ),
    "pictures-max_count": (Text("Nhiều nhất bao nhiêu ảnh", "Most pictures"), 100),
    "pictures-min_width_px": (
        Text("Ảnh rộng ít nhất, điểm ảnh", "Least width of pictures, pixels"),
        100_000,
    ),
    "pictures-min_height_px": (
        Text("Ảnh cao ít nhất, điểm ảnh", "Least height of pictures, pixels"),
        100_000,
    ),
    "mapping_version": (
        Text(
            "Số bản: tăng lên thì mọi sản phẩm được xét lại, tin bị từ chối được gửi"
            " lại",
            "Version: raised, all is evaluated anew, and what was refused sent again",
        ),
        1_000_000_000,
    ),
}
"""The numbers: what each is, and the largest."""
FALLBACK: Final = "fallback"
_FALLBACK_WORDS: Final = Text(
    "Ngành hàng cho sản phẩm chưa rõ bộ; để trống thì tạm giữ",
    "Category of products of no known set; empty: they are held",
)
REQUIRED: Final = "pictures-required"
_REQUIRED_WORDS: Final = Text("Không ảnh thì không đăng", "Nothing without a picture")
YES, NO = Text("Có", "Yes"), Text("Không", "No")

_CATEGORY: Final = re.compile(r"[^\x00-\x1f\x7f]{1,64}")
_NO_CATEGORY: Final = Text(
    "Ghi mã ngành hàng của sàn, nhiều nhất 64 chữ cái.",
    "The marketplace's category, 64 letters at most.",
)
_DIGITS: Final = re.compile(r"[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingField:
    """A value of the mapping: its name in the form, what it is, and how it stands."""

    name: str
    words: Text
    value: str


def category_fields(mapping: MappingForm) -> list[MappingField]:
    """Return the category of each product set, and of products of no known one."""
    found = [
        MappingField(
            name=f"set-{code}",
            words=Text(each.name, each.name_en),
            value=mapping.categories.get(code, ""),
        )
        for code, each in SETS.items()
    ]
    fallback = MappingField(
        name=FALLBACK, words=_FALLBACK_WORDS, value=mapping.fallback_category or ""
    )
    return [*found, fallback]


def size_fields(mapping: MappingForm) -> list[MappingField]:
    """Return the limits of texts and pictures, and the version."""
    values = mapping.model_dump()
    found = []
    for name, (words, _) in _SIZES.items():
        group, _, key = name.partition("-")
        value = values[group][key] if key else values[group]
        found.append(MappingField(name=name, words=words, value=str(value)))
    return found


def required_field(mapping: MappingForm) -> MappingField:
    """Return whether nothing is listed without a picture, as "yes" or "no"."""
    value = "yes" if mapping.pictures.required else "no"
    return MappingField(name=REQUIRED, words=_REQUIRED_WORDS, value=value)


def all_fields(mapping: MappingForm) -> list[MappingField]:
    """Return every field, in the order of the form."""
    return [
        *category_fields(mapping),
        *size_fields(mapping),
        required_field(mapping),
    ]


def read_mapping(
    form: Mapping[str, str], marketplace: str
) -> tuple[dict[str, Any], list[Fault]]:
    """Return the mapping that a form asks for, and what is to be corrected."""
    faults, categories, numbers = list[Fault](), dict[str, str](), dict[str, int]()
    for name in (*(f"set-{code}" for code in SETS), FALLBACK):
        typed = form.get(name, "").strip()
        if typed and not _CATEGORY.fullmatch(typed):
            faults.append((name, _NO_CATEGORY))
        elif typed:
            categories[name.removeprefix("set-")] = typed
    for name, (_, largest) in _SIZES.items():
        typed = form.get(name, "").strip().replace(".", "")
        if not _DIGITS.fullmatch(typed) or not 1 <= int(typed) <= largest:
            told = Text(
                f"Ghi một số nguyên, từ 1 đến {largest}.",
                f"A whole number from 1 to {largest}.",
            )
            faults.append((name, told))
        else:
            numbers[name] = int(typed)
    if faults:
        return {}, faults
    values: dict[str, Any] = {
        "marketplace": marketplace,
        "mapping_version": numbers["mapping_version"],
        "title": {"max_length": numbers["title-max_length"]},
        "description": {"max_length": numbers["description-max_length"]},
        "pictures": {
            "required": form.get(REQUIRED) == "yes",
            "max_count": numbers["pictures-max_count"],
            "min_width_px": numbers["pictures-min_width_px"],
            "min_height_px": numbers["pictures-min_height_px"],
        },
        "fallback_category": categories.pop(FALLBACK, None),
        "categories": categories,
    }
    return values, []
