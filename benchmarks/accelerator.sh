#!/usr/bin/env bash
# What an accelerator does for tailproof, as one line of JSON: the self-test of each device, rates of populations (eager and compiled), and the
# default run on 200,000 simulated bars with lanes, with torch, with auto, and with torch in two processes.
# Each part has a time limit, together under eight minutes; a run that is stopped by it is null. From the root of the repository, in an environment with tailproof:
#   benchmarks/accelerator.sh > benchmarks/results/accelerator-$(date +%F).json
#   ROWS=20000 MEMBERS=64 COMPILED=64 benchmarks/accelerator.sh      # a small trial, such as on a machine without an accelerator
set -eu
python=${PYTHON:-python} rows=${ROWS:-200000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m tailproof simulate --rows "$rows" --ic 0.03 --seed 1 --out "$folder/bars.csv" >&2
# shellcheck disable=SC2086
timeout 230 "$python" -m benchmarks.accelerator --members ${MEMBERS:-64 1024 16384} --compiled ${COMPILED:-1024} > "$folder/device.json" ||
    echo '{"device": null}' > "$folder/device.json"

run() { # NAME COMMAND...: seconds of a whole run, and the line of its log that names the engine
    local name=$1 started ended
    shift
    started=$(date +%s.%N)
    timeout 55 "$@" train "$folder/bars.csv" --out "$folder/$name" --no-baselines --placebos 3 ${options:-} >&2 || {
        echo "\"$name\": null" >> "$folder/runs"
        return
    }
    ended=$(date +%s.%N)
    "$python" - "$name" "$folder/$name/training_config.json" "$started" "$ended" >> "$folder/runs" <<'PY'
import json, sys
name, config, started, ended = sys.argv[1:]
reason = json.load(open(config))["engine_choice"]
print(f'"{name}": {json.dumps({"seconds": float(ended) - float(started), "engine": reason})}')
PY
}
options="--engine lanes" run lanes "$python" -m tailproof
options="--engine torch" run torch "$python" -m tailproof
options="--engine auto" run auto "$python" -m tailproof
options="--engine torch" run two_processes "$python" -m torch.distributed.run --nproc-per-node 2 -m tailproof
"$python" - "$folder" <<'PY'
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
runs = json.loads("{" + ",".join((folder / "runs").read_text().splitlines()) + "}")
print(json.dumps(json.loads((folder / "device.json").read_text()) | {"runs": runs}))
PY
