import importlib
from pathlib import Path

from speedy._core import root


def main():
    table = Path(__file__).with_name("table.txt").read_text().split()
    module = importlib.import_module("statistics")
    print([round(root(float(number)), 3) for number in table], module.mean(map(float, table)))
