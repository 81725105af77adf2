title() { printf '== %s ==\n' "$1"; }
row() { printf '%-10s %5d\n' "$1" "$2"; }
