#!/bin/sh
# Adds to .env what .env.example names and it lacks, with a secret for each name that has none. Never
# replaces a line: what is there is in use.
set -eu
cd "$(dirname "$0")/.."
target=${1:-.env}
umask 077
touch "$target"
# A last line without an end would be continued.
[ -z "$(tail -c 1 "$target")" ] || echo >>"$target"
while IFS= read -r line; do
  case $line in
  '#'* | '') grep -qxF -e "$line" "$target" && continue ;;
  *) grep -q "^${line%%=*}=." "$target" && continue ;;
  esac
  case $line in
  *_SECRET= | *_PASSWORD= | *_TOKEN=)
    line=$line$(od -An -N48 -tx1 /dev/urandom | tr -d ' \n') ;;
  esac
  printf '%s\n' "$line"
done <.env.example >"$target.new"
cat "$target.new" >>"$target"
rm "$target.new"
