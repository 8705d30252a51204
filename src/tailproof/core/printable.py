"""Text from files and names made harmless for terminals and logs."""

from __future__ import annotations

import unicodedata

KEPT = "\n\t"


def printable(text: str, *, allowed: str = KEPT) -> str:
    r"""A text in which control characters, and those that reorder what is read, are written as escapes.

    A terminal then shows an escape sequence and does not obey it.

    Args:
        text: anything, such as the name of a file.
        kept: control characters that stay; none for a name that must stay on its line.

    >>> printable("a\x1b[31mred\nline"), printable("a\nb", allowed="")
    ('a\\x1b[31mred\nline', 'a\\nb')
    """
    if text.isprintable():
        return text
    return "".join(character if _is_harmless(character, allowed) else _escaped(character) for character in text)


def breaks_lines(text: str) -> bool:
    r"""Whether a name holds a control character, the end of a line or bytes that are no text: one line cannot name it.

    >>> breaks_lines("ES\n2024.csv"), breaks_lines("ES 2024.csv")
    (True, False)
    """
    return any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text)


def _is_harmless(character: str, allowed: str) -> bool:
    if character in allowed:
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
