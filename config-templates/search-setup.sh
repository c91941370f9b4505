# Brings indexes, their settings and the API keys of a MeiliSearch server to what a plan says, and changes nothing that is
# so already. Runs behind search-api.sh, with the master key. Safe to run again, wherever an earlier run has stopped.
#
# PLAN is a file of lines with fields between tabs:
#   index    UID  PRIMARY_KEY
#   setting  UID  ROUTE  ordered|set|part  NAME  JSON
#   leaf     UID  ROUTE  TEXT     of a setting that is compared by parts
#   key      UID  NAME  JSON
# OWNER says whose the settings of an index are: the stack's, or the app's once the index is there.
tab=$(printf '\t')
now=$(mktemp -d)
made=" " tasks=""
mark="Managed by nself-chat."
secret EMBEDDER_KEY

wait_healthy

# --- indexes

# The server names itself in a refusal of a primary key only when documents come: it is compared here.
primary_key_of() {
  case $(field primaryKey) in
    "$2") ;;
    "")
      expect 202 "The primary key of $1" PATCH "/indexes/$1" "{\"primaryKey\":\"$2\"}"
      finish "$(task_uid)" "The primary key of $1"
      echo "$1: primary key set"
      ;;
    *)
      die "The index $1 has the primary key $(field primaryKey), and the definition says $2. An index with documents" \
        "keeps its key: change the definition, or delete the index and have the app fill it again."
      ;;
  esac
}

while IFS="$tab" read -r kind uid primary; do
  [ "$kind" = index ] || continue
  status=$(request GET "/indexes/$uid")
  case $status in
    200) primary_key_of "$uid" "$primary" ;;
    404)
      expect 202 "The index $uid" POST /indexes "{\"uid\":\"$uid\",\"primaryKey\":\"$primary\"}"
      tasks="$tasks $(task_uid):$uid"
      made="$made$uid "
      ;;
    *) die "The index $uid: MeiliSearch answered ${status:-nothing}: $(cat "$answer")" ;;
  esac
done <"$PLAN"
for task in $tasks; do finish "${task%%:*}" "The index ${task#*:}"; done

# --- keys, before settings: those can take as long as all documents take to be indexed again

# What of a key is compared: its description, by which a later run knows it for the stack's, and its rights.
meaning() { sed -n 's/.*\("description":"[^"]*"\).*\("actions":.*"expiresAt":[^,}]*\).*/\1\2/p'; }

# The server refuses a key that has expired, also one that it had.
expired() {
  expiry=$(printf '%s' "$1" | sed -n 's/.*"expiresAt":"\([^"]*\)".*/\1/p')
  [ -n "$expiry" ] && awk -v expiry="$expiry" -v now="$(date -u +%Y-%m-%dT%H:%M:%SZ)" 'BEGIN { exit !(expiry "" <= now "") }'
}

# Rights of a key cannot be changed: it is made again under its uid, and keeps its value.
while IFS="$tab" read -r kind uid name json; do
  [ "$kind" = key ] || continue
  if expired "$json"; then
    echo "key $name: expired on $expiry, and left as it is"
    continue
  fi
  status=$(request GET "/keys/$uid")
  case $status in
    200)
      [ "$(meaning <"$answer")" != "$(printf '%s' "$json" | meaning)" ] || continue
      expect 204 "The key $name" DELETE "/keys/$uid"
      ;;
    404) ;;
    *) die "The key $name: MeiliSearch answered ${status:-nothing}: $(cat "$answer")" ;;
  esac
  expect 201 "The key $name" POST /keys "$json"
  echo "key $name: registered"
done <"$PLAN"

expect 200 "The list of keys" GET "/keys?limit=1000"
for uid in $(tr '{' '\n' <"$answer" | grep -F "$mark" | sed -n 's/.*"uid":"\([^"]*\)".*/\1/p'); do
  ! grep -q "^key$tab$uid$tab" "$PLAN" || continue
  expect 204 "The key $uid" DELETE "/keys/$uid"
  echo "key $uid: removed, it is in use no more"
done

# --- settings

# All settings of an index that the plan names, each in a file of its own, over one connection.
read_settings() {
  {
    authorization
    while IFS="$tab" read -r kind uid route _; do
      [ "$kind $uid" != "setting $1" ] ||
        printf 'url = "%s/indexes/%s/settings/%s"\noutput = "%s/%s"\n' "$SEARCH_URL" "$1" "$route" "$now" "$route"
    done <"$PLAN"
  } | curl --config - --silent --show-error --fail --fail-early --max-time 60 --retry "${RETRIES:-5}" --retry-all-errors ||
    die "The settings of $1 could not be read."
}

# Members of a list, in an order of their own.
members() { sed 's/^\[//; s/]$//' | tr ',' '\n' | sort; }

# holds UID ROUTE TEXT: whether each of the plan's leaves is in it.
holds() {
  while IFS="$tab" read -r what owner where leaf; do
    [ "$what $owner $where" = "leaf $1 $2" ] || continue
    case $3 in *"$leaf",* | *"$leaf"\}*) ;; *) return 1 ;; esac
  done <"$PLAN"
}

# same UID ROUTE ordered|set|part WANTED
same() {
  text=$(cat "$now/$2")
  case $3 in
    ordered) [ "$text" = "$4" ] ;;
    set) [ "$(printf '%s' "$text" | members)" = "$(printf '%s' "$4" | members)" ] ;;
    part) holds "$1" "$2" "$text" ;;
  esac
}

# The key of an embedder's service stands in no plan. The server shows its first letters only, so it is set each time.
with_embedder_key() {
  text=$1
  while :; do
    case $text in
      *@EMBEDDER_KEY@*) text="${text%%@EMBEDDER_KEY@*}$EMBEDDER_KEY${text#*@EMBEDDER_KEY@}" ;;
      *) break ;;
    esac
  done
  printf '%s' "$text"
}

# An embedder stays on the server until it is sent as null: so are those that the plan does not name.
with_removed_embedders() {
  text=$1
  sources="openAi|huggingFace|ollama|userProvided|rest|composite"
  for embedder in $(grep -oE "\"[a-zA-Z0-9_-]+\":\{\"source\":\"($sources)\"" "$now/embedders" | cut -d '"' -f 2); do
    case $text in
      *"\"$embedder\":{\"source\":"*) ;;
      '{}') text="{\"$embedder\":null}" ;;
      *) text="{\"$embedder\":null,${text#?}" ;;
    esac
  done
  printf '%s' "$text"
}

# An index that was made a moment ago has the server's own settings: there is nothing to compare.
is_new() { case $made in *" $1 "*) ;; *) return 1 ;; esac; }

# Made by a run that was cut off before it sent settings, or had them refused, and given none since.
is_bare() {
  expect 200 "The tasks of $1" GET \
    "/tasks?indexUids=$1&types=indexCreation,settingsUpdate&statuses=enqueued,processing,succeeded&limit=1"
  [ "$(field type)" = indexCreation ]
}

apply_settings() {
  grep -q "^setting$tab$1$tab" "$PLAN" || return 0
  is_new "$1" || read_settings "$1"
  body="" names=""
  while IFS="$tab" read -r kind uid route how name json; do
    [ "$kind $uid" = "setting $1" ] || continue
    is_new "$uid" || ! same "$uid" "$route" "$how" "$json" || continue
    if [ "$name" = embedders ] && ! is_new "$uid"; then json=$(with_removed_embedders "$json"); fi
    body="$body${body:+,}\"$name\":$(with_embedder_key "$json")"
    names="$names${names:+, }$name"
  done <"$PLAN"
  [ -n "$body" ] || return 0
  expect 202 "The settings of $1" PATCH "/indexes/$1/settings" "{$body}"
  tasks="$tasks $(task_uid):$1"
  echo "$1: $names"
}

tasks=""
while IFS="$tab" read -r kind uid _; do
  [ "$kind" = index ] || continue
  if [ "$OWNER" = stack ] || is_new "$uid" || is_bare "$uid"; then apply_settings "$uid"; fi
done <"$PLAN"
for task in $tasks; do finish "${task%%:*}" "The settings of ${task#*:}"; done

echo "Search is set up."
