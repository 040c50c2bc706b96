"""Pages as trees: strict, so that what is not closed or closed twice is seen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "br", "img"}


@dataclass
class Element:
    """An element, with texts and elements inside."""

    tag: str
    attributes: dict[str, str]
    inside: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What people read, on one line."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        for each in self.inside:
            if isinstance(each, str):
                yield each
            else:
                yield f" {each.text} "

    def all(self, tag: str = "", **attributes: str) -> list["Element"]:
        """Every such element inside; `class_` is one of its classes."""
        wanted = {
            name.strip("_").replace("_", "-"): v for name, v in attributes.items()
        }
        return [
            each
            for each in self._elements()
            if (not tag or each.tag == tag) and each.has(wanted)
        ]

    def one(self, tag: str = "", **attributes: str) -> "Element":
        """The only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    def has(self, wanted: dict[str, str]) -> bool:
        """Whether it has these attributes; "*" is any value."""
        return all(
            name in self.attributes
            and (
                value in {"*", self.attributes[name]}
                or (name == "class" and value in self.attributes[name].split())
            )
            for name, value in wanted.items()
        )

    def _elements(self) -> Iterator["Element"]:
        for each in self.inside:
            if isinstance(each, Element):
                yield each
                yield from each._elements()


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("document", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"twice in <{tag}>: {names}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inside.append(Element(tag, {n: v or "" for n, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].inside.append(data)

    def close(self) -> None:
        super().close()
        assert self._open == [self.root], f"not closed: {self._open[-1].tag}"


def parse(text: str) -> Element:
    """Return a page as a tree; what is not well-formed fails."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    return parser.root
