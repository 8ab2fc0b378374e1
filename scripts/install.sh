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
#   --database-url URL    a PostgreSQL that there is; else the distribution's is installed here. With a password in it: -,
#                         and it is asked for, or read from what is piped in
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

here=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=scripts/install/words.sh
. "$here/install/words.sh"
# shellcheck source=scripts/install/machine.sh
. "$here/install/machine.sh"
# shellcheck source=scripts/install/releases.sh
. "$here/install/releases.sh"
# shellcheck source=scripts/install/service.sh
. "$here/install/service.sh"
# shellcheck source=scripts/install/settings.sh
. "$here/install/settings.sh"
# shellcheck source=scripts/install/upgrade.sh
. "$here/install/upgrade.sh"
# shellcheck source=scripts/install/uninstall.sh
. "$here/install/uninstall.sh"
# shellcheck source=scripts/install/move.sh
. "$here/install/move.sh"

usage() { sed -n '2,16s/^# \{0,1\}//p' "$0"; }

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
    if [ "$database_url" = - ]; then
        read -r -s -p "DATABASE_URL: " database_url || true
        [ -n "$database_url" ] || die "No address was given" "type it, or pipe it in"
    elif [[ $database_url =~ ://[^/@]*:[^/]*@|[?\&]password= ]]; then
        die "A password in a command is seen by everybody on this server (ps)" "--database-url - asks for the address"
    fi
}

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

arguments "$@"
check_machine
case $command in
    install) install_it ;;
    upgrade) upgrade_it ;;
    uninstall) uninstall_it ;;
    move) move_it ;;
esac
