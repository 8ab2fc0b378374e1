# shellcheck shell=bash
# uninstall, and what --purge deletes besides.

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
    if is_own "$url" && systemctl -q is-active postgresql; then
        as_postgres dropdb --if-exists --force "$user"
        as_postgres dropuser --if-exists "$user"
        say "The database $user and its role are gone"
    elif [ -n "$url" ]; then
        say "The database that DATABASE_URL names was not made here: drop it yourself"
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
