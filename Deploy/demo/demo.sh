#!/usr/bin/env bash
# Makes one day's videos, end to end: builds ytempire, starts a Redis and a Postgres of its own, adds some users, opens
# their day, and runs the four workers until every video is published. All it makes lies in .local/ of the clone.
#
#   DAY=2026-01-02          the day to make; today if not given
#   SOURCE=<URL or path>    adds a user "you" with one channel made from this feed, Markdown or text
#   SOURCE_LANGUAGE=de      the source's language; English if not given
#   ALLOW_PRIVATE=1         lets sources be fetched from private addresses
#   PROVIDERS=1             with OpenAI, ElevenLabs, Pexels, S3 and YouTube, all of them loopback peers (`make demo-providers`)
#   DRAIN=60                seconds that workers get to finish what they have in hand when the demo is stopped
#
# Ctrl-C lets the workers finish or hand back what they are at, then stops everything; a second one hurries them.
set -euo pipefail

clone=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
readonly providers=${PROVIDERS:-}
readonly clone here=$clone/Deploy/demo state=$clone/.local/demo${providers:+-providers}
readonly published=$clone/.local/published${providers:+-providers}
readonly logs=$state/logs pids=$state/pids config=$state/ytempire.yaml programs=$clone/.build/release
readonly workers=(script voice render upload) servers=(redis postgres ${providers:+s3 providers})
readonly day=${DAY:-$(date +%F)} drain=${DRAIN:-60}

# Filled in by servers.sh.
data='' sockets='' postgres_programs=''
as_server=()

hurry=no # yes once a person has asked twice
watch='' # process id of what shows progress

exec 3>&2 # stderr, also where bash's own words are sent to a log
# Neither may end the script: the terminal may be gone.
say() { printf 'demo: %s\n' "$*" || true; }
complain() { printf 'demo: %s\n' "$@" >&3 || true; }
give_up() {
    complain "$@"
    exit 1
}

# shellcheck source-path=SCRIPTDIR
source "$here/processes.sh"
# shellcheck source-path=SCRIPTDIR
source "$here/servers.sh"
# shellcheck source-path=SCRIPTDIR
source "$here/users.sh"
# shellcheck source-path=SCRIPTDIR
if [[ -n $providers ]]; then source "$here/providers.sh"; fi

main() {
    check_settings
    if [[ -n ${SOURCE:-} ]]; then check_source; fi
    mkdir -p "$logs" "$pids" "$published" "$state/scratch" 2>/dev/null || true
    [[ -w $state && -w $logs && -w $pids && -w $published ]] ||
        give_up "can't write in $clone/.local: does it belong to another user? Run the demo as that user, or remove it."
    exec 9>"$state/lock"
    flock --nonblock 9 || give_up "another demo runs in this clone already."
    forget_environment
    cd "$clone"

    bash Deploy/deps.sh
    build
    trap finish EXIT
    trap 'interrupted 129' HUP
    trap 'interrupted 130' INT
    trap 'interrupted 141' PIPE
    trap 'interrupted 143' TERM
    heal
    rotate_logs
    say "starting a Redis and a Postgres of its own"
    start_servers
    if [[ -n $providers ]]; then start_providers; fi
    write_config
    "$programs/ytempire" migrate --config "$config"
    add_users
    if [[ -n ${SOURCE:-} ]]; then add_own_source; fi
    if [[ -n $providers ]]; then connect_account; fi

    local before
    before=$(videos)
    say "opening $day"
    "$programs/ytempire-coordinator" --day "$day" --config "$config"
    start_workers
    local status=0
    show_progress || status=$?
    [[ $(videos) != "$before" || $status != 0 ]] || say "$day is done: nothing was left to make, nothing was made twice."
    "$programs/ytempire" job report --day "$day" --config "$config"
    if [[ -n $providers ]]; then show_costs; fi
    ((status == 0)) || complain "not every video of $day was published; 'job show' tells why (see below)."
    explain
    return "$status"
}

check_settings() {
    [[ $day =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ && $(TZ=UTC date --date "$day" +%F 2>/dev/null) == "$day" ]] ||
        give_up "DAY is not a date such as 2026-01-02: $day"
    { [[ $drain =~ ^(0|[1-9][0-9]{0,3})$ ]] && ((drain <= 3600)); } || give_up "DRAIN is not a number of seconds up to 3600: $drain"
}

# The demo has nothing to do with another installation that this shell may be set up for.
forget_environment() {
    local name
    for name in "${!YTEMPIRE_@}" "${!PG@}" REDISCLI_AUTH CREDENTIALS_DIRECTORY NOTIFY_SOCKET; do unset "$name"; done
}

build() {
    [[ -d $programs ]] || say "the first build takes some minutes: it compiles the dependencies too"
    swift build -c release --static-swift-stdlib
}

# Stops what a demo that was killed left running.
heal() {
    local name
    local -a left=()
    for name in "${workers[@]}" "${servers[@]}"; do if lives "$name"; then left+=("$name"); fi; done
    if ((${#left[@]} > 0)); then
        say "stopping what an earlier demo left running: ${left[*]}"
        halt 20 "${left[@]}"
    fi
    rm -f "$pids"/*
}

# Starts new logs, and keeps those of the run before.
rotate_logs() {
    local log
    for log in "$logs"/*.log; do
        if [[ -e $log ]]; then mv -- "$log" "$log.1"; fi
    done
}

write_config() {
    local allow=false
    if [[ ${ALLOW_PRIVATE:-} == 1 ]]; then allow=true; fi
    cat >"$config" <<YAML
# Written by the demo at each start.
database:
  url: $(quoted "postgresql:///ytempire?host=$sockets&user=ytempire")
redis:
  url: $(quoted "unix://$sockets/redis.sock")
artifacts:
  path: $(quoted "$state/artifacts")
$([[ -z $providers ]] || s3_settings)
publish:
  path: $(quoted "$published")
  to: $(if [[ -n $providers ]]; then echo youtube; else echo folder; fi)
scratch:
  path: $(quoted "$state/scratch")
sources:
  allow-private: $allow
worker:
  drain: ${drain}s
log:
  level: info
$([[ -z $providers ]] || write_providers)
YAML
}

# A text as YAML quotes it.
quoted() { printf "'%s'" "${1//\'/\'\'}"; }

start_workers() {
    local name
    for name in "${workers[@]}"; do launch "$name" "$programs/ytempire-$name" --config "$config"; done
    say "four workers run; their logs are in .local/demo/logs"
}

# Prints progress until every job of the day has ended, and meanwhile starts again what ends before its time. Fails as
# `job watch` does, if a job is dead.
show_progress() {
    local name status=0
    hold_signals
    "$programs/ytempire" job watch --day "$day" --config "$config" 2>&3 3>&- 9>&- {nothing}>&- &
    watch=$!
    heed_signals
    while kill -0 "$watch" 2>/dev/null; do
        for name in "${servers[@]}" "${workers[@]}"; do
            lives "$name" || restart "$name" || exit 1
        done
        pause 0.3
    done
    wait "$watch" || status=$?
    watch=''
    return "$status"
} 2>>"$logs/demo.log"

# The paths of all videos there are; of those at a provider, how many were begun.
videos() { if [[ -n $providers ]]; then cat "$counts" 2>/dev/null || true; else find "$published" -name '*.mp4' | sort; fi; }

explain() {
    local own
    printf -v own 'YTEMPIRE_CONFIG=%q %q' "${config#"$clone/"}" "${programs#"$clone/"}/ytempire"
    if [[ -n $providers ]]; then
        cat <<TEXT

The videos went to the YouTube peer, which has forgotten them by now.
  their artifacts       .local/demo-providers/cache/, copies of what was in the S3 server
  the workers' logs     .local/demo-providers/logs/
  another day           DAY=$(TZ=UTC date --date "$day + 1 day" +%F) make demo-providers
  all gone again        make clean
With the demo running, from another terminal:
  one job's story       $own job show ID
TEXT
        return
    fi
    cat <<TEXT

To look at it:
  the videos           .local/published/CHANNEL/*.mp4, with .jpg, .srt and .json beside each
  a channel as a feed  .local/published/CHANNEL/feed.xml
  the workers' logs    .local/demo/logs/
  another day          DAY=$(TZ=UTC date --date "$day + 1 day" +%F) make demo
  your own source      make demo SOURCE=<URL or path>
  all gone again       make clean
With the demo running, from another terminal:
  one job's story      $own job show ID
TEXT
}

# At the end, however it came: lets the workers finish, then stops the servers.
finish() {
    local status=$?
    set +e # nothing that fails may keep the rest from being stopped
    trap 'hurry=yes' INT TERM
    trap : HUP PIPE
    if [[ -n $watch ]]; then kill "$watch" 2>/dev/null || true; fi
    local name busy=no
    for name in "${workers[@]}"; do if lives "$name"; then busy=yes; fi; done
    if [[ $busy == yes ]]; then
        ((status < 128)) || say "draining the workers, at most $drain s; Ctrl-C again hurries them"
        halt "$((drain + 10))" "${workers[@]}"
    fi
    halt 20 "${servers[@]}"
    trap - EXIT
    say "everything is stopped, after $((SECONDS / 60)) min $((SECONDS % 60)) s."
    exit "$status"
}

main "$@"
