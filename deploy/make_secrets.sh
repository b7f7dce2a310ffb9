#!/bin/sh
# Makes .env out of .env.example, with a secret for each name that has none. Never replaces one.
set -eu
cd "$(dirname "$0")/.."
target=${1:-.env}
umask 077
set -C
while IFS= read -r line; do
  case $line in
  *_SECRET= | *_PASSWORD= | *_TOKEN=)
    line=$line$(od -An -N48 -tx1 /dev/urandom | tr -d ' \n') ;;
  esac
  printf '%s\n' "$line"
done <.env.example >"$target"
