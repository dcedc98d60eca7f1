#!/usr/bin/env bash
# Runs the tests that `swift build --build-tests` has built, one target after the other: a target's tests run side by side,
# and all targets' at once would starve the servers and the media that they share the machine with.
#
#   Tests/run.sh              all targets
#   Tests/run.sh RedisTests   these only
#
# Among all of them is a minute of MediaFuzz, always the same: `make fuzz` goes on to what nobody has tried yet.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

targets=("$@")
fuzz=0
if ((${#targets[@]} == 0)); then
    for folder in Tests/*Tests; do targets+=("${folder#Tests/}"); done
    fuzz=1
fi

readonly apart='A race for the last of the money'
log=$(mktemp)
trap 'rm -f -- "$log"' EXIT
failed=() complaints=()

# run TARGET arguments of `swift test`
run() {
    local target=$1
    shift
    swift test --skip-build --disable-xctest "$@" 2>&1 | tee "$log"
    ((PIPESTATUS[0] == 0)) && return
    [[ " ${failed[*]} " == *" $target "* ]] || failed+=("$target")
    # Told once more at the end: nobody finds them among ten thousand lines. A crash has none of the first.
    complaints+=("$(grep -E 'recorded an issue|^error: |Fatal error' "$log" | head -n 10 | cut -c -600 || true)")
}

for target in "${targets[@]}"; do
    printf '\n=== %s\n' "$target"
    run "$target" --filter "^$target\." --skip "$apart"
    # Its 64 tasks leave nothing to the tests beside it.
    [[ $target != LedgerTests ]] || run "$target" --filter "$apart"
done

if ((fuzz)); then
    targets+=(MediaFuzz)
    printf '\n=== MediaFuzz\n'
    .build/debug/MediaFuzz --seconds 60 --seed 20261121 --findings .local/fuzz-findings || failed+=(MediaFuzz)
fi

echo
((${#complaints[@]} == 0)) || printf '%s\n' "${complaints[@]}"
((${#failed[@]} == 0)) || echo "Failed: ${failed[*]}"
echo "targets: $((${#targets[@]} - ${#failed[@]})) passed, ${#failed[@]} failed"
((${#failed[@]} == 0))
