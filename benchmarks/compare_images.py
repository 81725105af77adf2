"""How long comparing two large images takes, and how much memory.

    python benchmarks/compare_images.py [--size 1000] [--compression gzip|plain] [--runs 3] [--keep FOLDER]

Two archives of ``--size`` MB each (uncompressed) are made: files of many sizes, a third of them hard to compress, in
layers. The rewrite lacks some of the files, has others, and its layers are cut otherwise, so that nothing can be taken
over from one image to the other. Each run is a process of its own; its peak memory is the system's word.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import random
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

MB = 1_000_000
CHILD = """
import json, resource, sys, time
start = time.perf_counter()
from dflint.images import read_archives
from dflint.verify import compare
original, rewrite = read_archives(sys.argv[1:])
read = time.perf_counter() - start
verdict = compare(original, rewrite)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([read, time.perf_counter() - start, peak, len(original.filesystem), verdict.level.name,
    len(verdict.differences)]))
"""


def contents(size: int, seed: int) -> list[tuple[str, bytes]]:
    """Files of a few bytes to a few MB, together ``size`` MB: text, and bytes that compress badly."""
    chance = random.Random(seed)
    words = [chance.randbytes(5).hex().encode() for _ in range(5_000)]
    text = b" ".join(chance.choice(words) for _ in range(700_000))
    noise = chance.randbytes(8 * MB)
    files, total, number = [], 0, 0
    while total < size * MB:
        length = int(chance.lognormvariate(8.6, 1.9)) % (5 * MB)
        source = noise if chance.random() < 0.35 else text
        start = chance.randrange(len(source) - length) if length < len(source) else 0
        data = source[start : start + length]
        files.append((f"opt/app/lib{number % 40}/part{number % 700}/file{number}.dat", data))
        total += len(data)
        number += 1
    return files


def layer_of(files: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = len(data), 0o644, 1_600_000_000
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def write_image(path: Path, files: list[tuple[str, bytes]], layers: int, compression: str) -> None:
    """An OCI archive of these files, cut into layers."""
    blobs: dict[str, bytes] = {}

    def add(data: bytes) -> dict[str, object]:
        digest = hashlib.sha256(data).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = data
        return {"mediaType": "application/octet-stream", "digest": f"sha256:{digest}", "size": len(data)}

    descriptors, diff_ids = [], []
    step = -(-len(files) // layers)
    for start in range(0, len(files), step):
        data = layer_of(files[start : start + step])
        diff_ids.append(f"sha256:{hashlib.sha256(data).hexdigest()}")
        descriptors.append(add(gzip.compress(data, 6) if compression == "gzip" else data))
    config = {"Cmd": ["/opt/app/lib0/part0/file0.dat"], "WorkingDir": "/opt/app"}
    document = {"architecture": "amd64", "os": "linux", "config": config, "rootfs": {"diff_ids": diff_ids}}
    manifest = {"schemaVersion": 2, "config": add(json.dumps(document).encode()), "layers": descriptors}
    blobs["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [add(json.dumps(manifest).encode())]}).encode()
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in blobs.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1_000, help="MB of each image, uncompressed")
    parser.add_argument("--compression", choices=("gzip", "plain"), default="gzip")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="keep the archives in this folder, and use those that are there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        names = [f"{side}-{options.size}-{options.compression}.tar" for side in ("original", "rewrite")]
        paths = [folder / name for name in names]
        if not all(path.exists() for path in paths):
            files = contents(options.size, 1)
            write_image(paths[0], files, 8, options.compression)
            write_image(paths[1], [*files[: len(files) * 49 // 50], ("opt/app/new", b"new")], 5, options.compression)
        for path in paths:
            print(f"{path.name}: {path.stat().st_size / MB:.0f} MB stored")
        for _ in range(options.runs):
            done = subprocess.run([sys.executable, "-c", CHILD, *map(str, paths)], capture_output=True, text=True)
            if done.returncode:
                print(done.stderr, file=sys.stderr)
                return 1
            read, total, peak, entries, level, differences = json.loads(done.stdout)
            print(
                f"{total:6.2f} s, of it reading {read:.2f} s; {peak:.0f} MB at most; {entries} paths, "
                f"{differences} differences, {level}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
