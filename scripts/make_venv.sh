#!/bin/sh
# Make a virtual environment with pip: make_venv.sh FOLDER
# On a fresh Debian or Ubuntu `python3 -m venv` lacks ensurepip; then another way is taken, or one line says what to do.
set -u

folder=$1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

find_python() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    return 1
}

has_pip() {
    "$folder/bin/python" -m pip --version >/dev/null 2>&1
}

# Each way is tried from nothing: a failed one leaves half an environment behind.
try() {
    rm -rf "$folder"
    "$@" >>"$log" 2>&1 && has_pip
}

install_venv_package() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    package="python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    echo "Installing $package, since this Python cannot make environments with pip ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq --no-install-recommends "$package" >>"$log" 2>&1 ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$package"; } >>"$log" 2>&1
}

if ! python=$(find_python); then
    echo "dflint needs Python 3.10 or later, and there is none on PATH (or set PYTHON=/path/to/python3)." >&2
    exit 1
fi
echo "Making $folder with $("$python" --version) ..."
try "$python" -m venv "$folder" ||
    try "$python" -m virtualenv "$folder" ||
    try virtualenv --python "$python" "$folder" ||
    try uv venv --seed --python "$python" "$folder" ||
    { install_venv_package && try "$python" -m venv "$folder"; } || {
    rm -rf "$folder"
    cat "$log" >&2
    echo "Cannot make a virtual environment: install python3-venv (apt-get install python3-venv), virtualenv or uv." >&2
    exit 1
}
