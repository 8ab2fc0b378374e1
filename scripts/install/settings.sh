# shellcheck shell=bash
# The database and the settings.

setting() {  # setting NAME FILE: as it stands there, without quotes
    [ ! -r "$2" ] || sed -n "s/^$1=//p" "$2" | tail -n 1 | tr -d "\"'"
}

remember() {  # remember NAME VALUE, in place of what stood there
    local quoted=${2//\\/\\\\}
    quoted=${quoted//\'/\\\'}
    { grep -v "^$1=" "$settings" || true; echo "$1='$quoted'"; } | put_settings
}

put_settings() {  # what it reads, in place of those there are
    install -o "$user" -g "$user" -m 0600 /dev/stdin "$settings.new"
    mv "$settings.new" "$settings"
}

choose_database() {  # sets $database_url
    [ -n "$database_url" ] || [ -z "$answers" ] || database_url=$(setting DATABASE_URL "$answers")
    [ -n "$database_url" ] || database_url=$(setting DATABASE_URL "$settings")
    [ -n "$database_url" ] || database_url=$own_database
}

is_own() { [ "${1%&port=*}" = "$own_database" ]; }

database() {
    choose_database
    if ! is_own "$database_url"; then
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
    local port
    port=$(as_postgres psql -XtAc 'show port')
    [ "$port" = 5432 ] || database_url="$own_database&port=$port"
    if [ -z "$(as_postgres psql -XtAc "select 1 from pg_roles where rolname = '$user'")" ]; then
        as_postgres createuser --createdb "$user"  # a backup is verified in a database of its own
        say "The role $user was made"
    fi
    if [ -z "$(as_postgres psql -XtAc "select 1 from pg_database where datname = '$user'")" ]; then
        as_postgres createdb --owner="$user" --encoding=UTF8 --locale=C.UTF-8 --template=template0 "$user"
        say "The database $user was made"
    fi
    as_user psql -XtAc 'select 1' "$database_url" >/dev/null \
        || die "PostgreSQL does not let the user $user in over its socket" "pg_hba.conf needs the line: local all all peer"
    say "PostgreSQL: this server's own, $(as_postgres psql -XtAc 'show server_version')"
}

keep_address() { [ "$(setting DATABASE_URL "$settings")" = "$database_url" ] || remember DATABASE_URL "$database_url"; }

configure() {
    local before
    before=$(sha256sum "$settings" 2>/dev/null || true)
    if [ ! -e "$settings" ]; then
        echo "# The settings of salesbot; $current/.env.example explains all there are." | put_settings
    fi
    keep_address
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
