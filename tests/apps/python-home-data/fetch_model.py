"""Puts the model where the server looks for it, as downloaders do."""

import json
from pathlib import Path

folder = Path.home() / ".cache" / "tiny-model"
folder.mkdir(parents=True, exist_ok=True)
weights = {word: len(word) / 10 for word in Path("words.txt").read_text().split()}
(folder / "weights.json").write_text(json.dumps(weights, sort_keys=True))
print(f"{len(weights)} weights in {folder}")
