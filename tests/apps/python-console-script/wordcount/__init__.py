import sys
from collections import Counter


def main():
    for word, count in sorted(Counter(" ".join(sys.argv[1:]).split()).items()):
        print(f"{word}: {count}")
