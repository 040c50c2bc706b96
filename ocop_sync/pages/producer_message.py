"""The message to a producer, to be sent by hand: what is to be done, plainly said.

It is in Vietnamese whoever looks, as its reader is the producer. It names no code but
the link, and asks for no more than one page of a phone shows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from ocop_sync.pages.notation import Notation
from ocop_sync.pages.sale_words import LACKS
from ocop_sync.service.producer.reminders import Reminders

_VI: Final = Notation("vi")
_MOST: Final = 12
"""Matters of a message; whoever reads on a phone opens the link for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matters:
    """What a message is about.

    Attributes:
        reminders: Papers that are missing, and certificates that end soon.
        asked: What the producer is asked to do besides, by the product's name.
    """

    reminders: Reminders
    asked: Sequence[tuple[str, str]] = ()


def message_to(producer: str, matters: Matters, *, about: str, link: str) -> str:
    """Return the message to a *producer*.

    Args:
        producer: Its name; "" if that is not known.
        matters: What is to be told.
        about: Where the product stands, or how many there are, as one sentence.
        link: The page where the producer sees it.
    """
    lines = [*_lines(matters)]
    shown, more = lines[:_MOST], len(lines) - _MOST
    told = [f"{n}. {line}" for n, line in enumerate(shown, 1)]
    if more > 0:
        told.append(f"Còn {more} việc nữa, xem ở liên kết dưới đây.")
    ask = ["Nhờ mình làm giúp:", *told] if told else ["Hiện chưa phải làm gì thêm."]
    return "\n".join(
        [
            f"Chào {producer}," if producer else "Xin chào,",
            about,
            *ask,
            f"Xem và sửa giá, số lượng tại: {link}",
            "Nếu máy hỏi đăng nhập, nhắn lại để Sở gửi liên kết đăng nhập.",
            "Cảm ơn nhiều!",
        ]
    )


def _lines(matters: Matters) -> Iterator[str]:
    lacks = matters.reminders.lacks
    for product, some in groupby(lacks, key=lambda each: each.product):
        papers = ", ".join(f"{each.paper.vi} ({LACKS[each.state].vi})" for each in some)
        yield f"Mang đến Sở cho {product}: {papers}."
    for end in matters.reminders.ends:
        day, left = _VI.day(end.ends_on), _VI.counted(end.days_left, "ngày", "", "")
        yield (
            f"Nộp hồ sơ đánh giá lại {end.product}: {end.stars} sao chỉ đến hết ngày"
            f" {day}, còn {left}."
        )
    for product, asked in dict.fromkeys(_unsaid(matters)):
        yield f"{product}: {asked}."


def _unsaid(matters: Matters) -> Iterable[tuple[str, str]]:
    """Yield what is asked of products of which nothing is missing."""
    named = {each.product for each in matters.reminders.lacks}
    return (each for each in matters.asked if each[0] not in named)
