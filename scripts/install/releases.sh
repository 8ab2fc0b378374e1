# shellcheck shell=bash
# The code: a folder for each release, a link to the one in use, and the command that leads there.

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
    case $release in "$(in_use "$current")" | "$(in_use "$previous")")
        die "The release ${release##*/} is in use, and does not start just now" \
            "see above why; memory, the disk? Then run this again. If it is broken: uninstall, which keeps the data, and install" ;;
    esac
    rm -rf "$release"
    mkdir "$release"
    bundle | tar --extract --directory="$release"
    take_packages_along
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

take_packages_along() {  # the same packages as those in use need not be fetched again
    local installed=$current/.venv/installed-requirements.txt
    if cmp -s "$installed" "$release/requirements.txt"; then
        cp --archive "$current/.venv" "$release/.venv"
        say "The packages are those of $(basename "$(in_use "$current")")"
    fi
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
