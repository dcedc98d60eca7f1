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

failed=()
for target in "${targets[@]}"; do
    printf '\n=== %s\n' "$target"
    swift test --skip-build --disable-xctest --filter "^$target\." || failed+=("$target")
done

if ((fuzz)); then
    targets+=(MediaFuzz)
    printf '\n=== MediaFuzz\n'
    .build/debug/MediaFuzz --seconds 60 --seed 20261121 --findings .local/fuzz-findings || failed+=(MediaFuzz)
fi

echo
((${#failed[@]} == 0)) || echo "Failed: ${failed[*]}"
echo "targets: $((${#targets[@]} - ${#failed[@]})) passed, ${#failed[@]} failed"
((${#failed[@]} == 0))
