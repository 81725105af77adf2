#!/bin/sh
# Pack a folder, note its checksum, keep the newest seven archives.
set -eu

source=${1:?usage: backup.sh FOLDER}
target=${BACKUP_TARGET:-/var/backups/out}
name=$(date -u +%Y%m%dT%H%M%SZ).tar.gz

tar czf "$target/$name" -C "$source" .
sha256sum "$target/$name" >> "$target/checksums"
ls -1t "$target"/*.tar.gz | tail -n +8 | xargs -r rm --
