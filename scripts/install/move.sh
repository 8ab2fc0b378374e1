# shellcheck shell=bash
# move: from the places of the original design.

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
