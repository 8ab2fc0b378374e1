# shellcheck shell=bash
# move: from the places of the original design.

readonly kept_units=$code/original-units

move_it() {
    if [ -e "$current" ] && [ "$(state_of WorkingDirectory)" = "$current" ]; then
        say "This installation is in its place already"
        install_it
        return
    fi
    [ -f "$original/.env" ] || die "There is no installation in $original ($original/.env)" "$0 install makes a new one"
    local was
    was=$(state_of ActiveState)
    prepare
    step "Settings and keys from $original"
    carry_over
    choose_database
    packages postgresql-client
    point "$current" "$release"
    put_wrapper
    keep_address
    step "A backup, before anything changes"
    back_up
    goes_on || say "The database becomes one of this release now. The one in $original does not know it: it cannot start again."
    configure
    step "The service"
    keep_units
    systemctl stop "$service" 2>/dev/null || true
    rm -f "$units/$service.d/layout.conf"
    use "$release"
    start
    healthy || stay
    say "It runs: $(state_of StatusText)"
    say "$original is as it was, and not used any more. It holds secrets: delete it (rm -r $original) once all is well."
}

keep_units() {
    [ ! -d "$kept_units" ] || return 0
    mkdir "$kept_units"
    find "$units" -maxdepth 1 \( -name "$service*" -o -name 'salesbot-*' \) -exec cp --archive --target-directory="$kept_units" {} +
}

stay() {
    last_words
    systemctl stop "$service" salesbot-backup.timer || true
    take_units_away "$release"
    cp --archive "$kept_units/." "$units"
    rm -f "$current"
    systemctl daemon-reload
    local mend="what its last words above name; then run this again"
    [ "$was" != inactive ] || die "It does not run in its new place, and stays stopped where it was" "$mend"
    goes_on || die "It does not run in its new place, nor in $original, whose release does not know this database" \
        "$mend. The backup of before lies in $backups"
    [ ! -e "$units/$service" ] || systemctl start --no-block "$service"
    die "It does not run in its new place, and was started again where it was" "$mend"
}

goes_on() {  # whether the release in the old place starts on the database as this release's migrations leave it
    local had file oldest
    had=$(find "$original/sql" -name '[0-9]*.sql' | wc -l)
    for file in "$release"/sql/[0-9]*.sql; do
        [ "$(basename "$file" | cut -c1-4)" -gt "$had" ] || continue
        oldest=$(sed -nE 's/.*[Oo]ldest release tolerated while this runs: ([0-9]{4}).*/\1/p' "$file")
        # the first releases tolerate nothing
        grep -q tolerates "$original/salesbot/store/migrate.py" && [ "${oldest:-9999}" -le "$had" ] || return 1
    done
}

bring() {  # bring FROM TO: with the user's rights. Whatever its settings name, or a link leads to, root would copy
    as_user sh -c 'umask 077 && cp -RT "$1" "$2.new" && mv -T "$2.new" "$2"' bring "$1" "$2" \
        || die "$user may not copy $1 to $2" "what stands above; what is $user's own it may read (chown), then run this again"
    say "$1 was copied to $2"
}

carry_over() {  # sets $answers to the old settings, with the paths of the new places
    local carried known name path place
    carried=$(mktemp)
    # shellcheck disable=SC2064 # the file of now
    trap "rm -f '$carried'" EXIT
    known=$(sed -nE '/^#? ?LOG_FILE=/d; s/^#? ?([A-Z][A-Z0-9_]+)=.*/\1/p' "$release/.env.example" | paste -sd '|')
    as_user grep -E "^($known)=" "$original/.env" >"$carried" \
        || die "$user may not read $original/.env, or there is no setting in it" "chown $user $original/.env"
    for name in SECRET_KEY_FILE SCENARIOS_DIR TELEGRAM_SERVER_KEY; do
        path=$(setting "$name" "$carried")
        [ -n "$path" ] || [ "$name" != SECRET_KEY_FILE ] || path=secret.key
        [ -n "$path" ] || continue
        path=$(cd "$original" && realpath -m "$path")
        case $path in /home/*) ;; *) continue ;; esac  # where the service sees nothing
        [ -e "$path" ] || [ "$name" = SECRET_KEY_FILE ] || continue  # a key that was never made is made in the new place
        place=$data/$(basename "$path")
        [ ! -e "$path" ] || [ -e "$place" ] || bring "$path" "$place"
        printf '\n%s=%s\n' "$name" "$place" >>"$carried"
    done
    [ -n "$(setting DATABASE_URL "$carried")" ] || echo "DATABASE_URL=postgresql://localhost:5432/sales_bot" >>"$carried"
    [ -e "$settings" ] || put_settings <"$carried"
    [ -z "$answers" ] || cat "$answers" >>"$carried"
    answers=$carried
}
