# Registers the key with which browsers search. Starts together with the server, and waits for it. Safe to run again.
# Needs SEARCH_URL, KEY_UID, WAIT_SECONDS, and the master key in MEILI_MASTER_KEY or in the file MASTER_KEY_FILE; curl
# reads the header from its input, so that no secret stands in an argument list.
set -eu
: "${MEILI_MASTER_KEY:=$(cat "${MASTER_KEY_FILE:-/dev/null}")}"

request() {
  printf 'header = "Authorization: Bearer %s"\n' "$MEILI_MASTER_KEY" |
    curl --config - --silent --show-error --max-time 10 --retry 5 --retry-all-errors --header 'Content-Type: application/json' \
      --output /tmp/answer --write-out '%{http_code}' "$@"
}

deadline=$(($(date +%s) + WAIT_SECONDS))
until curl --silent --fail --output /dev/null --max-time 5 "$SEARCH_URL/health"; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "MeiliSearch at $SEARCH_URL did not get healthy within $WAIT_SECONDS s."
    exit 1
  fi
  sleep 0.2
done

if [ "$(request "$SEARCH_URL/keys/$KEY_UID")" = 200 ]; then
  echo "The search key is registered."
  exit 0
fi

status=$(request --request POST "$SEARCH_URL/keys" --data "{
  \"uid\": \"$KEY_UID\",
  \"name\": \"frontend\",
  \"description\": \"Search in every index, for browsers\",
  \"actions\": [\"search\"],
  \"indexes\": [\"*\"],
  \"expiresAt\": null
}")
if [ "$status" != 201 ]; then
  echo "MeiliSearch refused the search key with status $status: $(cat /tmp/answer)"
  exit 1
fi
echo "The search key was registered."
