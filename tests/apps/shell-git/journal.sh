#!/bin/sh
set -e
folder=$(mktemp -d)
cd "$folder"
git init -q
/opt/journal/stamp "$1" > entry.txt
git add entry.txt
git -c user.name=journal -c user.email=journal@example.org commit -q -m "$1"
git log --format='recorded: %s'
