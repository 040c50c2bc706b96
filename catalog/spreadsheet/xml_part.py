"""Read XML parts of a workbook with expat, piece by piece and within bounds.

A part with a document type is refused: spreadsheets have none, and entities
are declared in it. Names come without their namespace.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final
from xml.parsers import expat

from catalog.spreadsheet.archive import broken

Attributes = dict[str, str]

_MAX_NAMES: Final = 2_000
_MAX_DEPTH: Final = 100
_MAX_TOKEN: Final = 4_000_000
"""Bytes of one tag; expat holds it whole."""


class _Names(dict[str, str]):
    """Names of elements without their namespace; few, as expat keeps them too."""

    def __missing__(self, name: str) -> str:
        if len(self) >= _MAX_NAMES:
            raise broken(vi="quá nhiều loại thẻ XML", en="too many kinds of XML tags")
        self[name] = local = name.rpartition(" ")[2]
        return local


class XmlPart:
    """A part that is being read.

    Subclasses act at the start and the end of an element; text is collected where they
    ask for it.
    """

    def __init__(self) -> None:
        self._names = _Names()
        self._attributes: set[str] = set()
        self._depth = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    @property
    def seen(self) -> Collection[str]:
        """The tags so far: their namespace, a space, their name."""
        return self._names.keys()

    def start(self, name: str, attributes: Attributes) -> None:
        """Act where an element begins."""
        raise NotImplementedError

    def end(self, name: str) -> None:
        """Act where an element ends; by itself, nothing follows."""

    def listen(self, text: Callable[[str], object] | None) -> None:
        """Hand text to *text* from here on; to nobody if it is None."""
        self._parser.CharacterDataHandler = text

    def feed(self, chunks: Iterable[bytes]) -> Iterator[None]:
        """Read *chunks*, pausing after each; `FeedError` if it is no such XML."""
        fed = 0
        try:
            for chunk in chunks:
                if not fed and chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
                    raise broken(vi="XML không phải UTF-8", en="its XML is not UTF-8")
                self._parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - self._parser.CurrentByteIndex > _MAX_TOKEN:
                    raise broken(vi="thẻ XML quá dài", en="an XML tag is too long")
                yield
            self._parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, UnicodeError) as error:
            raise broken(
                vi="XML bên trong bị hỏng; hãy mở bằng Excel và lưu lại",
                en=f"its XML is damaged; open it in Excel and save it anew ({error})",
            ) from error
        yield

    def read(self, chunks: Iterable[bytes]) -> None:
        """Read *chunks* to the end."""
        for _ in self.feed(chunks):
            pass

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise broken(vi="thẻ XML lồng quá sâu", en="XML tags are nested too deep")
        if not self._attributes.issuperset(attributes):
            self._attributes.update(attributes)
            if len(self._attributes) > _MAX_NAMES:
                raise broken(
                    vi="quá nhiều thuộc tính XML", en="too many XML attributes"
                )
        self.start(self._names[name], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self.end(self._names[name])

    def _refuse(self, *_: object) -> None:
        raise broken(
            vi="có khai báo DOCTYPE, không nhận",
            en="it declares a DOCTYPE, it is refused",
        )
