import sys
from pathlib import Path

from tabulate import tabulate


def main():
    lines = Path(__file__).with_name("notes.txt").read_text().splitlines()
    if sys.argv[1:] == ["list"]:
        print(tabulate(list(enumerate(lines, 1)), headers=["no", "note"]))
    else:
        print(f"{len(lines)} notes")
