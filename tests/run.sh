#!/usr/bin/env bash
# Installs what the tests need, runs all of them and prints their totals as the last line: "N passed, N failed". Where tests
# were skipped, the line before it says how many.
# Exit code 0 only when at least one test ran and none failed. Nothing is kept from one run to the next.
set -uo pipefail
cd "$(dirname "$0")/.."
results=artifacts/test-results

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# What builds the client for Python, and what it needs. Without it, its tests say that they are skipped (with CI=true they fail).
if ! /usr/bin/python3 -c 'import grpc, google.protobuf, setuptools, wheel' 2>/dev/null || ! [ -x /usr/bin/protoc ] ||
  ! [ -f /usr/include/google/protobuf/timestamp.proto ]; then
  if command -v apt-get >/dev/null; then
    { as_root apt-get update && as_root apt-get install -y --no-install-recommends python3-grpcio python3-protobuf \
      python3-setuptools python3-wheel protobuf-compiler libprotobuf-dev; } >/dev/null ||
      echo "python3-grpcio could not be installed: the Python client's tests are skipped" >&2
  else
    echo "there is no apt-get here to install python3-grpcio: the Python client's tests are skipped" >&2
  fi
fi

# What the client for Node needs, what compares the contract with the released one, and what checks the OpenAPI document.
mkdir -p artifacts/node
cp tests/EndToEnd.Tests/Node/package*.json artifacts/node/
(cd artifacts/node && npm ci --ignore-scripts --no-audit --no-fund >/dev/null) ||
  echo "npm could not install the packages of tests/EndToEnd.Tests/Node: their tests are skipped" >&2

# The database of the source tests, started by them as an ordinary process; the package's own service is not needed.
if ! [ -x /usr/sbin/mariadbd ]; then
  if command -v apt-get >/dev/null; then
    { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mariadb-server; } >/dev/null ||
      echo "mariadb-server could not be installed: the source tests are skipped" >&2
  else
    echo "there is no apt-get here to install mariadb-server: the source tests are skipped" >&2
  fi
fi

# The browser of the tests of other sites' pages. Without it, they say that they are skipped.
if ! [ -x /usr/bin/chromium ]; then
  if command -v apt-get >/dev/null; then
    { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } >/dev/null ||
      echo "chromium could not be installed: the browser's tests are skipped" >&2
  else
    echo "there is no apt-get here to install chromium: the browser's tests are skipped" >&2
  fi
fi

# What checks the Debian package and the image. Without them, those tests say that they are skipped.
if ! [ -x /usr/bin/lintian ] || ! [ -x /usr/bin/umoci ]; then
  if command -v apt-get >/dev/null; then
    { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends lintian umoci; } >/dev/null ||
      echo "lintian and umoci could not be installed: the tests of the package and the image are skipped" >&2
  else
    echo "there is no apt-get here to install lintian and umoci: the tests of the package and the image are skipped" >&2
  fi
fi

# What checks the alert rules. Only the program is taken out of its package: nothing of Prometheus is to run here.
promtool=artifacts/prometheus
if ! [ -x /usr/bin/promtool ] && ! [ -x "$promtool/usr/bin/promtool" ]; then
  if command -v apt-get >/dev/null; then
    mkdir -p "$promtool"
    { as_root apt-get update && (cd "$promtool" && apt-get download prometheus && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb); } >/dev/null ||
      echo "prometheus could not be downloaded: the tests of the alert rules are skipped" >&2
  else
    echo "there is no apt-get here to download prometheus: the tests of the alert rules are skipped" >&2
  fi
fi

rm -rf "$results"
dotnet test Engine.sln -c Release -p:CheckCode=true --nologo --logger trx --results-directory "$results"
status=$?

# The totals are the result files' own.
count() {
  grep -ho '<Counters [^>]*>' "$results"/*.trx 2>/dev/null | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'
}
total=$(count total)
passed=$(count passed)
skipped=$((total - $(count executed)))
failed=$((total - passed - skipped))
if [ "$total" -eq 0 ] || [ "$failed" -ne 0 ]; then status=1; fi
if [ "$skipped" -ne 0 ]; then echo "$skipped skipped"; fi
echo "$passed passed, $failed failed"
exit "$status"
