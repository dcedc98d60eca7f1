#!/usr/bin/env bash
# Installs the Debian packages that ytempire is built, tested and shown with. Run it again at any time: when nothing is
# missing, it says so and touches nothing. It never starts a service of the system: the tests and the demo start private
# servers of their own.
#
#   bash Deploy/deps.sh             install what is missing (through sudo, if you are not root)
#   bash Deploy/deps.sh --with-tests  also what only tests need: Python, and promtool, for this clone alone
#   bash Deploy/deps.sh --check     only say what is missing; exit status 1 if something is
set -euo pipefail
readonly self=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/deps.sh
cd "${self%/*}/.."

# Each line: a Debian package, then what shows that it is here even if dpkg does not know of it (built from source,
# another distribution's name): a command, a header, a pkg-config module or a shared library.
packages='
    redis-server            command:redis-server
    postgresql              server:postgres
    libhiredis-dev          header:hiredis/hiredis.h
    libpq-dev               module:libpq
    libavformat-dev         module:libavformat
    libavcodec-dev          module:libavcodec
    libavfilter-dev         module:libavfilter
    libavutil-dev           module:libavutil
    libswresample-dev       module:libswresample
    libswscale-dev          module:libswscale
    libass-dev              module:libass
    flite1-dev              header:flite/flite.h
    libespeak-ng-dev        header:espeak-ng/speak_lib.h
    libxml2-dev             module:libxml-2.0
    ffmpeg                  command:ffprobe
    systemd                 command:systemd-analyze
    fontconfig              command:fc-match
    fonts-dejavu-core
    fonts-inter
    fonts-noto-core
    fonts-noto-cjk
    fonts-symbola
    pkg-config              command:pkg-config
    g++                     command:g++
    make                    command:make
    git                     command:git
    openssl                 command:openssl
    ca-certificates
    tzdata
    libcurl4-openssl-dev    library:libcurl.so.4
    libncurses6             library:libncurses.so.6
    libsqlite3-0            library:libsqlite3.so.0
    libuuid1                library:libuuid.so.1
    zlib1g-dev              header:zlib.h
'
# What tests need besides: Python, for the providers' official packages, which judge what we send.
case ${1:-} in --with-tests | --check) packages+='
    python3                 command:python3
    python3-venv            python:ensurepip
' ;; esac
readonly packages

# promtool judges our metrics. It comes with Debian's `prometheus`, which would also install a service that starts at boot: so
# only the program is taken out of the package, for this clone alone.
readonly tools=.local/tools
has_promtool() { [[ -x $tools/promtool ]] || command -v promtool >/dev/null; }
provide_promtool() {
    local folder
    has_promtool && return
    say "taking promtool out of Debian's package prometheus, into $tools"
    folder=$(mktemp -d)
    (
        cd "$folder"
        # The sandbox of apt's downloads can't write here; the packages are signed all the same.
        download=(apt-get download --quiet -o APT::Sandbox::User=root prometheus)
        "${download[@]}" >/dev/null 2>&1 || {
            if ((EUID == 0)); then apt-get update --quiet; elif command -v sudo >/dev/null; then sudo apt-get update --quiet; fi
            "${download[@]}"
        }
        dpkg-deb --extract prometheus_*.deb .
    )
    mkdir -p "$tools"
    install -m 755 "$folder/usr/bin/promtool" "$tools/promtool"
    rm -rf -- "$folder"
}

# The oldest versions that have what we call.
readonly oldest_swift=6.2 oldest_libavformat=59 oldest_redis=7

say() { printf 'deps: %s\n' "$*"; }
fail() {
    printf 'deps: %s\n' "$@" >&2
    exit 1
}

# Whether what $1 describes (`kind:name`) is on this machine.
is_here() {
    local kind=${1%%:*} name=${1#*:}
    case $kind in
        command) command -v "$name" >/dev/null ;;
        server) compgen -G "/usr/lib/postgresql/*/bin/$name" >/dev/null ;;
        module) command -v pkg-config >/dev/null && pkg-config --exists "$name" ;;
        header) compgen -G "/usr/include/$name" >/dev/null || compgen -G "/usr/include/*-linux-gnu/$name" >/dev/null \
            || compgen -G "/usr/local/include/$name" >/dev/null ;;
        library) compgen -G "/usr/lib/*-linux-gnu/$name" >/dev/null || compgen -G "/usr/local/lib/$name" >/dev/null ;;
        python) command -v python3 >/dev/null && python3 -c "import $name" 2>/dev/null ;;
        *) return 1 ;;
    esac
}

# Prints the names of the missing packages, one a line.
missing_packages() {
    local installed package evidence
    installed=$(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}\n' 2>/dev/null | sed -n 's/^ii  *//p')
    while read -r package evidence; do
        [[ -n $package ]] || continue
        grep -qxF -- "$package" <<<"$installed" || is_here "$evidence" || echo "$package"
    done <<<"$packages"
}

# Ends the script, politely, where the distribution's FFmpeg is older than what we are written for (Ubuntu 22.04: 4.4).
refuse_old_ffmpeg() {
    local candidate
    candidate=$(LC_ALL=C apt-cache policy libavformat-dev | sed -n 's/^ *Candidate: *//p')
    candidate=${candidate#*:}
    case $candidate in
        [0-4].*) fail \
            "this system's FFmpeg is $candidate; ytempire needs FFmpeg 5.1 or newer." \
            "Debian 12 and 13 and Ubuntu 24.04 have it. Nothing was installed." ;;
    esac
}

# What keeps packages from starting services while they are installed, and what takes that away again, whether the
# installation ended well, badly, or was killed by the last run.
readonly policy=/usr/sbin/policy-rc.d
readonly no_cluster=/etc/postgresql-common/createcluster.d/ytempire.conf
readonly mark='# written by ytempire, Deploy/deps.sh, while it installs packages'
allow_services() {
    if grep -qsF "$mark" "$policy"; then rm -f "$policy"; fi
    if [[ -e $policy.before-ytempire ]]; then mv "$policy.before-ytempire" "$policy"; fi
    rm -f "$no_cluster"
}

# Runs as root. Installs the packages named, and sees to it that none of them starts a service while doing so.
install_packages() {
    allow_services
    trap allow_services EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM

    # 101 is policy-rc.d's "forbidden": packages then leave their services alone (Debian Policy, 9.3.3). PostgreSQL's
    # package would also create a cluster.
    if [[ -e $policy ]]; then mv "$policy" "$policy.before-ytempire"; fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
    chmod 755 "$policy"
    mkdir -p "${no_cluster%/*}"
    printf '%s\ncreate_main_cluster = false\n' "$mark" >"$no_cluster"

    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
    local install=(apt-get install --quiet --yes --no-install-recommends -o Dpkg::Use-Pty=0)
    if ! "${install[@]}" "$@"; then
        say "that failed; trying again with fresh lists of packages"
        apt-get update --quiet
        "${install[@]}" "$@"
    fi
}

# Runs as root. The lists of packages are fetched when there are none, or when they do not know what we look for.
refresh_lists() {
    local package
    for package in "$@"; do
        if ! apt-cache show --no-all-versions -- "$package" >/dev/null 2>&1; then
            say "fetching the lists of packages"
            apt-get update --quiet
            return
        fi
    done
}

# Ends the script unless a new enough Swift answers.
check_swift() {
    local answer version
    answer=$(swift --version 2>&1) || fail "swift does not start. It says:" "$answer"
    version=$(sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' <<<"$answer" | head -n 1)
    [[ -n $version ]] || fail "swift --version does not tell a version. It says:" "$answer"
    if [[ $(printf '%s\n' "$oldest_swift" "$version" | sort -V | head -n 1) != "$oldest_swift" ]]; then
        fail "Swift $version is too old; ytempire needs $oldest_swift or newer: https://www.swift.org/install/linux/"
    fi
}

check_versions() {
    local version
    version=$(pkg-config --modversion libavformat)
    if ((${version%%.*} < oldest_libavformat)); then
        fail "libavformat is $version (FFmpeg 4 or older); ytempire needs FFmpeg 5.1 or newer."
    fi
    version=$(redis-server --version | sed -n 's/.* v=\([0-9]*\).*/\1/p')
    if ((${version:-0} < oldest_redis)); then
        fail "redis-server is version ${version:-unknown}; ytempire needs Redis $oldest_redis or newer."
    fi
}

if [[ ${1:-} == --install ]]; then # as root, from below
    shift
    refresh_lists "$@"
    refuse_old_ffmpeg
    install_packages "$@"
    exit
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "this is neither Debian nor Ubuntu: apt-get is missing. The packages to look for elsewhere are:" \
        "$(awk 'NF { printf "%s ", $1 }' <<<"$packages")"
fi

mapfile -t missing < <(missing_packages)
if [[ ${1:-} == --check ]]; then
    has_promtool || missing+=(promtool)
    ((${#missing[@]} == 0)) || fail "missing: ${missing[*]}"
    say "nothing is missing."
    exit
fi

# Asked first, so that nobody waits for packages only to learn of this.
command -v swift >/dev/null || fail \
    "Swift is missing: get $oldest_swift or newer from https://www.swift.org/install/linux/ and put it on your PATH."

if ((${#missing[@]} > 0)); then
    say "missing: ${missing[*]}"
    if ((EUID == 0)); then
        as_root=()
    elif command -v sudo >/dev/null; then
        as_root=(sudo)
        say "installing them with apt-get, through sudo; no service is started"
    else
        fail "installing them needs root, and there is no sudo here. As root:" \
            "  bash $(printf '%q' "$self")"
    fi
    ((EUID != 0)) || say "installing them with apt-get; no service is started"
    "${as_root[@]}" bash "$self" --install "${missing[@]}"
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]} == 0)) || fail "apt-get did not install: ${missing[*]}"
    say "installed."
fi
check_versions
check_swift
[[ ${1:-} != --with-tests ]] || provide_promtool
say "everything is here."
