#!/bin/sh
# Wraps each page in the layout.
set -eu
out=$1
mkdir -p "$out"
for page in pages/*.txt; do
    name=$(basename "$page" .txt)
    sed -e "s/@TITLE@/$name/" -e "/@BODY@/{r $page
d}" layout.html >"$out/$name.html"
done
cp -r assets "$out/"
