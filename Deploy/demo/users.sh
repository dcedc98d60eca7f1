# shellcheck shell=bash disable=SC2153,SC2154 # demo.sh sets here, state, programs and config; a person SOURCE
# The demo's users and their channels. Sourced by demo.sh.
#
# The first channel of each user is the one a first day's video is made for.

# user | time zone | channel | source | language | orientation | palette | captions
readonly demo_channels="
    lena  | Europe/Berlin  | Light and Water | light-and-water.xml | en | landscape | ocean    | quiet
    lena  | Europe/Berlin  | Alltag erklärt  | alltag.md           | de | landscape | sand     | quiet
    mateo | America/Bogota | Small Wonders   | small-wonders.xml   | en | portrait  | forest   | punch
    mateo | America/Bogota | Kitchen Science | kitchen-science.md  | en | landscape | ember    | pill
    yuki  | Asia/Tokyo     | How We Measure  | how-we-measure.xml  | en | landscape | midnight | pill
    yuki  | Asia/Tokyo     | The Deep        | the-deep.md         | en | landscape | slate    | quiet
"
readonly length=90

# A time of day that has come in every zone.
readonly daily_at=00:00

add_users() {
    local user zone channel source language orientation palette captions
    while IFS='|' read -r user zone channel source language orientation palette captions; do
        [[ -n ${user// /} ]] || continue
        trim user zone channel source language orientation palette captions
        add_channel "$user" "$zone" "$channel" "$here/sources/$source" "$language" "$orientation" "$palette" "$captions"
    done <<<"$demo_channels"
}

# Sets own_source to what SOURCE names: a URL, or the whole path of a file or folder that can be read.
check_source() {
    own_source=$SOURCE
    if [[ $SOURCE != *://* ]]; then
        [[ -r $SOURCE ]] || give_up "SOURCE is neither a URL nor a file or folder that can be read: $SOURCE"
        own_source=$(realpath -- "$SOURCE")
    fi
}

# The user "you", whose only channel tells what the own source says. Each further source gets a user of its own
# ("you-2"), so that it gets a video on the same day too.
add_own_source() {
    local known=$state/own-sources number user=you channel='Your Feed' language=${SOURCE_LANGUAGE:-en}
    touch "$known"
    grep -qxF -- "$own_source" "$known" || printf '%s\n' "$own_source" >>"$known"
    number=$(grep -nxF -- "$own_source" "$known" | head -n 1 | cut -d : -f 1)
    if ((number > 1)); then
        user+=-$number
        channel+=" $number"
    fi
    add_channel "$user" "$(own_zone)" "$channel" "$own_source" "$language" landscape sunrise quiet
    say "the user \"$user\" has a channel made from $own_source"
}

# This machine's time zone by its IANA name.
own_zone() {
    local zone
    zone=$(realpath /etc/localtime 2>/dev/null) || true
    zone=${zone#*/zoneinfo/}
    if [[ -f /usr/share/zoneinfo/$zone ]]; then echo "$zone"; else echo UTC; fi
}

# add_channel USER ZONE CHANNEL SOURCE LANGUAGE ORIENTATION PALETTE CAPTIONS: adds what is not there yet. The voice is left to the
# provider, which knows one for each language.
add_channel() {
    "$programs/ytempire" user add "$1" --time-zone "$2" --if-missing --config "$config"
    "$programs/ytempire" channel add "$1" "$3" --source "$4" --language "$5" --orientation "$6" --palette "$7" \
        --captions "$8" --length "$length" --daily-at "$daily_at" --if-missing --config "$config"
}

# trim NAME…: takes the spaces around these variables' values away.
trim() {
    local name
    for name in "$@"; do
        local -n value=$name
        read -r value <<<"$value"
    done
}
