#!/bin/sh
# publish.sh OUT [PROPERTY...]: both programs in one folder, with one runtime. `publish.sh out -r linux-arm64` is for Arm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
shift
each=$(mktemp -d)
trap 'rm -rf "$each"' EXIT
mkdir -p "$out"
# The engine comes last: of files that both have, it has the later version.
for project in trainer/Trainer engine/Engine.Server; do
  dotnet publish "$here/../../$project" -c Release -p:PublishProfileFullPath="$here/linux.pubxml" \
    -o "$each/$project" --nologo -v q "$@"
  cp -r "$each/$project/." "$out/"
done
