"""The mocks' documents are true to the letter, and the adapters read them.

Every sample in `docs/mocks/` is sent to the mock, in order, and every answer is
the one in the document. Every answer is read by the adapter's own wire code, and
every call that the adapter makes is one that the document shows.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args

import pytest

import adapters
from adapters.postmart.convert import State
from adapters.voso.convert import Status
from adapters.voso.signature import sign_call
from ocop_sync.errors import ProtocolError
from ocop_sync.marketplace.registry import available
from tests.adapters.calls import READS, WRITES, open_market
from tests.adapters.documents import codes_in, read_table
from tests.adapters.samples import (
    CUT,
    DOCS,
    SECRET,
    WRONG,
    Message,
    Sample,
    differences,
    open_story,
    read_samples,
)
from tests.adapters.traits import NAMES, traits_of

PUSHED_TO: Final = "http://127.0.0.1:8080/push"
at_both = pytest.mark.parametrize("name", NAMES)


@at_both
async def test_every_sample_is_answered_as_documented(name: str) -> None:
    story, session, server = await open_story(name)
    wrong: list[str] = []
    try:
        for sample in read_samples(name):
            came = await story.send(sample.request)
            found = differences(sample.answer, came, story.values)
            wrong += [f"{name}.md:{sample.line} {sample.call}: {d}" for d in found]
        calls = (await story.look("counts"))["calls"]
    finally:
        await session.close()
        await server.close()

    assert wrong == []
    operations = set(
        re.findall(r"`(\w+)`", text_of(name).partition("The operations are")[2])
    )
    assert operations <= set(calls), "each operation has a sample"
    assert operations >= set(calls) - {""}


def text_of(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


@at_both
def test_every_error_of_a_mock_is_documented(name: str) -> None:
    folder = Path(adapters.__path__[0]) / name / "mock"
    source = "\n".join(each.read_text("utf-8") for each in folder.glob("*.py"))
    codes = set(re.findall(traits_of(name).error_code, source))

    shown = json.dumps([sample.answer.body for sample in read_samples(name)])
    undocumented = {
        c for c in codes if c not in shown and f"`{c}`" not in text_of(name)
    }

    assert len(codes) > 20
    assert undocumented == set()


def answers() -> Iterator[Any]:
    """Yield each answer of the API in each document."""
    for name in NAMES:
        for sample in read_samples(name):
            if "/_mock/" not in sample.call and sample.answer.start != CUT:
                where = f"{name}.md:{sample.line} {sample.call}"
                yield pytest.param(name, sample, id=where)


@pytest.mark.parametrize(("name", "sample"), list(answers()))
def test_every_documented_answer_is_read_by_the_adapter(
    name: str, sample: Sample
) -> None:
    read = traits_of(name).read_answer
    if sample.answer.json is None:
        with pytest.raises((ProtocolError, ValueError)):
            read(sample)
        return
    sample = Sample(
        sample.line,
        sample.request,
        Message(
            sample.answer.start,
            sample.answer.headers,
            re.sub(r"\{\{(\w+)\}\}", r"\1", sample.answer.body),
        ),
    )

    assert read(sample) is not None


def test_the_adapters_know_every_state_of_the_documents_and_no_other() -> None:
    postmart = read_table("postmart", "state", "on sale", "shown by", "leaves it by")
    voso = read_table("voso", "`STATUS`", "", "leaves it by")

    states = {state for row in postmart for state in codes_in(row["state"])}
    assert states == set(get_args(State))
    assert {int(row["`STATUS`"]) for row in voso} == set(Status)
    on_sale = [row["state"] for row in postmart if row["on sale"] == "yes"]
    assert on_sale == ["`approved`"]


@at_both
def test_what_the_adapter_says_of_itself_is_in_the_document(name: str) -> None:
    said = available()[name].capabilities

    def number(words: str) -> int:
        found = re.search(words, text_of(name))
        assert found, words
        return int(found[1])

    assert said.calls_per_s == number(r"of (\d+) calls a second")
    assert said.burst <= number(r"leaking bucket of (\d+) calls")
    assert said.visible_within_s == number(r"shows in reads within (\d+) seconds")
    held = number(r"`(?:per_page|PAGE_SIZE)` \|.*\| 1 \| (\d+) \| cut")
    assert said.page_size == said.read_batch == held


def test_every_signature_in_the_document_is_what_the_adapter_makes() -> None:
    for sample in read_samples("voso"):
        headers = sample.request.headers
        if headers.get("Signature", WRONG) != WRONG:
            stamp, body = int(headers["Timestamp"]), sample.request.body.encode()
            path = sample.call.split()[1]
            assert headers["Signature"] == sign_call(SECRET, path, stamp, body)


@at_both
def test_the_push_in_the_document_is_believed(name: str) -> None:
    block = re.search(r"^```push\n(.*?)^```", text_of(name), re.DOTALL | re.MULTILINE)
    assert block
    push = Message.read("push\n" + block[1])

    assert traits_of(name).count_pushed(PUSHED_TO, push) == 1


def keys_of(value: Any) -> set[str]:
    """Return the names of every field, of inner objects too."""
    if isinstance(value, dict):
        inner = set().union(*map(keys_of, value.values())) if value else set()
        return set(value) | inner
    if isinstance(value, list):
        return set().union(*map(keys_of, value))
    return set()


@cache
def documented(name: str) -> dict[str, tuple[set[str], set[str]]]:
    """Return the fields and headers of requests by call, ids left out."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for sample in read_samples(name):
        fields, headers = found.setdefault(shape(sample.call), (set(), set()))
        fields |= keys_of(sample.request.json)
        headers |= set(sample.request.headers)
    return found


def shape(call: str) -> str:
    return re.sub(r"/(\d+|TR[\w-]+|CS-\d+)(?=/|$)", "/*", call)


@at_both
async def test_every_call_that_the_adapter_makes_is_documented(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = await open_market(name)
    market.ref = await market.bench.publish()
    made: list[tuple[str, Mapping[str, str], bytes]] = []
    real = market.bench.session.request

    def watch(method: str, url: str, **how: Any) -> Any:
        path = url.removeprefix(str(market.bench.server.make_url("")).rstrip("/"))
        made.append((f"{method} {path}", how["headers"], how["data"] or b""))
        return real(method, url, **how)

    monkeypatch.setattr(market.bench.session, "request", watch)
    for make in (*READS.values(), *WRITES.values()):
        await make(market)
    monkeypatch.undo()
    await market.support.close_bench([market.bench])

    assert len({shape(call) for call, _, _ in made}) >= 7
    for call, headers, body in made:
        fields, known = documented(name)[shape(call)]
        assert set(headers) - known <= {"Accept-Encoding", "Content-Type"}
        assert keys_of(json.loads(body or b"{}")) <= fields, call
