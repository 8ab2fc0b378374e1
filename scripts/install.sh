#!/bin/bash
# Puts salesbot on a Debian or Ubuntu server, as root; docs/install.md tells the same at more leisure.
#
#   scripts/install.sh [install]    everything from an empty server to a running service; asks for the settings
#   scripts/install.sh upgrade      backup, this release beside the old one, restart; the old one again if it is not healthy
#   scripts/install.sh uninstall    the program goes, the data stay; with --purge the data go too
#   scripts/install.sh move         an installation in /home/sales_bot/sales_bot comes to the places used here
#
#   --answers FILE        nothing is asked: NAME=value lines, as in .env.example; LOGIN_PHONE and LOGIN_CODE, or
#                         LOGIN_CODE_COMMAND, sign the account in (LOGIN_PASSWORD: its two-step password)
#   --source DIR          the code to be installed; else the folder that this script lies in
#   --database-url URL    a PostgreSQL that there is; else the distribution's is installed here
#   --yes                 do not ask whether I mean it
#
# Every command may be run again: what is done already is left as it is.
set -Eeuo pipefail
unset CDPATH PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE
umask 022

readonly user=sales_bot
readonly code=/opt/sales_bot current=/opt/sales_bot/current previous=/opt/sales_bot/previous
readonly settings=/etc/sales_bot/env
readonly data=/var/lib/sales_bot logs=/var/log/sales_bot backups=/var/backups/sales_bot
readonly wrapper=/usr/local/bin/salesbot
readonly units=/etc/systemd/system service=sales_bot.service
readonly original=/home/sales_bot/sales_bot
readonly own_database="postgresql://sales_bot@/sales_bot?host=/var/run/postgresql"
readonly contents="main.py pyproject.toml requirements.txt .env.example README.md README.ru.md LICENSE docs salesbot sandbox scripts sql systemd"

command=install answers='' source='' database_url='' yes='' purge=''
changed=''  # whether the service runs something else than what lies there now

# --- words

say() { printf '%s\n' "$*"; }

step() { printf '\n== %s\n' "$*"; }

die() {  # die WHAT MEND
    printf '\nFailed: %s\nMend:   %s\n' "$1" "$2" >&2
    exit 1
}

unforeseen() {
    local status=$?
    printf '\nFailed: line %s of scripts/install.sh: %s (%s)\n' "$1" "$2" "$status" >&2
    printf 'Mend:   see above what it said, mend that, and run the same command again: it goes on where it stopped\n' >&2
    exit 1
}
trap 'unforeseen "$LINENO" "$BASH_COMMAND"' ERR

usage() { sed -n '2,16s/^# \{0,1\}//p' "$0"; }

# --- what is at hand

arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            install | upgrade | uninstall | move) command=$1 ;;
            --answers) answers=${2:-} && shift ;;
            --source) source=${2:-} && shift ;;
            --database-url) database_url=${2:-} && shift ;;
            --yes) yes=yes ;;
            --purge) purge=yes ;;
            -h | --help) usage && exit 0 ;;
            *) usage >&2 && exit 2 ;;
        esac
        [ $# -eq 0 ] || shift
    done
    [ -n "$source" ] || source=$(dirname "$0")/..
    source=$(cd "$source" 2>/dev/null && pwd -P) || die "There is no folder $source" "name the folder of the code with --source"
    if [ -n "$answers" ]; then
        [ -r "$answers" ] || die "There is no file $answers" "name the file of answers with --answers"
        answers=$(realpath "$answers")
    fi
}

check_machine() {
    [ "$(id -u)" = 0 ] || die "This needs root" "sudo $0 $command"
    command -v apt-get >/dev/null || die "This is neither Debian nor Ubuntu" "docs/install.md says what to do by hand"
    [ -d /run/systemd/system ] || die "systemd does not run this machine" "a container needs scripts/container instead"
    exec 9>/run/lock/salesbot-install
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
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null; }; then
        die "apt-get could not install ${missing[*]}" "apt-get update && apt-get install ${missing[*]}   shows why"
    fi
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
    install -d -o "$user" -g "$user" -m 0700 "$(dirname "$settings")" "$data" "$logs" "$backups"
    say "Folders: $code, $(dirname "$settings"), $data, $logs, $backups"
}

as_user() {
    setpriv --reuid="$user" --regid="$user" --init-groups \
        env HOME="$data" USER="$user" LOGNAME="$user" "$@"
}

as_postgres() { runuser -u postgres -- "$@"; }

# --- the code: a folder for each release, and a link to the one in use

bundle() {  # what a release consists of, the same bytes for the same files
    # shellcheck disable=SC2086 # a list of names
    (cd "$source" && tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
        --exclude=__pycache__ --exclude='*.pyc' $contents)
}

make_release() {  # sets $release
    local version digest
    [ -f "$source/salesbot/__init__.py" ] || die "$source does not hold salesbot" "name the folder of its code with --source"
    version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$source/salesbot/__init__.py")
    digest=$(bundle | sha256sum | cut -c1-12)
    release=$code/releases/$version-$digest
    if [ -e "$release/.complete" ] && starts; then
        say "The release ${release##*/} lies there"
        return
    fi
    rm -rf "$release"
    mkdir "$release"
    bundle | tar --extract --directory="$release"
    PYTHON=$python "$release/scripts/setup" product || {
        rm -rf "$release"
        die "The packages that requirements.txt names could not be installed" "see above why; the network? the disk (df -h /opt)?"
    }
    echo "$release" >"$("$release/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/salesbot.pth"
    starts || {
        rm -rf "$release"
        die "The release does not start" "see above why; another one with --source"
    }
    touch "$release/.complete"
    say "The release ${release##*/} was made"
}

starts() { as_user "$release/.venv/bin/python" -P -m salesbot version >/dev/null; }

in_use() { readlink "$1" 2>/dev/null || true; }

point() {  # point LINK RELEASE
    ln -sfn "$2" "$1.new"
    mv -T "$1.new" "$1"
}

use() {  # use RELEASE: its code, its units, the wrapper
    take_units_away "$(in_use "$current")"
    point "$current" "$1"
    put_units "$1"
    put_wrapper
}

forget_older_releases() {
    local each
    for each in "$code"/releases/*; do
        case $each in "$(in_use "$current")" | "$(in_use "$previous")") ;; *) rm -rf "$each" ;; esac
    done
}

put_wrapper() {
    cat >"$wrapper.new" <<END
#!/bin/sh
# salesbot's commands, by its user and with the settings of the service. Made by scripts/install.sh.
set -eu
export CREDENTIALS_DIRECTORY=$(dirname "$settings") HOME=$data USER=$user LOGNAME=$user
set -- $current/.venv/bin/python -P -m salesbot "\$@"
case \$(id -un) in
    $user) exec "\$@" ;;
    root) exec setpriv --reuid=$user --regid=$user --init-groups -- "\$@" ;;
    *) echo "As root, please: sudo salesbot …" >&2; exit 1 ;;
esac
END
    chmod 0755 "$wrapper.new"
    mv "$wrapper.new" "$wrapper"
}

# --- systemd

units_of() {  # units_of RELEASE: files and links, as they lie in /etc/systemd/system
    [ -d "$1/systemd" ] || return 0
    (cd "$1/systemd" && find . -mindepth 1 \( -type f -o -type l \) \
        \( -path './*.d/*' -o -name '*.service' -o -name '*.timer' \) -printf '%P\n')
}

put_units() {
    (cd "$1/systemd" && units_of "$1" | xargs cp --parents --no-dereference --target-directory="$units")
    systemctl daemon-reload
    systemctl enable -q "$service" salesbot-backup.timer
    systemctl start salesbot-backup.timer
}

take_units_away() {  # those of a release that another one may not have; what an administrator put beside them stays
    (cd "$units" && units_of "$1" | xargs -r rm -f)
    (cd "$units" && rmdir --ignore-fail-on-non-empty sales_bot.service.d salesbot-*.service.d 2>/dev/null) || true
}

state_of() { systemctl show --property="$1" --value "$service"; }

start() {
    systemctl reset-failed "$service" 2>/dev/null || true
    systemctl restart --no-block "$service"
}

healthy() {  # within a minute it is READY, says how it is, and the same process lives on for five seconds
    local until=$((SECONDS + 60)) process='' since=0
    while [ "$SECONDS" -lt "$until" ]; do
        [ "$(state_of ActiveState)" != failed ] && [ "$(state_of NRestarts)" -lt 2 ] || return 1
        if [ "$(state_of ActiveState)" = active ] && [ "$(state_of MainPID)" = "$process" ] && [ -n "$(state_of StatusText)" ]; then
            [ $((SECONDS - since)) -lt 5 ] || return 0
        else
            process=$(state_of MainPID) since=$SECONDS
        fi
        sleep 1
    done
    return 1
}

last_words() { journalctl --unit="$service" --lines=15 --no-pager --output=cat 2>/dev/null | sed 's/^/    /' >&2 || true; }

start_and_see() {
    step "The service"
    if [ -z "$changed" ] && [ "$(state_of ActiveState)" = active ]; then
        say "It runs, and nothing has changed: $(state_of StatusText)"
        return
    fi
    start
    healthy || {
        last_words
        die "The service is not healthy (systemctl status $service); its last words stand above" \
            "what they name; then: systemctl restart $service"
    }
    say "It runs: $(state_of StatusText)"
}

# --- the database and the settings

setting() {  # setting NAME FILE: as it stands there, without quotes
    [ ! -r "$2" ] || sed -n "s/^$1=//p" "$2" | tail -n 1 | tr -d "\"'"
}

remember() {  # remember NAME VALUE, in place of what stood there
    local quoted=${2//\\/\\\\}
    quoted=${quoted//\'/\\\'}
    (
        umask 077
        { grep -v "^$1=" "$settings" || true; echo "$1='$quoted'"; } | as_user tee "$settings.new" >/dev/null
        as_user mv "$settings.new" "$settings"
    )
}

choose_database() {  # sets $database_url
    [ -n "$database_url" ] || [ -z "$answers" ] || database_url=$(setting DATABASE_URL "$answers")
    [ -n "$database_url" ] || database_url=$(setting DATABASE_URL "$settings")
    [ -n "$database_url" ] || database_url=$own_database
}

database() {
    choose_database
    if [ "$database_url" != "$own_database" ]; then
        packages postgresql-client
        say "PostgreSQL: the one that DATABASE_URL names"
        return
    fi
    packages postgresql postgresql-client
    systemctl enable -q --now postgresql
    local left
    for left in 30 20 10 0; do
        ! as_postgres pg_isready -q || break
        [ "$left" != 0 ] || die "PostgreSQL does not answer" "systemctl status 'postgresql*' and /var/log/postgresql tell why"
        sleep 3
    done
    if [ -z "$(as_postgres psql -XtAc "select 1 from pg_roles where rolname = '$user'")" ]; then
        as_postgres createuser --createdb "$user"  # a backup is verified in a database of its own
        say "The role $user was made"
    fi
    if [ -z "$(as_postgres psql -XtAc "select 1 from pg_database where datname = '$user'")" ]; then
        as_postgres createdb --owner="$user" --encoding=UTF8 --locale=C.UTF-8 --template=template0 "$user"
        say "The database $user was made"
    fi
    as_user psql -XtAc 'select 1' "$own_database" >/dev/null \
        || die "PostgreSQL does not let the user $user in over its socket" "pg_hba.conf needs the line: local all all peer"
    say "PostgreSQL: this server's own, $(as_postgres psql -XtAc 'show server_version')"
}

configure() {
    local before
    before=$(sha256sum "$settings" 2>/dev/null || true)
    if [ ! -e "$settings" ]; then
        (umask 077 && echo "# The settings of salesbot; $current/.env.example explains all there are." \
            | as_user tee "$settings" >/dev/null)
    fi
    [ "$(setting DATABASE_URL "$settings")" = "$database_url" ] || remember DATABASE_URL "$database_url"
    [ -n "$(setting SECRET_KEY "$settings")$(setting SECRET_KEY_FILE "$settings")" ] || remember SECRET_KEY_FILE "$data/secret.key"
    if [ -n "$answers" ]; then
        "$wrapper" configure --missing --answers - <"$answers"
    elif [ -t 0 ]; then
        "$wrapper" configure --missing
    else
        "$wrapper" configure --missing --answers - </dev/null
    fi || die "The settings are not complete" "as it says above; then run this again, or: salesbot configure"
    [ "$before" = "$(sha256sum "$settings")" ] || changed=yes
}

# --- the commands

prepare() {
    step "The machine"
    find_python
    account_and_folders
    step "The code"
    make_release
}

install_it() {
    prepare
    if [ -e "$current" ] && [ "$(in_use "$current")" != "$release" ]; then
        say "An older release is installed: this is an upgrade"
        swap
        return
    fi
    step "PostgreSQL"
    database
    [ -e "$current" ] || changed=yes
    use "$release"
    step "The settings ($settings)"
    configure
    start_and_see
    farewell
}

farewell() {
    say
    say "Done. Write /start @username to your bot. On this server:"
    say "    salesbot doctor             how everything is"
    say "    salesbot --help             what else there is"
    say "    systemctl status sales_bot  journalctl -u sales_bot"
    say "Keep a copy of $data/secret.key somewhere else: without it no backup is of use."
}

upgrade_it() {
    [ -e "$current" ] || die "Nothing is installed here" "$0 install"
    prepare
    if [ "$(in_use "$current")" = "$release" ]; then
        say "It is the release in use: nothing to do"
        use "$release"
        start_and_see
        return
    fi
    swap
}

back_up() {
    local how=()
    if [ -z "$(setting BACKUP_RECIPIENT "$settings")" ]; then
        say "BACKUP_RECIPIENT is not set, so this backup is not encrypted; it lies beside the database, closed to others"
        how=(--plain)
    fi
    "$wrapper" backup "${how[@]}" || die "The backup failed, and nothing was changed" "as it says above; then run the upgrade again"
}

swap() {  # from the release in use to $release, and back if it is not healthy
    local before was
    before=$(in_use "$current")
    was=$(state_of ActiveState)
    step "A backup, by the release in use"
    back_up
    step "From ${before##*/} to ${release##*/}"
    trap 'trap - ERR INT TERM HUP; go_back "$before"' ERR INT TERM HUP
    systemctl stop "$service"
    use "$release"
    "$wrapper" migrate
    if [ "$was" = inactive ]; then
        say "The service was stopped, and stays so: systemctl start $service"
    else
        start
        healthy || {
            last_words
            trap - ERR INT TERM HUP
            go_back "$before"
        }
        say "It runs: $(state_of StatusText)"
    fi
    trap - INT TERM HUP
    trap 'unforeseen "$LINENO" "$BASH_COMMAND"' ERR
    point "$previous" "$before"
    forget_older_releases
    say "Upgraded to ${release##*/}"
}

go_back() {  # go_back RELEASE: the database stays, every migration works with the release before it
    say "It is not healthy: going back to ${1##*/}" >&2
    systemctl stop "$service" || true
    use "$1"
    start
    if healthy; then
        die "The upgrade to ${release##*/} failed; ${1##*/} runs again: $(state_of StatusText)" \
            "its last words above say what was wrong; nothing is lost, upgrade again once it is mended"
    fi
    last_words
    die "The upgrade failed, and ${1##*/} is not healthy either" "systemctl status $service; the backup lies in $backups"
}

uninstall_it() {
    [ -z "$purge" ] || sure "This deletes the settings, the keys, the database and the backups. It cannot be undone."
    step "The service and the code"
    local each
    if [ -e "$current" ]; then
        for each in $(units_of "$current" | grep -v / || true); do
            systemctl disable -q --now "$each" 2>/dev/null || true
        done
        take_units_away "$current"
        systemctl daemon-reload
    fi
    rm -rf "$code" "$wrapper"
    say "They are gone"
    if [ -n "$purge" ]; then
        purge_data
    else
        say "Kept: $settings, $data (the secret key), $logs, $backups, the database and the user $user."
        say "installing again goes on with them; uninstall --purge deletes them."
    fi
}

purge_data() {
    step "The data"
    local url
    url=$(setting DATABASE_URL "$settings")
    if [ "$url" = "$own_database" ] && systemctl -q is-active postgresql; then
        as_postgres dropdb --if-exists --force "$user"
        as_postgres dropuser --if-exists "$user"
        say "The database $user and its role are gone"
    elif [ -n "$url" ]; then
        say "The database that DATABASE_URL names is not on this server's socket: drop it there"
    fi
    rm -rf "$(dirname "$settings")" "$data" "$logs" "$backups"
    ! id "$user" >/dev/null 2>&1 || userdel "$user"
    say "Settings, key, log, backups and the user $user are gone. What apt-get installed stays."
    say "Telegram may still list the session: Settings → Devices on the account's phone ends it."
}

sure() {
    [ -z "$yes" ] || return 0
    [ -t 0 ] || die "$1" "--yes says that you mean it"
    local answer
    read -r -p "$1 Type DELETE to go on: " answer
    [ "$answer" = DELETE ] || die "Nothing was deleted" "type DELETE if you mean it"
}

# --- from the places of the original design

move_it() {
    if [ -e "$current" ] && [ -s "$settings" ]; then
        say "This installation is in its place already"
        install_it
        return
    fi
    [ -f "$original/.env" ] || die "There is no installation in $original ($original/.env)" "$0 install makes a new one"
    prepare
    step "Settings and keys from $original"
    carry_over
    step "The service"
    [ ! -e "$units/$service" ] || cp --no-clobber "$units/$service" "$code/$service.original"
    systemctl stop "$service" 2>/dev/null || true
    rm -f "$units/$service.d/layout.conf"
    choose_database
    packages postgresql-client
    use "$release"
    changed=yes
    configure
    start
    healthy || {
        last_words
        systemctl stop "$service" || true
        rm -f "$current"
        [ ! -e "$code/$service.original" ] || cp "$code/$service.original" "$units/$service"
        systemctl daemon-reload
        die "It does not run in its new place" "what its last words above name; then run this again"
    }
    say "It runs: $(state_of StatusText)"
    say "$original is as it was, and not used any more. It holds secrets: delete it (rm -r $original) once all is well."
}

carry_over() {  # sets $answers to the old settings, with the paths of the new places
    local carried name path place
    carried=$(mktemp)
    # shellcheck disable=SC2064 # the file of now
    trap "rm -f '$carried'" EXIT
    grep -v '^LOG_FILE=' "$original/.env" >"$carried" || true
    for name in SECRET_KEY_FILE SCENARIOS_DIR TELEGRAM_SERVER_KEY; do
        path=$(setting "$name" "$original/.env")
        [ -n "$path" ] || [ "$name" != SECRET_KEY_FILE ] || path=secret.key
        [ -n "$path" ] || continue
        path=$(cd "$original" && realpath -m "$path")
        [ -e "$path" ] || continue
        place=$data/$(basename "$path")
        if [ ! -e "$place" ]; then
            cp -R "$path" "$place"
            chown -R "$user:$user" "$place"
            say "$path was copied to $place"
        fi
        printf '%s=%s\n' "$name" "$place" >>"$carried"
    done
    [ -n "$(setting DATABASE_URL "$carried")" ] || echo "DATABASE_URL=postgresql://localhost:5432/sales_bot" >>"$carried"
    [ -z "$answers" ] || cat "$answers" >>"$carried"
    answers=$carried
}

arguments "$@"
check_machine
case $command in
    install) install_it ;;
    upgrade) upgrade_it ;;
    uninstall) uninstall_it ;;
    move) move_it ;;
esac
