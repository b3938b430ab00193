#!/bin/bash
# A large task on three nodes of a fleet, one killed at 40 % and one cut off at 60 %: are its bytes those of one machine?
# Then all nodes swap to another snapshot while each of them is asked: does a call fail? The nodes share the cores of this
# machine, so nothing here says how fast a fleet is; processor time beside one machine's says what it costs.
# It needs what engine/Packaging/fleet.sh needs, and a built `bench`. Files are named ID.snapshot, as published.
#   SNAPSHOT=FILE NEXT=FILE [TOP=100] [RULE=...] bench/fleet_task.sh [FOLDER]     RULE: of the pool; else all products
. "$(dirname "$0")/../engine/Packaging/fleet-nodes.sh"
bench=${BENCH:-dotnet $here/artifacts/bin/Bench/release/Bench.dll}
first=$(basename "$SNAPSHOT" .snapshot)
next=$(basename "$NEXT" .snapshot)

serves() { ready "$1" && ask "$1" /health | grep -q "\"$2\""; }
field() { grep -o "\"$1\": *\"\?[^\",}]*" | head -1 | sed 's/.*: *"\?//'; }
task_of() { ask "$1" "/v1/tasks/$2"; }
is_done() { task_of "$1" "$2" | grep -q SUCCEEDED; }
has_done() { [ "$(task_of "$1" "$2" | field progress | awk -v share="$3" '{ print ($1 >= share) }')" = 1 ]; }
create() { ask "$1" /v1/tasks -H 'Content-Type: application/json' -d "{\"top_k\": ${TOP:-100}, \"pool_rule\": \"${RULE:-}\"}" | field taskId; }
seconds_of() { awk '{ print ($14 + $15) / 100 }' "/proc/$1/stat"; }
sum() { awk "BEGIN { print $* }"; }
publish() { mkdir -p "$1/default"; cp "$2" "$1/default/"; basename "$2" .snapshot >"$1/default/CURRENT"; }

say "--- one machine"
publish "$work/one" "$SNAPSHOT"
ip netns exec node1 $engine serve --snapshots "$work/one" --urls 'http://127.0.0.1:8080' >"$work/one.log" 2>&1 &
one=$!
wait_for 120 "it serves $first" serves 1 "$first"
before=$(seconds_of $one)
task=$(create 1)
wait_for 3600 "its task has succeeded" is_done 1 "$task"
say "processor time $(sum "$(seconds_of $one) - $before") s; $(task_of 1 "$task" | field rowCount) rows"
expected=$(sha256sum <"$work/one/default/tasks/$task/result.parquet")
kill -TERM $one
wait $one || true
rm -rf "$work/one"

say "--- three nodes"
publish "$shared" "$SNAPSHOT"
for i in 1 2 3; do start_node $i; done
for i in 1 2 3; do wait_for 300 "node $i serves $first" serves $i "$first"; wait_for 60 "node $i has joined" is $i active; done
before=()
for i in 1 2 3; do before[i]=$(seconds_of "${pids[$i]}"); done
task=$(create 1)
wait_for 3600 "the task has 40 %" has_done 1 "$task" 0.4
lost=$(seconds_of "${pids[3]}")
kill -9 "${pids[3]}"
say "node 3 is killed"
wait_for 3600 "the task has 60 %" has_done 1 "$task" 0.6
ip -n node2 link set eth0 down
say "node 2 is cut off"
wait_for 3600 "the task has succeeded" is_done 1 "$task"
cost=$(sum "$(seconds_of "${pids[1]}") - ${before[1]} + $(seconds_of "${pids[2]}") - ${before[2]} + $lost - ${before[3]}")
say "processor time of the three $cost s; $(task_of 1 "$task" | field rowCount) rows"
found=$(sha256sum <"$shared/default/tasks/$task/result.parquet")
expect "the bytes are those of one machine: $found" [ "$found" = "$expected" ]
ip -n node2 link set eth0 up
wait_for 120 "healed, node 2 sees the end" is_done 2 "$task"
expect "no part is left" [ ! -e "$shared/default/tasks/$task/result.parquet.parts" ]
start_node 3
wait_for 300 "node 3 is back" ready 3
wait_for 120 "node 3 has joined again" is 3 active

say "--- a swap of all nodes to $next, $(stat -c %s "$NEXT" | awk '{ print int($1 / 1e6) }') MB, while each is asked 200 times a second"
loads=()
for i in 1 2 3; do
    inside $i $bench load --target http://127.0.0.1:50051 --rate 200 --warm-up 2 --duration 60 --rounds 6 \
        --out "$work/load$i.json" >"$work/load$i.txt" 2>&1 &
    loads[i]=$!
done
sleep 10
publish "$shared" "$NEXT"
for i in 1 2 3; do wait_for 120 "node $i serves $next" serves $i "$next"; done
failed=0
for i in 1 2 3; do
    wait "${loads[$i]}" || failed=1
    say "node $i:"
    grep -v '^{' "$work/load$i.txt" | tail -n 12
done
expect "no call failed" [ $failed = 0 ]
kill -TERM "${pids[@]}"
wait "${pids[@]}" || true
say "done"
