"""A client in Python, generated from the document by a generator that is kept."""

import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.served import Served

pytestmark = pytest.mark.slow

PACKAGE = "generated_ocop_client"


def files_in(part: Any) -> set[str]:
    """Return the types of files that a document names, in any place."""
    if isinstance(part, list):
        return set().union(*map(files_in, part))
    if not isinstance(part, dict):
        return set()
    here = {name for name in part.get("content") or {} if "json" not in name}
    return here.union(*map(files_in, part.values()))


async def generate(document: bytes, folder: Path) -> None:
    """Generate the client in *folder*; the generator may have nothing to remark."""
    files = files_in(json.loads(document))
    config = {
        "post_hooks": [],
        # It knows no other type of a file.
        "content_type_overrides": dict.fromkeys(files, "application/octet-stream"),
    }
    (folder / "openapi.json").write_bytes(document)
    (folder / "config.yml").write_text(json.dumps(config))
    program = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("openapi-python-client"),
        *("generate", "--path", "openapi.json", "--config", "config.yml"),
        *("--meta", "none", "--output-path", PACKAGE, "--fail-on-warning"),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await program.communicate()
    assert program.returncode == 0, said.decode()


async def test_a_generated_client_calls_the_api(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await served.call("GET", "/openapi.json")
    await generate(await answer.read(), tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    client: Any = importlib.import_module(PACKAGE)
    operation: Any = importlib.import_module(
        f"{PACKAGE}.api.marketplaces.list_marketplaces"
    )
    url = str(served.client.make_url("/"))

    async with client.AuthenticatedClient(url, "viewer") as viewer:
        found = await operation.asyncio(client=viewer)
    async with client.AuthenticatedClient(url, "producer") as producer:
        refused = await operation.asyncio_detailed(client=producer)

    assert {"postmart", "voso"} <= {each.name for each in found.marketplaces}
    assert (refused.status_code, refused.parsed.code) == (403, "forbidden")
    for name in [each for each in sys.modules if each.startswith(PACKAGE)]:
        monkeypatch.delitem(sys.modules, name)
