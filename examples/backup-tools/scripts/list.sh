#!/bin/sh
# Show the archives with their sizes as JSON.
set -eu

target=${BACKUP_TARGET:-/var/backups/out}
du -b "$target"/*.tar.gz | jq -R 'split("\t") | {size: .[0] | tonumber, file: .[1]}'
