"""A picture that was sent in is written anew: upright, plain, without its past."""

import struct
import zlib

import pytest
from PIL import ExifTags, Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from catalog.pictures.reencode import LONGEST_SIDE, reencode
from catalog.pictures.unfit import MOST_BYTES, Unfit, UnfitPictureError
from tests.pictures import make_picture, read, written

SECRET = b"Nha rieng cua ong Mau"
RED, GREEN, WHITE = (254, 0, 0), (0, 128, 1), (255, 255, 255)


def is_like(found: object, expected: tuple[int, int, int]) -> bool:
    """Say whether a colour is *expected*, as far as a JPEG keeps colours."""
    assert isinstance(found, tuple)
    return all(abs(a - b) < 12 for a, b in zip(found, expected, strict=True))


def why(content: bytes) -> Unfit:
    with pytest.raises(UnfitPictureError) as refused:
        reencode(content)
    return refused.value.unfit


def exif(orientation: int = 1) -> Image.Exif:
    """Return the EXIF of a phone that tells where it was, and whose it is."""
    found = Image.Exif()
    found[ExifTags.Base.Orientation] = orientation
    found[ExifTags.Base.Artist] = SECRET.decode()
    gps = found.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitude] = (20.0, 57.0, 4.0)
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_becomes_a_jpeg_of_the_same_size_and_colours(kind: str) -> None:
    made = reencode(make_picture(kind))

    found = read(made.content)
    assert (found.format, found.mode, found.size) == ("JPEG", "RGB", (64, 48))
    assert (made.width, made.height) == (64, 48)
    assert is_like(found.getpixel((3, 3)), RED)
    assert is_like(found.getpixel((50, 40)), GREEN)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_camera_and_author_are_left_behind(kind: str) -> None:
    sent = make_picture(kind, exif=exif())
    assert SECRET in sent

    made = reencode(sent)

    found = read(made.content)
    assert SECRET not in made.content
    assert b"Exif" not in made.content
    assert dict(found.getexif()) == {}
    assert set(found.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_comments_and_texts_are_left_behind() -> None:
    said = PngInfo()
    said.add_text("Author", SECRET.decode())
    sent = [make_picture(comment=SECRET), make_picture("PNG", pnginfo=said)]
    sent.append(make_picture("JPEG", xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>"))

    assert all(SECRET in each for each in sent)
    assert not any(SECRET in reencode(each).content for each in sent)


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [
        pytest.param(1, (3, 3), id="upright"),
        pytest.param(2, (60, 3), id="in a mirror"),
        pytest.param(3, (60, 44), id="upside down"),
        pytest.param(4, (3, 44), id="upside down in a mirror"),
        pytest.param(5, (3, 3), id="on its side in a mirror"),
        pytest.param(6, (44, 3), id="turned left"),
        pytest.param(7, (44, 60), id="turned in a mirror"),
        pytest.param(8, (3, 60), id="turned right"),
    ],
)
def test_it_stands_as_its_exif_says(orientation: int, corner: tuple[int, int]) -> None:
    made = reencode(make_picture(exif=exif(orientation)))

    found = read(made.content)
    lies = orientation >= 5
    assert (made.width, made.height) == ((48, 64) if lies else (64, 48))
    assert found.size == (made.width, made.height)
    assert is_like(found.getpixel(corner), RED)


def test_broken_exif_costs_its_turn_and_not_the_picture() -> None:
    sent = make_picture(exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40)

    assert reencode(sent).width == 64


def test_what_was_transparent_is_white() -> None:
    clear = make_picture("PNG", mode="RGBA", color=(0, 0, 0, 0))
    half = make_picture("WEBP", mode="RGBA", color=(0, 0, 0, 128), lossless=True)
    palette = Image.new("P", (64, 48), 0)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    of_palette = written(palette, "PNG", transparency=0)
    grey = make_picture("PNG", mode="LA", color=(0, 0))

    found = [
        read(reencode(each).content).getpixel((30, 30))
        for each in (clear, of_palette, grey, half)
    ]
    assert all(is_like(each, WHITE) for each in found[:3])
    assert is_like(found[3], (127, 127, 127))


def test_a_picture_of_print_keeps_its_colours() -> None:
    image = Image.new("RGB", (64, 48), (200, 30, 40)).convert("CMYK")

    found = read(reencode(written(image, "JPEG")).content)

    assert found.mode == "RGB"
    assert is_like(found.getpixel((30, 30)), (200, 30, 40))


def test_sixteen_bits_are_rounded_not_cut_to_white() -> None:
    grey = make_picture("PNG", mode="I;16", color=0x4000)

    assert is_like(read(reencode(grey).content).getpixel((30, 30)), (64, 64, 64))


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_few_colours_become_many(mode: str) -> None:
    found = read(reencode(make_picture("PNG", mode=mode, color=0)).content)

    assert found.mode == "RGB"
    assert is_like(found.getpixel((30, 30)), (0, 0, 0))


def test_a_profile_is_applied_and_left_behind() -> None:
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The same colours with red and blue exchanged, as far as the profile tells.
    turned = exchanged(srgb)
    kept, plain, broken, other = (
        read(reencode(make_picture(color=(200, 30, 30), icc_profile=each)).content)
        for each in (
            turned,
            srgb,
            b"no profile",
            ImageCms.ImageCmsProfile(lab).tobytes(),
        )
    )

    assert is_like(kept.getpixel((40, 40)), (30, 30, 200))
    for each in (plain, broken, other):
        assert is_like(each.getpixel((40, 40)), (200, 30, 30))
    assert not any("icc_profile" in each.info for each in (kept, plain, broken, other))


def exchanged(profile: bytes) -> bytes:
    """Return a profile in which the places of the red and the blue are exchanged."""
    content = bytearray(profile)
    count = int.from_bytes(content[128:132], "big")
    places = {
        bytes(content[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)
    }
    red, blue = places[b"rXYZ"], places[b"bXYZ"]
    content[red : red + 4], content[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(content)


def test_a_large_one_is_shrunk_and_a_small_one_stays() -> None:
    wide = reencode(make_picture(size=(3 * LONGEST_SIDE, LONGEST_SIDE)))
    high = reencode(make_picture("PNG", size=(4, LONGEST_SIDE * 2)))
    thin = reencode(make_picture("PNG", size=(1, LONGEST_SIDE * 2)))

    assert (wide.width, wide.height) == (1_600, 533)
    assert (high.width, high.height) == (2, 1_600)
    assert (thin.width, thin.height) == (1, 1_600)
    assert is_like(read(wide.content).getpixel((100, 50)), RED)


def test_the_same_picture_is_the_same_bytes() -> None:
    assert reencode(make_picture()) == reencode(make_picture())


def test_the_first_of_several_views_of_a_phone_is_the_picture() -> None:
    view = Image.new("RGB", (64, 48), "blue")
    sent = written(view, "MPO", save_all=True, append_images=[view.resize((8, 6))])
    assert read(sent).format == "MPO"

    assert reencode(sent).width == 64


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_moving_picture_is_refused(kind: str) -> None:
    still = Image.new("RGB", (8, 8), "blue")
    moves = written(
        still, kind, save_all=True, append_images=[Image.new("RGB", (8, 8), "red")]
    )

    assert why(moves) is Unfit.ANIMATED


@pytest.mark.parametrize(
    ("content", "unfit"),
    [
        pytest.param(b"", Unfit.EMPTY, id="nothing"),
        pytest.param(b"x" * (MOST_BYTES + 1), Unfit.TOO_LONG, id="too many bytes"),
        pytest.param(b"<svg onload='x()'/>", Unfit.NOT_A_PICTURE, id="an SVG"),
        pytest.param(b"%PDF-1.7\n", Unfit.NOT_A_PICTURE, id="a PDF"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0", Unfit.NOT_A_PICTURE, id="a HEIC"),
        pytest.param(b"\xff\xd8\xff", Unfit.DAMAGED, id="the head of a JPEG alone"),
        pytest.param(b"\x89PNG\r\n\x1a\n", Unfit.DAMAGED, id="that of a PNG"),
        pytest.param(b"RIFF\x10\0\0\0WEBPVP8 ", Unfit.DAMAGED, id="that of a WebP"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_reason(
    content: bytes, unfit: Unfit
) -> None:
    assert why(content) is unfit


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO"])
def test_other_kinds_are_no_pictures_here(kind: str) -> None:
    assert why(make_picture(kind)) is Unfit.NOT_A_PICTURE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_one_that_was_cut_off_is_refused(kind: str) -> None:
    sent = make_picture(kind, size=(300, 200))

    assert why(sent[: len(sent) // 2]) is Unfit.DAMAGED
    assert why(sent[: len(sent) * 9 // 10]) is Unfit.DAMAGED


def png_of(width: int, height: int) -> bytes:
    """Return the head of a PNG that says it is that large, with a little behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data)


def jpeg_of(width: int, height: int) -> bytes:
    """Return a JPEG that says it is that large."""
    content = bytearray(make_picture())
    place = content.index(b"\xff\xc0")
    content[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def webp_of(width: int, height: int, *, lossless: bool = False) -> bytes:
    """Return a WebP that says it is that large."""
    content = bytearray(make_picture("WEBP", lossless=lossless))
    if lossless:
        bits = (width - 1) | (height - 1) << 14
        content[21:25] = struct.pack("<I", bits)
    else:
        content[26:30] = struct.pack("<HH", width, height)
    return bytes(content)


def canvas_of(width: int, height: int) -> bytes:
    """Return a WebP with a canvas that says it is that large."""
    content = bytearray(make_picture("WEBP", exif=exif()))
    assert content[12:16] == b"VP8X"
    content[24:27] = (width - 1).to_bytes(3, "little")
    content[27:30] = (height - 1).to_bytes(3, "little")
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(png_of(4_001, 5_000), id="PNG a little too large"),
        pytest.param(png_of(60_000, 60_000), id="PNG, a bomb"),
        pytest.param(jpeg_of(4_001, 5_000), id="JPEG"),
        pytest.param(jpeg_of(65_500, 65_500), id="JPEG, a bomb"),
        pytest.param(webp_of(4_001, 5_000), id="WebP"),
        pytest.param(webp_of(16_383, 16_383), id="WebP, a bomb"),
        pytest.param(webp_of(16_383, 16_383, lossless=True), id="WebP without loss"),
        pytest.param(canvas_of(16_777_215, 200), id="WebP with a canvas"),
    ],
)
def test_too_many_pixels_are_refused_by_the_head_alone(content: bytes) -> None:
    # Each is far too short to hold so many: none was decoded.
    assert len(content) < 2_000
    assert why(content) is Unfit.TOO_MANY_PIXELS


def test_what_is_just_small_enough_is_decoded() -> None:
    assert why(png_of(4_000, 5_000)) is Unfit.DAMAGED
