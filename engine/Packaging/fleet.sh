#!/bin/bash
# Three nodes of a fleet and their MariaDB on one machine, each node in a network namespace of its own, and what can go
# wrong between them: a killed node, a cut from the database, from the peers, from both. Any user of Linux may run it: it
# makes a user namespace, and nothing outside changes. It needs bash, iproute2, util-linux, curl, mariadb-server and the
# built programs. It ends with exit code 0 when every node did what CLUSTER.md says.
#   engine/Packaging/fleet.sh [FOLDER]     keeps data and logs in FOLDER; without one they are deleted
# ENGINE and TRAINER name other programs than those of the checkout.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
engine=${ENGINE:-dotnet $here/artifacts/bin/Engine.Server/release/Engine.Server.dll}
trainer=${TRAINER:-dotnet $here/artifacts/bin/Trainer/release/Trainer.dll}
if [ "${FLEET_INSIDE:-}" != yes ]; then
    exec env FLEET_INSIDE=yes unshare --user --map-root-user --net --mount --pid --fork --kill-child --mount-proc \
        bash "$0" "$@"
fi

if [ $# -gt 0 ]; then mkdir -p "$1"; work=$(cd "$1" && pwd); else work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; fi
shared=$work/shared
began=$SECONDS
pids=()

say() { printf '%4d s  %s\n' $((SECONDS - began)) "$*"; }
address() { echo "10.77.0.$((10 + $1))"; }
inside() { local node=$1; shift; ip netns exec "node$node" "$@"; }

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
    local limit=$((SECONDS + $1)) what=$2 start=$SECONDS
    shift 2
    until "$@" >/dev/null 2>&1; do
        if [ $SECONDS -ge $limit ]; then say "FAILED: $what"; tail -n 5 "$work"/*.log >&2; exit 1; fi
        sleep 0.2
    done
    say "$what (after $((SECONDS - start)) s)"
}

expect() { local what=$1; shift; if "$@" >/dev/null 2>&1; then say "$what"; else say "FAILED: $what"; exit 1; fi; }
refuse() { local what=$1; shift; if "$@" >/dev/null 2>&1; then say "FAILED: $what"; exit 1; else say "$what"; fi; }

# A question to a node, asked inside its own namespace: no cut stands between.
ask() { local node=$1 path=$2; shift 2; inside "$node" curl -sf -m 20 "http://127.0.0.1:8080$path" "$@"; }
ready() { ask "$1" /readyz; }
serves() { ask "$1" /v1/recommend -H 'Content-Type: application/json' -d '{"user_id": "C0000001"}' | grep -q "\"$2\""; }
save() { ask "$1" /v1/pools -H 'Content-Type: application/json' -d "{\"name\": \"$2\", \"rule\": \"price < 20\"}"; }
has() { ask "$1" /v1/pools | grep -q "\"$2\""; }
degraded() { ask "$1" /health | grep -q DEGRADED; }
current() { cat "$shared/default/CURRENT"; }
is() { $engine cluster status --cluster "$work/node1.json" | grep "node$1 " | grep -q "$2"; }
train() { $trainer train --dataset "$work/brand/dataset.json" --out "$shared" --horizon 30 "$@" >>"$work/trainer.log" 2>&1; }

start_node() {
    # exec: the process that is remembered is the engine, not a shell that waits for it.
    (exec ip netns exec "node$1" $engine serve --snapshots "$work/node$1" --cluster "$work/node$1.json" --allow-cleartext \
        --allow-anonymous --urls 'grpc://0.0.0.0:50051;http://0.0.0.0:8080' >>"$work/node$1.log" 2>&1) &
    pids[$1]=$!
}

# From whom node 2 is cut: routes into nothing. Packets that answer are lost in the same way.
sever() { for to in "$@"; do ip -n node2 route add blackhole "$to/32"; done; }
heal() { ip -n node2 route flush type blackhole; }

# A bridge with the database on it, and a namespace with a link to it for each node.
mount -t tmpfs none /run
ip link set lo up
ip link add fleet type bridge
ip addr add 10.77.0.1/24 dev fleet
ip link set fleet up
for i in 1 2 3; do
    ip netns add "node$i"
    ip link add "link$i" type veth peer name eth0 netns "node$i"
    ip link set "link$i" master fleet up
    ip -n "node$i" addr add "$(address $i)/24" dev eth0
    ip -n "node$i" link set eth0 up
    ip -n "node$i" link set lo up
    cat >"$work/node$i.json" <<END
{ "cluster": "shop", "node": "node$i", "database": "database.json", "address": "$(address $i)", "shared": "shared",
  "lease_seconds": 5, "probe_seconds": 1 }
END
done
say "three namespaces on a bridge"

export FLEET_PASSWORD=example-only
cat >"$work/database.json" <<'END'
{ "kind": "mysql", "host": "10.77.0.1", "port": 3306, "database": "shop", "user": "engine",
  "password_env": "FLEET_PASSWORD", "tls": { "mode": "off" } }
END
echo "CREATE DATABASE IF NOT EXISTS shop;
CREATE OR REPLACE USER engine@'%' IDENTIFIED BY '$FLEET_PASSWORD';
GRANT ALL ON shop.* TO engine@'%';" >"$work/init.sql"
mariadb-install-db --no-defaults --user=root --datadir="$work/db" --skip-test-db >"$work/mariadb.log" 2>&1
mariadbd=$(PATH=$PATH:/usr/sbin command -v mariadbd)
"$mariadbd" --no-defaults --user=root --datadir="$work/db" --socket="$work/db/s" --pid-file="$work/db/pid" \
    --bind-address=10.77.0.1 --port=3306 --skip-name-resolve --init-file="$work/init.sql" >>"$work/mariadb.log" 2>&1 &
wait_for 60 "MariaDB listens" bash -c '</dev/tcp/10.77.0.1/3306'

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
