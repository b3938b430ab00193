#!/bin/bash
# install.sh PACKAGE START: installs a package for real in a copy of this system that is gone with the mount namespace it
# runs in (unshare --mount), starts what it has installed as its unit would, and removes it again.
set -euo pipefail
copy=$(mktemp -d)
mount -t tmpfs tmpfs "$copy"
mkdir "$copy"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$copy/upper,workdir=$copy/work" "$copy/root"
for folder in proc sys dev; do mount --rbind "/$folder" "$copy/root/$folder"; done
mkdir -p "$copy/root/packages"
cp "$1" "$copy/root/packages/package.deb"
cp "$2" "$copy/root/packages/start.py"
chmod -R a+rX "$copy/root/packages"
in_copy() { chroot "$copy/root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }

in_copy dpkg --install /packages/package.deb
for folder in snapshots datasets; do
  in_copy test "$(in_copy stat -c %U:%G:%a /var/lib/engine/$folder)" = engine:engine:750
done
in_copy engine config check /etc/engine/engine.json
in_copy trainer --version

for unit in $(in_copy sh -c 'ls /lib/systemd/system/engine*.service /lib/systemd/system/engine*.timer'); do
  in_copy systemd-analyze verify --man=no "$unit"
done
# Exposure: 0 is closed, 10 is open. Above the threshold the exit code is not 0.
in_copy systemd-analyze security --offline=true --threshold=20 /lib/systemd/system/engine.service

# Anything that a unit of Type=notify sees: READY=1 as the user of the service, SIGTERM, STOPPING=1, exit code 0.
in_copy setpriv --reuid engine --regid engine --clear-groups --no-new-privs --bounding-set=-all \
  /usr/bin/python3 /packages/start.py "/usr/bin/engine" /var/lib/engine/snapshots

# An update keeps changed settings. A purge takes back what the operator enabled, and leaves the data.
in_copy systemctl enable engine.service engine-update.timer engine-tasks.timer
in_copy sed -i 's/"kept_snapshots": 10/"kept_snapshots": 11/' /etc/engine/engine.json
in_copy dpkg --install --force-confold /packages/package.deb
in_copy grep -q '"kept_snapshots": 11' /etc/engine/engine.json
in_copy touch /var/lib/engine/snapshots/data
in_copy dpkg --purge recommendation-engine
in_copy test -z "$(in_copy find /etc/systemd/system -name 'engine*')"
in_copy test ! -e /etc/engine -a ! -e /usr/bin/engine -a ! -e /usr/lib/recommendation-engine
in_copy test -e /var/lib/engine/snapshots/data
echo "installed, started, stopped, updated and purged"
