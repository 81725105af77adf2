"""Where the keys and values of a TOML text stand.

The parsers of the standard library and tomli tell no positions. This one tells nothing else: it reads a text that is
already known to be valid TOML, and only when there is something to complain about.
"""

from __future__ import annotations

Key = tuple["str | int", ...]
"""Path to a value: table keys and, for the elements of an array, indexes."""


def locations(text: str) -> dict[Key, int]:
    """The offset of each key of a valid TOML text, and of each array element."""
    reader = _Reader(text)
    reader.document()
    return reader.found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Key, int] = {}

    def document(self) -> None:
        table: Key = ()
        while self.skip(newlines=True):
            if self.text[self.at] == "[":
                brackets = 2 if self.text.startswith("[[", self.at) else 1
                self.at += brackets
                table = self.key(())
                self.at += brackets
            else:
                self.pair(table)

    def pair(self, table: Key) -> None:
        key = self.key(table)
        self.skip()
        self.at += 1  # the equals sign
        self.value(key)

    def key(self, table: Key) -> Key:
        """Read a dotted key below a table; leave off after it."""
        while True:
            self.skip()
            start = self.at
            if self.text[self.at] in "\"'":
                part = self.string()
            else:
                while self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] in "_-"):
                    self.at += 1
                part = self.text[start : self.at]
            table = (*table, part)
            self.found.setdefault(table, start)
            self.skip()
            if self.text[self.at : self.at + 1] != ".":
                return table
            self.at += 1

    def value(self, key: Key) -> None:
        self.skip()
        char = self.text[self.at : self.at + 1]
        if char and char in "\"'":
            self.string()
        elif char == "[":
            self.at += 1
            index = 0
            while self.skip(newlines=True) and self.text[self.at] != "]":
                if self.text[self.at] == ",":
                    self.at += 1
                    continue
                self.found.setdefault((*key, index), self.at)
                self.value((*key, index))
                index += 1
            self.at += 1
        elif char == "{":
            self.at += 1
            while self.skip(newlines=True) and self.text[self.at] != "}":
                if self.text[self.at] == ",":
                    self.at += 1
                else:
                    self.pair(key)
            self.at += 1
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}\n#":
                self.at += 1

    def string(self) -> str:
        """Read a string; its text, escapes as written."""
        quote = self.text[self.at]
        closing = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(closing)
        start = self.at
        while self.at < len(self.text) and not self.text.startswith(closing, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        content = self.text[start : self.at]
        self.at += len(closing)
        while len(closing) == 3 and self.text.startswith(quote, self.at):
            self.at += 1  # up to two more quotes belong to the content
        return content

    def skip(self, newlines: bool = False) -> bool:
        """Go over white space and comments; whether something is left."""
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in " \t\r\ufeff" or (newlines and char == "\n"):
                self.at += 1
            else:
                return True
        return False
