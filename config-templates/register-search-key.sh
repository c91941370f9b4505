# Registers the key with which browsers search, once the server is healthy. Safe to run again.
# Needs SEARCH_URL, KEY_UID and MEILI_MASTER_KEY; curl reads the header from its input, so that no secret stands in
# an argument list.
set -eu

request() {
  printf 'header = "Authorization: Bearer %s"\n' "$MEILI_MASTER_KEY" |
    curl --config - --silent --show-error --max-time 10 --retry 5 --retry-connrefused \
      --header 'Content-Type: application/json' --output /tmp/answer --write-out '%{http_code}' "$@"
}

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
