#!/bin/bash
# Three nodes swap from a snapshot to another one while users are asked through one Engine.Client: does a call fail, and
# does a user get an older snapshot after a newer one? Then the same back, with a client of its own. The nodes share the
# cores of this machine, so no latency here is a fleet's. Every user of SNAPSHOT must be in NEXT, too.
# It needs what engine/Packaging/fleet.sh needs, and a built `bench`. Files are named ID.snapshot, as published.
#   SNAPSHOT=FILE NEXT=FILE [RATE=200] [LOAD_SECONDS=180] bench/fleet_swap.sh [FOLDER]
. "$(dirname "$0")/../engine/Packaging/fleet-nodes.sh"
bench=${BENCH:-dotnet $here/artifacts/bin/Bench/release/Bench.dll}
first=$(basename "$SNAPSHOT" .snapshot)
next=$(basename "$NEXT" .snapshot)
failed=0

serves() { ready "$1" && ask "$1" /health | grep -q "\"$2\""; }
point() { echo "$1" >"$shared/default/CURRENT.new"; mv "$shared/default/CURRENT.new" "$shared/default/CURRENT"; }

# swap FROM TO: the load runs before, during and after it.
swap() {
    say "--- from $1 to $2, asked ${RATE:-200} times a second"
    $bench load --client "http://$(address 1):50051" "http://$(address 2):50051" "http://$(address 3):50051" \
        --users "$work/users" --rate "${RATE:-200}" --warm-up 4 --duration "${LOAD_SECONDS:-180}" --rounds 1 \
        --out "$work/load-$2.json" >"$work/load-$2.txt" 2>&1 &
    local load=$!
    sleep 15
    point "$2"
    for i in 1 2 3; do wait_for 300 "node $i serves $2" serves $i "$2"; done
    expect "the load goes on after the swap" kill -0 $load
    wait $load || failed=1
    grep -v '^{' "$work/load-$2.txt"
}

mkdir -p "$shared/default"
cp "$SNAPSHOT" "$NEXT" "$shared/default/"
point "$first"
for i in 1 2 3; do start_node $i; done
for i in 1 2 3; do wait_for 300 "node $i serves $first" serves $i "$first"; wait_for 60 "node $i has joined" is $i active; done
product=$(ask 1 /v1/recommend -H 'Content-Type: application/json' \
    -d '{"user_id": "?", "on_unknown": "ON_UNKNOWN_USER_POPULAR_IN_POOL", "top_k": 1}' |
    grep -o '"productId": *"[^"]*"' | head -1 | cut -d'"' -f4)
ask 1 /v1/rank-users -H 'Content-Type: application/json' -d "{\"product_id\": \"$product\", \"top_k\": 10000}" |
    grep -o '"userId": *"[^"]*"' | cut -d'"' -f4 >"$work/users"
expect "$(wc -l <"$work/users") users to ask about" test -s "$work/users"
swap "$first" "$next"
swap "$next" "$first"
kill -TERM "${pids[@]}"
wait "${pids[@]}" || true
expect "no call failed, and no user got an older snapshot" [ $failed = 0 ]
