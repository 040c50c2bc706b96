"""Counts in English: one product, two products. Vietnamese needs no such thing."""


def counted(n: float, one: str, many: str = "") -> str:
    """Return *n* of something, such as "1 product" and "2 products".

    *many* are the words for any number but one, where an s behind *one* will not do.
    """
    number = f"{n:.0f}" if n == round(n) else f"{n:g}"
    return f"{number} {one if n == 1 else many or f'{one}s'}"
