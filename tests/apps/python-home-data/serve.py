import json
from pathlib import Path

import bottle

WEIGHTS = json.loads((Path.home() / ".cache" / "tiny-model" / "weights.json").read_text())


@bottle.get("/weight/<word>")
def weight(word):
    return {"word": word, "weight": WEIGHTS.get(word)}


bottle.run(host="0.0.0.0", port=8080, quiet=True)
