# Sourced by the doors: makes sure that .venv holds the packages of the requirement files named in $requirements, then
# leaves the project's folder in $root and the venv's Python in $python. Sentences go to stderr.

root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
python=$root/.venv/bin/python

up_to_date() {
    [ -x "$python" ] || return 1
    for file in $requirements; do
        cmp -s "$root/$file" "$root/.venv/installed/$file" || return 1
    done
}

find_python() {
    found=
    for name in ${TEMAS_PYTHON:-python3 python3.12 python3.11 python3.13 python3.14 python}; do
        version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            base=$name
            return
        fi
        found="$found $name is $version;"
    done
    echo "Temas needs Python 3.11 or newer, but${found:- there is no python3;} install it (Debian, Ubuntu: apt install python3 python3-venv) and try again." >&2
    exit 1
}

if ! up_to_date; then
    find_python
    "$base" "$root/bin/make_venv.py" $requirements || exit 1
fi
