#!/bin/sh
# A Prometheus beside a service that runs, for a look: docs/observability.md. Ctrl-C ends it; its data goes.
#   deno task observe [HOST:PORT of the service] [port of Prometheus]
set -eu
target=${1:-127.0.0.1:8000}
port=${2:-9090}
rules=$(cd "$(dirname "$0")/prometheus" && pwd)
command -v prometheus >/dev/null || {
  echo "Cannot observe: there is no 'prometheus' on PATH (Debian: apt-get install prometheus)" >&2
  exit 1
}
umask 077
folder=$(mktemp -d)
prometheus=
end() {
  trap - EXIT
  # Ctrl-C comes more than once: from the terminal, and handed on by npx.
  trap '' INT TERM HUP
  if [ -n "$prometheus" ]; then
    kill "$prometheus" 2>/dev/null || :
    wait "$prometheus" || :
  fi
  rm -rf "$folder"
}
trap end EXIT
trap 'exit 0' INT TERM HUP

printf %s "${METRICS_TOKEN:-}" >"$folder/token"
authorization=
[ -z "${METRICS_TOKEN:-}" ] || authorization="authorization: { credentials_file: $folder/token }"
cat >"$folder/prometheus.yml" <<CONFIGURATION
global: { scrape_interval: 5s, scrape_timeout: 5s, evaluation_interval: 5s }
rule_files: ["$rules/*.rules.yml"]
scrape_configs:
  - job_name: ultimate_mcp
    static_configs: [{ targets: ["$target"] }]
    $authorization
CONFIGURATION

prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/data" \
  --web.listen-address="127.0.0.1:$port" --log.level=warn &
prometheus=$!
echo "Prometheus: http://127.0.0.1:$port (see Alerts in its menu) watches $target; its data lies in $folder"
wait "$prometheus"
