# shellcheck shell=bash disable=SC2154 # demo.sh sets pids, logs and hurry
# Processes that the demo starts, keeps running and stops. Sourced by demo.sh.
#
# $pids holds a file for each of them, "PID START", where START is the kernel's start time of the process: together they
# name one process, so that what a killed demo left behind is recognized and nothing else is ever signalled.

declare -A pid_of=()      # name → process id of each child
declare -A command_of=()  # name → its words, quoted for eval
declare -A born=() falls=() # name → second of its last start; how often it fell soon after a start

# Nothing that waits or looks at processes here starts a process of its own: Ctrl-C at a terminal reaches every process
# of this script, and one that died of it would give a wrong answer.
exec {nothing}<> <(:)

# Waits $1 seconds, or until a signal comes.
pause() { read -r -t "$1" -u "$nothing" _ || true; }

# Sets started to the start time of process $1, in clock ticks since boot. Fails if it is gone, or only a zombie.
look_up_start() {
    local stat=''
    local -a fields
    started=''
    { read -r -d '' stat <"/proc/$1/stat" || true; } 2>/dev/null
    read -ra fields <<<"${stat##*) }" # what follows the command's name, which may itself hold spaces
    [[ ${fields[0]:-Z} != [ZX] ]] || return 1
    started=${fields[19]}
}

# Whether the process recorded under name $1 lives. Sets pid to its process id.
lives() {
    local recorded started
    { read -r pid recorded <"$pids/$1"; } 2>/dev/null || return 1
    look_up_start "$pid" && [[ $started == "$recorded" ]]
}

# A signal that ends this script is held back while a process is started and not yet recorded, or nobody would stop it.
holding=no held_back=0
interrupted() { if [[ $holding == yes ]]; then held_back=$1; else exit "$1"; fi; }
hold_signals() { holding=yes; }
heed_signals() {
    holding=no
    ((held_back == 0)) || exit "$held_back"
}

# launch NAME COMMAND…: starts the command in the background, its output going to $logs/NAME.log. It gets a session of
# its own: Ctrl-C then reaches only this script, which stops everything in the right order.
launch() {
    local name=$1 started
    shift
    command_of[$name]=${*@Q}
    born[$name]=$SECONDS
    hold_signals
    setsid -- "$@" >>"$logs/$name.log" 2>&1 </dev/null 3>&- 9>&- {nothing}>&- &
    pid_of[$name]=$!
    look_up_start $! || true # one that is gone already has no start time, and does not live
    echo "$! $started" >"$pids/$name"
    heed_signals
}

# Starts a child that ended again, as systemd's Restart=always would. Fails if it does so over and over.
restart() {
    local name=$1 status=0
    wait "${pid_of[$name]}" || status=$?
    if ((status == 78)); then
        complain "$name refuses its configuration:" "$(tail -n 20 "$logs/$name.log")"
        return 1
    fi
    if ((SECONDS - born[$name] < 10)); then falls[$name]=$((${falls[$name]:-0} + 1)); else falls[$name]=1; fi
    if ((falls[$name] >= 8)); then
        complain "$name ended ${falls[$name]} times in a row. The end of $logs/$name.log:" \
            "$(tail -n 20 "$logs/$name.log")"
        return 1
    fi
    say "$name ended ($(ending "$status")); starting it again"
    pause 0.5
    eval "launch $name ${command_of[$name]}"
}

# How a process with exit status $1 ended, in words.
ending() {
    if (($1 > 128)); then echo "killed by SIG$(kill -l "$(($1 - 128))" 2>/dev/null || echo "$1")"; else echo "exit status $1"; fi
}

# The signal by which a process of this name ends of its own accord: Postgres closes its connections on SIGINT.
polite_signal() { if [[ $1 == postgres ]]; then echo INT; else echo TERM; fi; }
# The signal that ends it at once.
hard_signal() { if [[ $1 == postgres ]]; then echo QUIT; else echo KILL; fi; }

# signal_to NAME SIGNAL
signal_to() {
    local pid
    if lives "$1"; then
        kill -s "$2" "$pid" 2>/dev/null || true
    fi
}

# halt SECONDS NAME…: asks the processes to end, waits for them at most so long, then ends them at once. A person's
# second Ctrl-C ($hurry) asks again, and shortens the wait to three seconds. (Bash's own words on killed children go to
# a log.)
halt() {
    local limit=$((SECONDS + $1)) asked_again=no name
    local -a left
    shift
    for name in "$@"; do signal_to "$name" "$(polite_signal "$name")"; done
    while true; do
        left=()
        for name in "$@"; do if lives "$name"; then left+=("$name"); fi; done
        ((${#left[@]} > 0)) || break
        if [[ $hurry == yes && $asked_again == no ]]; then
            for name in "${left[@]}"; do signal_to "$name" "$(polite_signal "$name")"; done
            asked_again=yes limit=$((SECONDS + 3))
        fi
        if ((SECONDS >= limit)); then
            say "${left[*]} did not end in time; ending at once"
            for name in "${left[@]}"; do signal_to "$name" "$(hard_signal "$name")"; done
            # Nothing survives KILL; a Postgres that does not heed QUIT gets it too.
            pause 1
            for name in "${left[@]}"; do signal_to "$name" KILL; done
            break
        fi
        # Postgres does not hear while it starts, and does not mind hearing it twice.
        for name in "${left[@]}"; do if [[ $name == postgres ]]; then signal_to postgres INT; fi; done
        pause 0.1
    done
    for name in "$@"; do : >"$pids/$name"; done
} 2>>"$logs/demo.log"
