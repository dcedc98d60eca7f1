#!/usr/bin/env bash
# Runs the tests that `swift build --build-tests` has built, one target after the other: a target's tests run side by side,
# and all targets' at once would starve the servers and the media that they share the machine with.
#
#   Tests/run.sh              all targets
#   Tests/run.sh RedisTests   these only
#
# Of all targets IntegrationTests run beside the others: as long as all of these, they wait for most of their time. LedgerTests run
# after them, with nothing beside: so many transactions at once leave nothing to anybody.
# Among all of them is a minute of MediaFuzz, always the same: `make fuzz` goes on to what nobody has tried yet.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly tests=.build/debug/ytempirePackageTests.xctest
readonly apart='A race for the last of the money'

targets=("$@") beside=() after=() fuzz=0
if ((${#targets[@]} == 0)); then
    for folder in Tests/*Tests; do
        case ${folder#Tests/} in
            IntegrationTests) beside+=(IntegrationTests) ;;
            LedgerTests) after+=(LedgerTests) ;;
            *) targets+=("${folder#Tests/}") ;;
        esac
    done
    fuzz=1
fi
[[ -t 1 ]] || export NO_COLOR=1

# What went wrong, of both lanes: a file for each target that failed, with what it complained of.
results=$(mktemp -d)
lane=
clean_up() {
    # A job of a script hears no Ctrl-C; its servers end with their suite.
    [[ -z $lane ]] || kill -- "-$lane" 2>/dev/null
    rm -rf -- "$results"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# run TARGET arguments of `swift test`. What that starts is started here: of itself only one may run in a clone.
run() {
    local target=$1 log status
    log=$(mktemp -p "$results" log.XXXXXX)
    shift
    "$tests" --testing-library swift-testing "$@" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    ((status == 0)) && return
    {
        # Told once more at the end: nobody finds them among ten thousand lines. A crash has none of the first.
        grep -E 'recorded an issue|^error: |Fatal error' "$log" | head -n 10 | cut -c -600
        ((status <= 128)) || echo "$target: ended by signal $((status - 128))"
    } >>"$results/$target.failed"
}

run_all() {
    local target
    for target in "$@"; do
        printf '\n=== %s\n' "$target"
        run "$target" --filter "^$target\." --skip "$apart"
        # Its 64 tasks leave nothing to the tests beside it.
        [[ $target != LedgerTests ]] || run "$target" --filter "$apart"
    done
}

if ((${#beside[@]})); then
    echo "Beside the others, and told after them: ${beside[*]}"
    set -m
    run_all "${beside[@]}" >"$results/beside" 2>&1 </dev/null &
    lane=$!
    set +m
fi

run_all "${targets[@]}"
if ((fuzz)); then
    printf '\n=== MediaFuzz\n'
    .build/debug/MediaFuzz --seconds 60 --seed 20261121 --findings .local/fuzz-findings || : >"$results/MediaFuzz.failed"
fi
if [[ -n $lane ]]; then
    tail --lines=+1 --follow --pid="$lane" "$results/beside"
    wait "$lane"
    lane=
fi
run_all "${after[@]}"

all=$((${#targets[@]} + ${#beside[@]} + ${#after[@]} + fuzz)) failed=()
for file in "$results"/*.failed; do
    [[ -e $file ]] || continue
    failed+=("$(basename "$file" .failed)")
    [[ ! -s $file ]] || { echo; cat "$file"; }
done
echo
((${#failed[@]} == 0)) || echo "Failed: ${failed[*]}"
echo "targets: $((all - ${#failed[@]})) passed, ${#failed[@]} failed"
((${#failed[@]} == 0))
