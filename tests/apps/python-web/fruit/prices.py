import csv
from pathlib import Path

TABLE = {row["name"]: float(row["price"]) for row in csv.DictReader(Path(__file__).with_name("prices.csv").open())}


def names():
    return sorted(TABLE)


def price(name):
    return TABLE.get(name)
