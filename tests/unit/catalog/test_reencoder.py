"""Pictures are decoded in processes of their own, a few at once, within limits."""

import asyncio
import hashlib
import os
import sys
from pathlib import Path

import pytest

from catalog.pictures.child import MOST_MEMORY
from catalog.pictures.kept import KeptPicture
from catalog.pictures.reencode import reencode
from catalog.pictures.reencoder import Reencoder, TooManyPicturesError
from catalog.pictures.unfit import MOST_BYTES, Unfit, UnfitPictureError
from tests.pictures import LARGEST, make_picture


def python(code: str) -> tuple[str, ...]:
    """Return the command of a process that does *code* instead of decoding."""
    return (sys.executable, "-I", "-c", code)


async def why(decoder: Reencoder, content: bytes) -> Unfit:
    with pytest.raises(UnfitPictureError) as refused:
        await decoder.reencode(content)
    return refused.value.unfit


async def test_a_picture_comes_back_under_the_hash_of_its_bytes() -> None:
    kept = await Reencoder().reencode(make_picture())

    content = reencode(make_picture()).content
    assert kept == KeptPicture.of(content, 64, 48)
    assert kept.hash == hashlib.sha256(content).hexdigest()


async def test_the_reason_of_a_refusal_comes_back() -> None:
    assert await why(Reencoder(), b"no picture") is Unfit.NOT_A_PICTURE


async def test_a_bomb_is_told_from_a_damaged_file_without_its_memory() -> None:
    bomb = LARGEST[:21] + b"\xff\xff\xff\x0f" + LARGEST[25:]

    assert await why(Reencoder(), bomb) is Unfit.TOO_MANY_PIXELS


@pytest.mark.parametrize(
    ("content", "unfit"),
    [(b"", Unfit.EMPTY), (b"x" * (MOST_BYTES + 1), Unfit.TOO_LONG)],
    ids=["nothing", "too much"],
)
async def test_for_a_useless_file_no_process_is_started(
    content: bytes, unfit: Unfit
) -> None:
    assert await why(Reencoder(command=("/no/such/command",)), content) is unfit


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import os; os.abort()", id="dies of a fault"),
        pytest.param("import sys; sys.stdin.buffer.read()", id="says nothing"),
        pytest.param("print('{}')", id="says too little"),
        pytest.param("print('[1]')", id="says something else"),
        pytest.param('print(\'{"unfit": "x"}\')', id="says an unknown reason"),
        pytest.param('print(\'{"width": 1, "height": 1}\\nGIF\')', id="no JPEG"),
        pytest.param(
            "import sys\nwhile 1: sys.stdout.write('x' * 100_000)", id="says no end"
        ),
    ],
)
async def test_a_process_that_goes_wrong_costs_its_picture_alone(code: str) -> None:
    decoder = Reencoder(command=python(code))

    assert await why(decoder, b"x" * 1_000_000) is Unfit.TOO_COSTLY


async def test_one_that_hangs_is_ended() -> None:
    hangs = python("import time, sys; time.sleep(600)")

    assert await why(Reencoder(command=hangs, within_s=0.01), b"x") is Unfit.TOO_COSTLY


async def test_one_that_nobody_waits_for_any_more_is_ended(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    os.mkfifo(told)
    says = python(
        f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid()))\n"
        "time.sleep(600)"
    )
    waiting = asyncio.create_task(Reencoder(command=says).reencode(b"x"))
    pid = int(await asyncio.to_thread(told.read_text, "ascii"))

    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_more_than_may_wait_are_sent_away_and_welcome_later() -> None:
    decoder = Reencoder(at_once=1, most_waiting=1)

    found = await asyncio.gather(
        *(decoder.reencode(make_picture()) for _ in range(4)), return_exceptions=True
    )

    assert [type(each) for each in found] == [
        KeptPicture,
        KeptPicture,
        TooManyPicturesError,
        TooManyPicturesError,
    ]
    assert isinstance(await decoder.reencode(make_picture()), KeptPicture)


async def test_no_more_than_its_number_run_at_once(tmp_path: Path) -> None:
    code = f"""
import os, sys
from pathlib import Path
place = Path({str(tmp_path)!r})
mine = place / str(os.getpid())
mine.touch()
there = [each for each in place.iterdir() if each.name.isdigit()]
(place / f"count-{{os.getpid()}}-{{len(there)}}").touch()
mine.unlink()
print('{{"unfit": "damaged"}}')
"""
    decoder = Reencoder(at_once=1, command=python(code))

    await asyncio.gather(*(why(decoder, b"x") for _ in range(3)))

    found = await asyncio.to_thread(os.listdir, tmp_path)
    assert [each.rpartition("-")[2] for each in found] == ["1", "1", "1"]


async def test_the_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_SYNC_MAU", "bi-mat")
    code = """
import json, os
print(json.dumps({"unfit": "empty" if "OCOP_SYNC_MAU" in os.environ else "damaged"}))
"""

    assert await why(Reencoder(command=python(code)), b"x") is Unfit.DAMAGED


async def test_its_memory_is_limited_and_enough_for_the_largest_picture() -> None:
    code = """
import json, sys
from catalog.pictures import child
child._limit()
from catalog.pictures.unfit import Unfit
try:
    bytearray(child.MOST_MEMORY)
except MemoryError:
    print(json.dumps({"unfit": "too_long"}))
"""
    limited = Reencoder(command=python(code))

    assert await why(limited, b"x") is Unfit.TOO_LONG
    kept = await Reencoder().reencode(LARGEST)
    assert (kept.size.width, kept.size.height) == (1_600, 1_280)
    assert MOST_MEMORY * 2 <= 2**30
