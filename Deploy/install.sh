#!/usr/bin/env bash
# Installs what `make build` has built, or removes what was installed. The Makefile hands over, in the environment, DESTDIR,
# PREFIX and SYSCONFDIR.
#
#   bash Deploy/install.sh install      programs, units, account, folders, manual, completions; a configuration, if there is none
#   bash Deploy/install.sh uninstall    exactly what install wrote; configuration and data stay
#
# Nothing is started, enabled, created or reloaded: packaging does that, or a person; `install` says how.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

prefix=${PREFIX:-/usr/local} sysconf=${SYSCONFDIR:-/etc} root=${DESTDIR:-}
prefix=${prefix%/} root=${root%/}
built=${BUILT:-.build/release}
programs=(ytempire ytempire-coordinator ytempire-script ytempire-voice ytempire-render ytempire-upload)

# What install has written, one path a line, without DESTDIR: what uninstall removes, and nothing else.
list=$prefix/share/ytempire/installed
written=()

say() { printf '%s: %s\n' "${action:-install}" "$*"; }
fail() {
    printf 'install: %s\n' "$@" >&2
    exit 1
}

# put MODE SOURCE TARGET: one file, with the paths of this installation filled in if it is a text of ours.
put() {
    local target=$root$3
    install -d "$(dirname "$target")"
    install -m "$1" "$2" "$target"
    written+=("$3")
}

put_filled() {
    local filled
    filled=$(mktemp)
    sed "s|@BINDIR@|$prefix/bin|g" "$2" >"$filled"
    put "$1" "$filled" "$3"
    rm -f "$filled"
}

install_all() {
    local program generate page shell file
    for program in "${programs[@]}"; do
        [[ -x $built/$program ]] || fail "$built/$program is missing. Run \`make build\` first, as yourself."
        # Tests install what they were built with, which is never moved to another machine.
        if [[ $built == .build/release ]] && ldd "$built/$program" | grep -q libswift; then
            fail "$built/$program needs Swift's own libraries, which other machines lack. Run \`make build\` first."
        fi
    done
    scratch=$(mktemp -d)
    trap 'rm -rf -- "$scratch"' EXIT

    for program in "${programs[@]}"; do
        install -s -m 755 "$built/$program" "$scratch/$program"
        put 755 "$scratch/$program" "$prefix/bin/$program"
    done

    # Manual pages: one a program, and one a command of ytempire.
    generate=$built/generate-manual
    [[ -x $generate ]] || fail "$generate is missing. Run \`make build\` first, as yourself (before tests: swift build --product generate-manual)."
    mkdir "$scratch/man"
    for program in "${programs[@]}"; do
        "$generate" --multi-page --section 1 --date "$(released)" --output-directory "$scratch/man" \
            "$scratch/$program" >/dev/null
    done
    # The pages of `help` say nothing.
    rm -f "$scratch"/man/*.help.1
    for page in "$scratch"/man/*.1; do
        gzip -9 --no-name "$page"
        put 644 "$page.gz" "$prefix/share/man/man1/${page##*/}.gz"
    done

    for program in "${programs[@]}"; do
        for shell in bash zsh fish; do
            "$scratch/$program" --generate-completion-script "$shell" >"$scratch/$shell"
        done
        put 644 "$scratch/bash" "$prefix/share/bash-completion/completions/$program"
        put 644 "$scratch/zsh" "$prefix/share/zsh/site-functions/_$program"
        put 644 "$scratch/fish" "$prefix/share/fish/vendor_completions.d/$program.fish"
    done

    for file in Deploy/systemd/*; do put_filled 644 "$file" "$prefix/lib/systemd/system/${file##*/}"; done
    put 644 Deploy/sysusers/ytempire.conf "$prefix/lib/sysusers.d/ytempire.conf"
    put 644 Deploy/tmpfiles/ytempire.conf "$prefix/lib/tmpfiles.d/ytempire.conf"
    put_filled 644 Deploy/cron/ytempire "$prefix/share/doc/ytempire/cron"
    for file in LICENSE CHANGELOG.md README.md Deploy/README.md Deploy/config/ytempire.yaml; do
        case $file in
            Deploy/README.md) put 644 "$file" "$prefix/share/doc/ytempire/DEPLOY.md" ;;
            *) put 644 "$file" "$prefix/share/doc/ytempire/${file##*/}" ;;
        esac
    done

    # A person's from the first day: never replaced, never removed.
    if [[ ! -e $root$sysconf/ytempire/ytempire.yaml ]]; then
        install -d "$root$sysconf/ytempire"
        install -m 644 Deploy/config/ytempire.yaml "$root$sysconf/ytempire/ytempire.yaml"
    fi

    remove_leftovers
    install -d "$root${list%/*}"
    printf '%s\n' "${written[@]}" "$list" >"$root$list"
    say "${#written[@]} files below $root$prefix, and $root$sysconf/ytempire/ytempire.yaml"
    [[ -n $root ]] || cat <<-END
		next:
		  systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload
		  $prefix/share/doc/ytempire/DEPLOY.md goes on from there
	END
}

# The day of the newest change, so that the same source makes the same pages.
released() { git log -1 --format=%cs 2>/dev/null || date +%F; }

# What an older version had and this one has not any more.
remove_leftovers() {
    [[ -e $root$list ]] || return 0
    local path
    local -A stays=(["$list"]=1)
    for path in "${written[@]}"; do stays[$path]=1; done
    while read -r path; do
        [[ $path == "$prefix"/* && $path != *..* ]] || continue
        [[ -n ${stays[$path]:-} ]] || rm -f -- "$root$path"
    done <"$root$list"
}

uninstall_all() {
    if [[ ! -e $root$list ]]; then
        say "nothing is installed below $root$prefix"
        return
    fi
    local path folder count=0
    local -A folders=()
    while read -r path; do
        # The list is ours, but this runs as root: nothing outside the prefix, and nothing that climbs out of it.
        [[ $path == "$prefix"/* && $path != *..* ]] || continue
        rm -f -- "$root$path"
        folders[$(dirname "$path")]=1
        count=$((count + 1))
    done <"$root$list"
    # Folders that carry our name and are empty now; shared ones stay, even empty.
    for folder in "${!folders[@]}"; do
        case $folder in */ytempire) rmdir --ignore-fail-on-non-empty -- "$root$folder" ;; esac
    done
    say "$count files removed; configuration ($sysconf/ytempire), secrets, data and the account ytempire stay"
}

action=${1:-}
case $action in
    install) install_all ;;
    uninstall) uninstall_all ;;
    *) fail "what to do? install or uninstall" ;;
esac
