#!/usr/bin/env bash
# Previews stacks one after the other: previews.sh FOLDER STACK... [--OPTION...]
# FOLDER gets STACK.txt with what Pulumi printed and STACK.code with its exit code. A preview that fails does not keep
# the others from being shown: whoever reads the codes decides.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$1
shift
stacks=() options=()
for word in "$@"; do
  case "$word" in
    --*) options+=("$word") ;;
    *) stacks+=("$word") ;;
  esac
done

# GitHub hands over a secret that is not set as an empty text, which Pulumi would take at its word.
for name in PULUMI_ACCESS_TOKEN PULUMI_BACKEND_URL PULUMI_CONFIG_PASSPHRASE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; do
  [ -n "${!name:-}" ] || unset "$name"
done

if [ "${NEEDS_BACKEND:-}" = true ] && [ -z "${PULUMI_ACCESS_TOKEN:-}${PULUMI_BACKEND_URL:-}" ]; then
  echo "::notice::No backend: set the secret PULUMI_ACCESS_TOKEN, or PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE."
  exit 0
fi

if [ -n "${PREVIEW_KUBECONFIG:-}" ]; then
  KUBECONFIG=$(mktemp)
  export KUBECONFIG
  trap 'rm -f "$KUBECONFIG"' EXIT
  printf '%s\n' "$PREVIEW_KUBECONFIG" > "$KUBECONFIG"
fi
unset PREVIEW_KUBECONFIG

mkdir -p "$folder"
for stack in "${stacks[@]}"; do
  code=0
  NO_COLOR=1 npm run --silent preview -- --stack "$stack" "${options[@]}" > "$folder/$stack.txt" 2>&1 || code=$?
  echo "$code" > "$folder/$stack.code"
  cat "$folder/$stack.txt"
done
echo "previewed=true" >> "${GITHUB_OUTPUT:-/dev/null}"
