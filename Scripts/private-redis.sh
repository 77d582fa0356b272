# Sourced by the scripts beside it: a redis-server of their own, on a unix socket in a fresh directory, gone with the script.
#
#   start_redis [ARGUMENT…]   sets $work (the directory), $socket and $store (its URL), and $redis_pid
#   redis COMMAND…            redis-cli on it
#   stop_child PID            TERM, and waits
# shellcheck shell=bash

children=()

start_redis() {
    work=$(mktemp -d "${TMPDIR:-/tmp}/wingman.XXXXXX")
    socket=$work/redis.sock
    store=redis+unix://$socket
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    redis-server --port 0 --unixsocket "$socket" --dir "$work" --save "" --appendonly no --daemonize no "$@" \
        >"$work/redis.log" 2>&1 &
    redis_pid=$!
    for _ in {1..100}; do
        redis PING >/dev/null 2>&1 && return
        sleep 0.05
    done
    cat "$work/redis.log" >&2
    echo "redis-server did not start" >&2
    exit 1
}

redis() {
    redis-cli -s "$socket" "$@"
}

# Only what this script started, by its pid.
stop_child() {
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

clean_up() {
    local child
    for child in "${children[@]}" "${redis_pid:-}"; do
        [[ -z $child ]] || stop_child "$child"
    done
    rm -rf "$work"
}
