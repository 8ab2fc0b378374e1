# shellcheck shell=bash
# upgrade: backup, the new release beside the old one, restart; the old one again if it is not healthy.

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
    trap '' HUP  # a connection to this server that ends does not end the upgrade
    trap '[ "$BASHPID" = "$$" ] || exit 1; go_back "$before" "$was"' ERR INT TERM
    systemctl stop "$service"
    use "$release"
    "$wrapper" migrate
    if [ "$was" = inactive ]; then
        say "The service was stopped, and stays so: systemctl start $service"
    else
        start
        healthy || go_back "$before" "$was"
        say "It runs: $(state_of StatusText)"
    fi
    trap - INT TERM
    trap 'unforeseen "$LINENO" "$BASH_COMMAND"' ERR
    point "$previous" "$before"
    forget_older_releases
    say "Upgraded to ${release##*/}"
}

go_back() {  # go_back RELEASE WAS: the database stays, every migration works with the release before it
    trap - ERR INT TERM
    last_words
    say "It failed: going back to ${1##*/}"
    systemctl stop "$service" || true
    use "$1"
    if [ "$2" = inactive ]; then
        die "The upgrade to ${release##*/} failed; ${1##*/} is there again, and the service stays stopped, as it was" \
            "what stands above says what was wrong; nothing is lost, upgrade again once it is mended"
    fi
    start
    if healthy; then
        die "The upgrade to ${release##*/} failed; ${1##*/} runs again: $(state_of StatusText)" \
            "its last words above say what was wrong; nothing is lost, upgrade again once it is mended"
    fi
    last_words
    die "The upgrade failed, and ${1##*/} is not healthy either" "systemctl status $service; the backup lies in $backups"
}
