#!/bin/sh
# Install Genquota's log-based metrics and alert policies in a project, or bring them up to date.
# Running it again changes nothing but what has changed here; channels stay as they are set there.
#
#   monitoring/install.sh [--dry-run] PROJECT [NOTIFICATION_CHANNEL...]
set -eu

dry_run=
if [ "${1:-}" = --dry-run ]; then
  dry_run=yes
  shift
fi
project=${1:?which project? monitoring/install.sh [--dry-run] PROJECT [NOTIFICATION_CHANNEL...]}
shift
channels=$(IFS=,; printf %s "$*")
here=$(cd "$(dirname "$0")" && pwd)

if [ -z "$dry_run" ] && ! command -v gcloud >/dev/null; then
  echo "gcloud is not on the PATH: https://cloud.google.com/sdk/docs/install" >&2
  exit 1
fi

run() {
  echo "$*"
  [ -n "$dry_run" ] || "$@"
}

# What there is already. A dry run without gcloud takes it that there is nothing.
has_metric() {
  gcloud logging metrics describe "$1" --project="$project" >/dev/null 2>&1
}
policy_named() {
  gcloud monitoring policies list --project="$project" --format='value(name)' \
    --filter="userLabels.genquota=$1" 2>/dev/null || true
}

for file in "$here"/metrics/*.json; do
  name=$(basename "$file" .json)
  verb=create
  if has_metric "$name"; then verb=update; fi
  run gcloud logging metrics "$verb" "$name" --config-from-file="$file" --project="$project"
done

failed=
for file in "$here"/policies/*.json; do
  there=$(policy_named "$(basename "$file" .json)")
  if [ -z "$there" ]; then
    run gcloud monitoring policies create --policy-from-file="$file" --project="$project" \
      ${channels:+"--notification-channels=$channels"} || failed=yes
    continue
  fi
  run gcloud monitoring policies update "$there" --policy-from-file="$file" --project="$project" \
    --fields=displayName,documentation,severity,combiner,conditions,alertStrategy || failed=yes
  if [ -n "$channels" ]; then
    run gcloud monitoring policies update "$there" --project="$project" \
      --set-notification-channels="$channels" || failed=yes
  fi
done

if [ -n "$failed" ]; then
  echo "A policy was not taken. Metrics that are new are known to Monitoring after some minutes:" >&2
  echo "run this again then." >&2
  exit 1
fi
