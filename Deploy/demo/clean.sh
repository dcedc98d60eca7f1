#!/usr/bin/env bash
# Removes all that the demos made: .local/ with its videos, and the servers' files if they lie outside the clone.
set -euo pipefail

clone=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

for state in "$clone/.local/demo" "$clone/.local/demo-providers"; do
    [[ -d $state ]] || continue
    exec {lock}>>"$state/lock"
    if ! flock --nonblock "$lock"; then
        echo "clean: the demo is running; stop it first" >&2
        exit 1
    fi
    for remembered in outside sockets; do
        path=$(cat "$state/$remembered" 2>/dev/null) || continue
        case $path in
            /var/tmp/ytempire-demo-* | /tmp/ytempire-demo-*) rm -rf -- "$path" ;;
        esac
    done
done
rm -rf -- "$clone/.local"
