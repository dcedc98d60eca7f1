# shellcheck shell=bash disable=SC2154 # demo.sh sets state, programs, config and logs
# Loopback peers of all providers, for `make demo-providers`: OpenAI, ElevenLabs, Pexels and YouTube (our own, strict about the
# real protocols), and a real S3 server from PyPI (moto). Sourced by demo.sh, after processes.sh.

readonly environment=$state/venv peers=$state/peers.yaml counts=$state/provider-counts.txt keys=$state/secret-keys
readonly bucket=ytempire-demo
s3_port=''

# Starts the peers and the S3 server, and waits until they listen. They forget everything when they are stopped; of S3's
# objects every host keeps copies, but the demo is one day.
start_providers() {
    provide_s3
    s3_port=$("$environment/bin/python" -c \
        'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    launch s3 "$environment/bin/moto_server" --host 127.0.0.1 --port "$s3_port"
    rm -f "$peers"
    launch providers "$programs/ProviderHost" --settings "$peers" --counts "$counts"
    local waited=0
    until [[ -s $peers ]] && curl --silent --fail --output /dev/null "http://127.0.0.1:$s3_port/moto-api/"; do
        lives providers && lives s3 || give_up "a peer did not start:" "$(tail -n 20 "$logs/providers.log" "$logs/s3.log")"
        ((++waited <= 600)) || give_up "the peers did not start within a minute; see $logs/providers.log and s3.log"
        pause 0.1
    done
    curl --silent --fail --output /dev/null --request PUT "http://127.0.0.1:$s3_port/$bucket" ||
        give_up "the S3 server made no bucket"
}

provide_s3() {
    [[ -x $environment/bin/moto_server ]] && return
    say "installing an S3 server (moto) from PyPI, into .local"
    python3 -m venv "$environment" || give_up "Python can make no environment: apt-get install python3-venv"
    "$environment/bin/pip" install --quiet --disable-pip-version-check 'moto[server]==5.*' ||
        give_up "PyPI could not be reached; make demo needs no PyPI."
}

# The part of the configuration that connects the fleet to them.
write_providers() {
    cat "$peers"
    cat <<YAML
secrets:
  key-file: $(quoted "$keys")
YAML
}

s3_settings() {
    cat <<YAML
  s3:
    bucket: $bucket
    endpoint: http://127.0.0.1:$s3_port
    access-key: demo-access-key
    secret-key: demo-secret-key-0123456789
    cache-path: $(quoted "$state/cache")
YAML
}

# Connects the one account, or connects it again, as a person would by clicking in a browser, and lets it publish for every
# channel.
connect_account() {
    [[ -s $keys ]] || "$programs/ytempire" secret key --config "$config"
    # At each start: the peer forgets what it has granted when it is stopped.
    local page=$state/consent.txt waited=0
    : >"$page"
    "$programs/ytempire" account connect demo --config "$config" >"$page" 2>&1 9>&- &
    local connecting=$! url=''
    until [[ -n $url ]]; do
        url=$(grep --only-matching --max-count 1 'http://127.0.0.1[^ ]*' "$page") || true
        ((++waited <= 100)) || give_up "the account's consent page did not come up:" "$(cat "$page")"
        pause 0.1
    done
    curl --silent --location --fail --output /dev/null "$url" || give_up "nobody said yes on the consent page"
    wait "$connecting" || give_up "the account could not be connected:" "$(cat "$page")"
    local user zone channel rest
    while IFS='|' read -r user zone channel rest; do
        [[ -n ${user// /} ]] || continue
        trim user channel
        "$programs/ytempire" account assign demo "$user" "$channel" --config "$config" >/dev/null
    done <<<"$demo_channels"
    : "$zone" "$rest"
}

# What it cost, by the ledger and by the providers themselves.
show_costs() {
    "$programs/ytempire" cost day "$day" --config "$config" || true
    "$programs/ytempire" quota --config "$config" || true
    pause 1.2
    printf '\nWhat the providers counted:\n'
    cat "$counts"
}
