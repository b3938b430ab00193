#!/usr/bin/env bash
# The commands of the section "Holdout and lift" of engine/CAMPAIGNS.md as one script: plan, hold out, send, wait, measure, report.
# Build first: dotnet build -c Release. Usage: bench/campaign.sh [FOLDER] (default: a new temporary folder).
set -euo pipefail
bin="$(cd "$(dirname "$0")/../artifacts/bin" && pwd)"
trainer() { dotnet "$bin/Trainer/release/Trainer.dll" "$@"; }
engine() { dotnet "$bin/Engine.Server/release/Engine.Server.dll" "$@"; }
folder="${1:-$(mktemp -d)}"
mkdir -p "$folder"
cd "$folder"
trainer generate --size tiny --out brand
trainer train --dataset brand/dataset.json --out snapshots --horizon 30
engine holdout --users 20000 --base-rate 0.02 --lift 0.01
engine batch --snapshots snapshots --audience all --top 3 --holdout-share 0.4 --out sent.csv
trainer generate --size tiny --out answered --response sent.csv --response-lift 0.3
engine lift sent.csv --snapshots snapshots --dataset answered/dataset.json
engine report sent.csv --snapshots snapshots --dataset answered/dataset.json --html campaign.html
echo "the report: $folder/campaign.html"
