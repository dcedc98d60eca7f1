# shellcheck shell=bash disable=SC2154 # demo.sh sets clone, state and logs
# A Redis and a Postgres of the demo's own: no service of the system, no TCP port, files only where the demo keeps its
# own. Sourced by demo.sh, after processes.sh.
#
# Sets: data (what the servers keep), sockets (where they listen), as_server (the words before a command of theirs).

# Where the servers' files lie if the user that runs them can't reach the clone; one place for each clone.
outside() { echo "/var/tmp/ytempire-demo-$(printf '%s' "$clone$providers" | sha256sum | cut -c 1-12)"; }

# Chooses who runs the servers and where. Postgres refuses to run as root, so root runs both as the user `postgres`, who
# must be able to reach their files: a clone below /root, say, is out of reach.
choose_places() {
    local user
    user=$(id --user --name)
    data=$state/servers
    as_server=(env --chdir=/ HOME=/)
    if ((EUID == 0)); then
        user=postgres
        # Whoever made the files goes on using them.
        if [[ -d $data/postgres ]]; then user=$(stat --format %U "$data/postgres"); fi
        # Not runuser, which stays between us and the server, and swallows its signals.
        as_server+=(setpriv --reuid "$user" --regid "$(id --group --name "$user")" --init-groups)
        make_folder "$user" "$data"
        if ! "${as_server[@]}" test -w "$data" 2>/dev/null; then
            rmdir "$data" 2>/dev/null || true
            data=$(outside)
            [[ ! -L $data ]] || give_up "$data is a symbolic link; remove it."
            make_folder "$user" "$data"
            echo "$data" >"$state/outside"
            say "the user $user, who runs the servers, can't reach this clone; their files lie in $data"
        fi
    else
        make_folder "$user" "$data"
    fi

    # A socket's path has room for 107 bytes, and stays simple enough to stand in a URL.
    local LC_ALL=C
    sockets=$data/sockets
    if ((${#sockets} + ${#longest_socket} > 107)) || [[ $sockets == *[!A-Za-z0-9/._-]* ]]; then
        sockets=$(cat "$state/sockets" 2>/dev/null) || true
        if [[ ! -d $sockets || -L $sockets || $(stat --format %U "$sockets") != "$user" ]]; then
            sockets=$(mktemp --directory /tmp/ytempire-demo-XXXXXX)
            echo "$sockets" >"$state/sockets"
        fi
    fi
    make_folder "$user" "$sockets"
}
readonly longest_socket=/.s.PGSQL.5432

# make_folder USER PATH: a folder of the user's, closed to others. Refuses one that somebody else made.
make_folder() {
    [[ -d $2 ]] || mkdir -m 700 -- "$2"
    if [[ $(stat --format %U -- "$2") != "$1" ]]; then
        ((EUID == 0)) || give_up "$2 belongs to $(stat --format %U -- "$2"), not to you: run the demo as that user," \
            "or 'make clean' as that user first."
        # Root may hand over what is root's own and new, nothing else.
        [[ $(stat --format %u -- "$2") == 0 ]] || give_up "$2 belongs to another user; remove it."
        chown -- "$1:" "$2"
    fi
}

# Sets postgres_programs: the folder of the version that made the data, or of the newest one.
find_postgres() {
    local version='*'
    if [[ -s $data/postgres/PG_VERSION ]]; then version=$(cat "$data/postgres/PG_VERSION"); fi
    postgres_programs=$(compgen -G "/usr/lib/postgresql/$version/bin" | sort -V | tail -n 1)
    if [[ -z $postgres_programs && $version == '*' ]]; then postgres_programs=$(pg_config --bindir); fi
    [[ -x $postgres_programs/postgres ]] || give_up \
        "PostgreSQL $version is not installed, but the demo's database was made by it: install it, or 'make clean'."
}

start_servers() {
    choose_places
    find_postgres

    make_folder_of_server redis
    launch redis "${as_server[@]}" redis-server --port 0 --unixsocket "$sockets/redis.sock" --unixsocketperm 700 \
        --dir "$data/redis" --appendonly yes --appendfsync everysec --save '' --maxmemory-policy noeviction

    if [[ ! -s $data/postgres/PG_VERSION ]]; then
        # Made under another name first, so that a crash half-way leaves nothing that looks finished.
        "${as_server[@]}" rm -rf "$data/postgres.new" "$data/postgres"
        "${as_server[@]}" "$postgres_programs/initdb" --pgdata "$data/postgres.new" --username ytempire \
            --auth trust --encoding UTF8 --no-locale >>"$logs/postgres.log" 2>&1 ||
            give_up "initdb failed; see $logs/postgres.log"
        "${as_server[@]}" mv "$data/postgres.new" "$data/postgres"
    fi
    launch postgres "${as_server[@]}" "$postgres_programs/postgres" -D "$data/postgres" -c listen_addresses= \
        -c unix_socket_directories="$sockets" -c unix_socket_permissions=0700 -c max_connections=100

    await redis 'redis_answers'
    await postgres 'postgres_answers'
    if [[ -z $(ask_postgres "SELECT 1 FROM pg_database WHERE datname = 'ytempire'") ]]; then
        ask_postgres 'CREATE DATABASE ytempire'
    fi
}

make_folder_of_server() { "${as_server[@]}" mkdir -p "$data/$1"; }

redis_answers() { [[ $(redis-cli -s "$sockets/redis.sock" ping 2>/dev/null) == PONG ]]; }
postgres_answers() { "$postgres_programs/pg_isready" --quiet --host "$sockets" --username ytempire; }
ask_postgres() {
    "$postgres_programs/psql" --no-psqlrc --pset pager=off --quiet --tuples-only --no-align --host "$sockets" \
        --username ytempire --dbname postgres --command "$1"
}

# await NAME COMMAND: until the server answers; gives up when it ends, or after a minute.
await() {
    local limit=$((SECONDS + 60))
    until "$2"; do
        if ! lives "$1" || ((SECONDS >= limit)); then
            give_up "$1 did not start. The end of $logs/$1.log:" "$(tail -n 10 "$logs/$1.log")"
        fi
        pause 0.1
    done
}
