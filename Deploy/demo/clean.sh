#!/usr/bin/env bash
# Removes all that the demo made: .local/ with its videos, and the servers' files if they lie outside the clone.
set -euo pipefail

clone=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
state=$clone/.local/demo

if [[ -d $state ]]; then
    exec 9>>"$state/lock"
    if ! flock --nonblock 9; then
        echo "clean: the demo is running; stop it first" >&2
        exit 1
    fi
    for remembered in outside sockets; do
        path=$(cat "$state/$remembered" 2>/dev/null) || continue
        case $path in
            /var/tmp/ytempire-demo-* | /tmp/ytempire-demo-*) rm -rf -- "$path" ;;
        esac
    done
fi
rm -rf -- "$clone/.local"
