# Sourced by bin/test: as root on Debian, installs the programs that tests start by themselves. Elsewhere the tests that
# need them are skipped with the reason. The packages' own daemons are neither started now nor at the next boot.

missing_packages() {
    for package in dovecot-imapd exim4-daemon-light chromium fonts-liberation postgresql redis-server; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
    done
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    policy=/usr/sbin/policy-rc.d
    made_policy=
    if [ ! -e "$policy" ]; then # the packages' scripts ask it whether they may start a daemon
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && made_policy=1
        trap '[ -z "$made_policy" ] || rm -f "$policy"' EXIT INT TERM
    fi
    apt-get install -qq -y --no-install-recommends "$@" >/dev/null 2>&1 || {
        apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@" >/dev/null
    }
    failed=$?
    [ -z "$made_policy" ] || rm -f "$policy"
    trap - EXIT INT TERM
    return $failed
}

disable_daemons() {
    command -v systemctl >/dev/null || return 0
    for package in "$@"; do
        case $package in
        dovecot-imapd) systemctl disable -q dovecot.service dovecot.socket 2>/dev/null ;;
        exim4-daemon-light) systemctl disable -q exim4.service 2>/dev/null ;;
        postgresql) systemctl disable -q postgresql.service 2>/dev/null ;;
        redis-server) systemctl disable -q redis-server.service 2>/dev/null ;;
        esac
    done
    return 0
}

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    missing=$(missing_packages)
    if [ -n "$missing" ]; then
        echo "Installing what the tests start: $missing…" >&2
        if install_packages $missing; then
            disable_daemons $missing
        else
            echo "Not everything could be installed; the tests that need it say so." >&2
        fi
    fi
fi
