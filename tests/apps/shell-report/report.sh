#!/bin/sh
# Prints a report from the data and the templates that lie beside it.
set -eu
here=${REPORT_HOME:-/opt/report}
. "$here/lib/format.sh"
title "Fruit"
while IFS=, read -r name count; do
    row "$name" "$count"
done <"$here/data/fruit.csv"
awk -F, '{ total += $2 } END { print "total", total }' "$here/data/fruit.csv"
ls -l "$here/data/latest.csv" | sed 's/.* -> /latest is /'
umask 022
echo done >"${REPORT_OUT:-/var/lib/report}/last"
