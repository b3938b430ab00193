#!/bin/bash
# Three nodes of a fleet and their MariaDB on one machine, each node in a network namespace of its own, and what can go
# wrong between them: a killed node, a cut from the database, from the peers, from both. Any user of Linux may run it: it
# makes a user namespace, and nothing outside changes. It needs bash, iproute2, util-linux, curl, mariadb-server and the
# built programs. It ends with exit code 0 when every node did what CLUSTER.md says.
#   engine/Packaging/fleet.sh [FOLDER]     keeps data and logs in FOLDER; without one they are deleted
# ENGINE and TRAINER name other programs than those of the checkout.
. "$(dirname "$0")/fleet-nodes.sh"

serves() { ask "$1" /v1/recommend -H 'Content-Type: application/json' -d '{"user_id": "C0000001"}' | grep -q "\"$2\""; }
save() { ask "$1" /v1/pools -H 'Content-Type: application/json' -d "{\"name\": \"$2\", \"rule\": \"price < 20\"}"; }
has() { ask "$1" /v1/pools | grep -q "\"$2\""; }
train() { $trainer train --dataset "$work/brand/dataset.json" --out "$shared" --horizon 30 "$@" >>"$work/trainer.log" 2>&1; }

$trainer generate --size tiny --out "$work/brand" >"$work/trainer.log" 2>&1
train
first=$(current)
say "trained $first into the shared folder"
for i in 1 2 3; do start_node $i; done
for i in 1 2 3; do wait_for 120 "node $i is ready" ready $i; done
for i in 1 2 3; do wait_for 60 "node $i serves $first" serves $i "$first"; wait_for 60 "node $i has joined" is $i active; done

save 1 tea >/dev/null
wait_for 5 "a pool that was saved on node 1 is on node 3" has 3 tea
task=$(ask 1 /v1/tasks -H 'Content-Type: application/json' -d '{"top_k": 10}' | grep -o '"taskId": *"[^"]*"' | cut -d'"' -f4)
succeeded() { ask 2 "/v1/tasks/$task" | grep -q SUCCEEDED; }
wait_for 120 "a task of node 1 has succeeded for node 2" succeeded

say "--- node 3 is killed"
kill -9 "${pids[3]}"
expect "node 1 answers at once" serves 1 "$first"
expect "node 2 answers at once" serves 2 "$first"
wait_for 60 "the others know that node 3 is dead" is 3 dead
start_node 3
wait_for 120 "node 3 is back" ready 3
wait_for 60 "node 3 has joined again" is 3 active

say "--- node 2 is cut from the database"
sever 10.77.0.1
wait_for 60 "node 2 says so" degraded 2
expect "node 2 answers" serves 2 "$first"
refuse "node 2 refuses to save" save 2 lost
expect "node 1 saves" save 1 coffee
refuse "node 2 does not have it" has 2 coffee
heal
wait_for 60 "after healing node 2 has it" has 2 coffee
refuse "and nobody has what was refused" has 1 lost

say "--- node 2 is cut from its peers"
sever "$(address 1)" "$(address 3)"
sleep 15
expect "node 2 answers" serves 2 "$first"
expect "node 2 saves, through the database" save 2 milk
wait_for 5 "node 1 has it" has 1 milk
heal
wait_for 120 "after healing node 2 is a member" is 2 active

say "--- node 2 is cut from both, and a new snapshot is published"
ip -n node2 link set eth0 down
train --seed 7 --factors 24
second=$(current)
wait_for 120 "node 1 serves $second" serves 1 "$second"
wait_for 120 "node 3 serves $second" serves 3 "$second"
expect "node 2 answers from $first" serves 2 "$first"
ip -n node2 link set eth0 up
wait_for 120 "after healing node 2 serves $second" serves 2 "$second"
wait_for 120 "node 2 is ready" ready 2
wait_for 120 "node 2 is a member" is 2 active
$engine cluster status --cluster "$work/node1.json"
kill -TERM "${pids[@]}"
wait "${pids[@]}" || true
say "done"
