# Three network namespaces on a bridge for the nodes of a fleet, a MariaDB beside them, and how to ask, cut and heal the
# nodes. Read by fleet.sh and bench/fleet_task.sh, which run in a user namespace of their own from then on.
#   . fleet-nodes.sh [FOLDER]     keeps data and logs in FOLDER; without one they are deleted
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
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
degraded() { ask "$1" /health | grep -q DEGRADED; }
current() { cat "$shared/default/CURRENT"; }
is() { $engine cluster status --cluster "$work/node1.json" | grep "node$1 " | grep -q "$2"; }

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
