import hashlib
import shutil
import sys
from pathlib import Path

STATIC = Path("/var/www/static")


def collect():
    STATIC.mkdir(parents=True, exist_ok=True)
    for file in sorted(Path("assets").iterdir()):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
        shutil.copy(file, STATIC / f"{file.stem}.{digest}{file.suffix}")


def serve():
    import bottle

    @bottle.get("/")
    def index():
        return "collected: " + ", ".join(sorted(file.name.split(".")[0] for file in STATIC.iterdir()))

    bottle.run(host="0.0.0.0", port=8000, quiet=True)


{"collect": collect, "serve": serve}[sys.argv[1]]()
