# Sourced by the scripts beside it, after private-redis.sh: the worker that they measure.
#
#   build_worker   builds wingman-load for release, unless $PROGRAM names one
#   start_worker   starts it with handlers of every kind, sets $worker (its pid), and waits until it answers
# shellcheck shell=bash

build_worker() {
    Scripts/setup bench
    [[ -z ${PROGRAM:-} ]] || return 0
    echo "bench: building for release"
    swift build -c release --product wingman-load >/dev/null
    PROGRAM=$(swift build -c release --show-bin-path)/wingman-load
}

start_worker() {
    export WINGMAN_LOAD_INBOUND=1
    "$PROGRAM" run --store "$store" -c 2 >"$work/worker.log" 2>&1 &
    worker=$!
    children+=("$worker")
    until "$PROGRAM" orchestrator ping --store "$store" >/dev/null 2>&1; do
        kill -0 "$worker" || { cat "$work/worker.log" >&2; exit 1; }
        sleep 0.2
    done
}
