"""Which of a product's pictures a marketplace is shown.

Pure. A picture on this very computer is for trials: a real marketplace could not open
it. Which addresses are public at all is decided in `catalog.model.picture_address`.
"""

from collections.abc import Sequence

from catalog.model.picture_address import is_here, shown
from catalog.model.product import Picture, Size
from ocop_sync.engine.hold import Hold
from ocop_sync.marketplace.mapping import PictureRules


def fitting(
    pictures: Sequence[Picture], rules: PictureRules, *, simulated: bool
) -> tuple[Picture, ...]:
    """Return the pictures that may be sent, and are not known to be too small.

    A *simulated* marketplace is a mock, on this computer itself.
    """
    found = [each for each in pictures if not _is_small(each, rules)]
    return tuple([each for each in found if simulated or not is_here(each.url)])


def why_none(
    pictures: Sequence[Picture], rules: PictureRules, *, simulated: bool
) -> tuple[Hold, str]:
    """Return why there is no picture to send, and the finding.

    The largest of those that are too small is named, or one that is on this computer.
    """
    sent = [each for each in pictures if simulated or not is_here(each.url)]
    sizes = [picture.size for picture in sent if picture.size]
    if not sizes:
        return Hold.NO_PICTURE, shown(pictures[0].url) if pictures else ""
    largest = max(sizes, key=lambda size: size.width * size.height)
    least = Size(rules.min_width_px, rules.min_height_px)
    return Hold.PICTURE_TOO_SMALL, f"{largest} < {least}"


def _is_small(picture: Picture, rules: PictureRules) -> bool:
    size = picture.size
    return size is not None and (
        size.width < rules.min_width_px or size.height < rules.min_height_px
    )
