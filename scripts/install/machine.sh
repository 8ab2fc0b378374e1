# shellcheck shell=bash
# The machine: packages of the distribution, a Python, the user and its folders.

check_machine() {
    [ "$(id -u)" = 0 ] || die "This needs root" "sudo $0 $command"
    command -v apt-get >/dev/null || die "This is neither Debian nor Ubuntu" "docs/install.md says what to do by hand"
    [ -d /run/systemd/system ] || die "systemd does not run this machine" "a container needs scripts/container instead"
    exec 9>/run/salesbot-install.lock  # /run/lock is open to all, links of theirs and files that they hold
    flock -n 9 || die "Another run of this script is under way" "wait for it"
    cd /  # the folder of whoever calls may be closed to others
}

packages() {  # packages NAME...
    local name missing=()
    for name in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing ${missing[*]}"
    local told
    told=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}"; } >"$told" 2>&1; then
        tail -n 20 "$told" >&2
        rm "$told"
        die "apt-get could not install ${missing[*]}" "as it says above; then run this again"
    fi
    rm "$told"
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {  # sets $python
    packages python3 python3-venv ca-certificates tzdata age
    python=/usr/bin/python3
    if ! new_enough "$python"; then  # Ubuntu 22.04; its python3.11 is an unfinished one
        export UV_PYTHON_INSTALL_DIR=/opt/python
        if [ ! -x /opt/uv/bin/uv ]; then
            say "This system's Python is too old: getting another one by uv, in /opt/uv and /opt/python"
            "$python" -m venv /opt/uv
            /opt/uv/bin/pip install -q --disable-pip-version-check 'uv>=0.9,<1' \
                || die "uv could not be installed" "see whether this server reaches the package index"
        fi
        /opt/uv/bin/uv python install -q 3.12 || die "uv could not get a Python" "see whether this server reaches github.com"
        python=$(/opt/uv/bin/uv python find --managed-python 3.12)
    fi
    say "Python: $("$python" --version) ($python)"
}

account_and_folders() {
    if ! id "$user" >/dev/null 2>&1; then
        useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin "$user"
        say "The user $user was made"
    fi
    install -d -m 0755 "$code" "$code/releases"
    install -d -o "$user" -g "$user" -m 0700 "$data" "$logs" "$backups"
    # systemd reads the settings as root, and so does this script: where nobody else can put a link
    install -d -o root -g "$user" -m 0750 "$(dirname "$settings")"
    install -d -o "$user" -g "$user" -m 0700 "$(dirname "$settings")/scenarios"
    [ ! -L "$settings" ] || die "$settings is a link" "put the file itself in its place, as $user's own"
    say "Folders: $code, $(dirname "$settings"), $data, $logs, $backups"
}

as_user() {
    setpriv --reuid="$user" --regid="$user" --init-groups \
        env HOME="$data" USER="$user" LOGNAME="$user" "$@"
}

as_postgres() { runuser -u postgres -- "$@"; }
