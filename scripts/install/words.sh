# shellcheck shell=bash
# What scripts/install.sh says, and how it ends when something fails.

say() { printf '%s\n' "$*" || true; }  # whoever listened may be gone; the work goes on

step() { say "" && say "== $*"; }

die() {  # die WHAT MEND
    printf '\nFailed: %s\nMend:   %s\n' "$1" "$2" >&2 || true
    exit 1
}

unforeseen() {
    local status=$?
    [ "$BASHPID" = "$$" ] || exit "$status"  # the script itself says it, not its parts as well
    printf '\nFailed: line %s of scripts/install.sh: %s (%s)\n' "$1" "$2" "$status" >&2
    printf 'Mend:   see above what it said, mend that, and run the same command again: it goes on where it stopped\n' >&2
    exit 1
}
trap 'unforeseen "$LINENO" "$BASH_COMMAND"' ERR
