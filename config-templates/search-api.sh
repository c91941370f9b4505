# What the scripts beside a MeiliSearch server share; each stands behind this one.
# Needs SEARCH_URL and WAIT_SECONDS, and secrets such as API_KEY in a variable or in the file that API_KEY_FILE names. None
# ever stands in an argument list: curl reads the header from its input, and a body from a descriptor.
set -eu
umask 077
answer=$(mktemp)
waits_until=$(($(date +%s) + WAIT_SECONDS))

die() {
  echo "$*" >&2
  exit 1
}

# secret NAME [VALUE]: sets it, from its file where there is one.
secret() {
  if [ $# -gt 1 ]; then eval "$1=\$2"; fi
  eval "path=\${$1_FILE:-}"
  if [ -n "$path" ]; then eval "$1=\$(cat \"\$path\")"; fi
}
secret API_KEY

# Whether there is time left.
in_time() { [ "$(date +%s)" -lt "$waits_until" ]; }

wait_healthy() {
  until curl --silent --fail --output /dev/null --max-time 5 "$SEARCH_URL/health"; do
    in_time || die "MeiliSearch at $SEARCH_URL did not get healthy within $WAIT_SECONDS s."
    sleep 0.2
  done
}

# In double quotes of curl's configuration.
quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }

# Line of curl's configuration.
authorization() { printf 'header = "Authorization: Bearer %s"\n' "$(quoted "$API_KEY")"; }

# request METHOD PATH [BODY]: prints the status, with ", cut off" where there is no whole answer; that is in $answer.
request() {
  : >"$answer"
  authorization |
    curl --config - --silent --show-error --max-time 30 --retry "${RETRIES:-5}" --retry-all-errors --output "$answer" \
      --write-out '%{http_code}' --request "$1" ${3:+--header 'Content-Type: application/json' --data-binary @/dev/fd/3} \
      "$SEARCH_URL$2" 3<<BODY || { echo ", cut off" && echo "$SEARCH_URL does not answer." >"$answer"; }
${3:-}
BODY
}

# expect STATUS WHAT METHOD PATH [BODY]: a request that must be answered with this status.
expect() {
  wanted=$1 what=$2
  shift 2
  status=$(request "$@")
  [ "$status" = "$wanted" ] || die "$what: MeiliSearch answered ${status:-nothing}: $(cat "$answer")"
}

# field NAME: a text of the answer.
field() { sed -n '/.*"'"$1"'":"\(\([^"\\]\|\\.\)*\)".*/{s//\1/;s/\\"/"/g;p;}' "$answer"; }

# The number of the task that the answer announces.
task_uid() { sed -n 's/.*"taskUid":\([0-9]*\).*/\1/p' "$answer"; }

# finish TASK WHAT: waits for a task, and fails with the server's own words where it fails.
finish() {
  while :; do
    expect 200 "$2" GET "/tasks/$1"
    case $(field status) in
      succeeded) return 0 ;;
      failed | canceled) die "$2: $(field message)" ;;
    esac
    in_time || die "$2: not done within $WAIT_SECONDS s. MeiliSearch goes on with it (task $1); run this again later."
    sleep 0.1
  done
}

# The number of documents of each index, a line each: uid, tab, number.
counts() {
  expect 200 "The statistics" GET /stats
  grep -o '"[A-Za-z0-9_-]*":{"numberOfDocuments":[0-9]*' "$answer" | sed 's/^"\([^"]*\)".*:/\1	/' | sort
}

# --- of the program and its data

# value NAME FILE: of a line `NAME=value`.
value() { sed -n "s/^$1=//p" "$2"; }

version_of_server() { meilisearch --version | sed 's/^[^0-9]*\([0-9]*\.[0-9]*\.[0-9]*\).*/\1/'; }

# A version as a number, to compare it: 1.50.2 is 1050002.
number() { echo "$1" | awk -F . '{ print $1 * 1000000 + $2 * 1000 + $3 }'; }
