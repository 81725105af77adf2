#!/bin/sh
# `make demo`: what dflint says of a copy of examples/, what it would change, and what is left after it has.
set -u

project=$(pwd)
dflint=$project/.venv/bin/dflint
copy=$(mktemp -d)
cp -R examples "$copy/examples"
cd "$copy" || exit 1

show() {
    printf '\n$ dflint %s\n\n' "$*"
    "$dflint" "$@"
    code=$?
    if [ "$code" -gt 1 ]; then
        echo "dflint ended with exit code $code" >&2
        exit "$code"
    fi
}

show examples
show --diff examples
show --fix --format concise examples

cat <<END

The fixed copy is in $copy/examples. Next:

  .venv/bin/dflint rule NAME    explains a finding
  .venv/bin/dflint rules        lists all rules
  .venv/bin/dflint FOLDER       lints your own Dockerfiles
END
