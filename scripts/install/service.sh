# shellcheck shell=bash
# The units of systemd, and whether the service is well.

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
