# Starts MeiliSearch on its volume, after what has to come first: a restore that was asked for, or an upgrade of the data.
# Both happen on a port that nobody reaches, and are checked before anybody is served; until then the old data stays.
# Runs behind search-api.sh. What it finds and leaves on the volume:
#   restore/request   id=, kind=dump|snapshot, file=, counts=: written by search-fetch.sh
#   restore/result    id=, status=done|failed, message=: read by whoever asked
#   restore/attempts  the id of the request, a line for each start that took it up
#   restore/verified  the file that is imported in data.ms.new, complete: data.ms.new may take the place of data.ms
#   upgrade/dump      version=, file=, counts=: the dump that search-upgrade.sh took before an upgrade
DB=$DATA/data.ms
new=$DB.new
verified=$DATA/restore/verified
server=""

# The configuration is one line, the master key in double quotes with a backslash before quotes and backslashes. A scanner
# of manifests takes a key before an equals sign for a secret, so there is none here.
configured() { sed -n '/^master_key . "\(.*\)"$/{s//\1/;s/\\\(["\\]\)/\1/g;p;}' "${MEILI_CONFIG_FILE_PATH-/dev/null}"; }
secret API_KEY "${MEILI_MASTER_KEY-$(configured)}"

say() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) start: $*"; }

stop() {
  [ -n "$server" ] || return 0
  kill "$server" 2>/dev/null || :
  # Where a shell says "Terminated".
  wait "$server" 2>/dev/null || :
  server=""
}
trap 'stop; exit 143' TERM INT

# try DB [OPTION...]: a server for us alone. Fails where it ends before it answers.
try() {
  db=$1
  shift
  meilisearch --http-addr "${SEARCH_URL#http://}" --db-path "$db" "$@" &
  server=$!
  began=$(date +%s) told=$began
  until curl --silent --fail --output /dev/null --max-time 5 "$SEARCH_URL/health"; do
    kill -0 "$server" 2>/dev/null || { server=""; return 1; }
    if [ $(($(date +%s) - told)) -ge 15 ]; then
      told=$(date +%s)
      say "still at work after $((told - began)) s"
    fi
    sleep 0.2
  done
}

# complete FILE [live]: whether each index of the list is here with its documents, one of which is read: the statistics are
# kept elsewhere. One in a hundred may be missing; of a "live" list, after which the app went on deleting, ten documents of
# an index or one in ten, which are told. What is lost is in $lost, in one line.
complete() {
  [ -n "$1" ] && [ -f "$1" ] || return 0
  while IFS="$(printf '\t')" read -r uid wanted; do
    status=$(request GET "/indexes/$uid/documents?limit=1")
    case $status in
      200) have=$(sed -n 's/.*"total":\([0-9]*\).*/\1/p' "$answer") ;;
      404) have=0 ;;
      *)
        problem=$(field message)
        lost="${lost:+$lost; }the index $uid cannot be read: ${problem:-$status}"
        lost=${lost%.}
        continue
        ;;
    esac
    missing=$((wanted - have))
    if [ "${2:-}" = live ]; then least=10 share=10; else least=0 share=100; fi
    if [ "$missing" -gt "$least" ] && [ $((missing * share)) -gt "$wanted" ]; then
      lost="${lost:+$lost; }the index $uid has $have of $wanted documents"
    elif [ "$missing" -gt 0 ]; then
      say "the index $uid has $have documents, $missing fewer than when they were counted"
    fi
  done <"$1"
  [ -z "$lost" ]
}

# --- restore

result() {
  printf 'id=%s\nstatus=%s\nmessage=%s\n' "$(value id "$DATA/restore/request")" "$1" "$2" >"$DATA/restore/result.new"
  mv "$DATA/restore/result.new" "$DATA/restore/result"
  mv "$DATA/restore/request" "$DATA/restore/last-request"
  rm -f "$verified" "$DATA/restore/attempts"
  say "restore $1: $2"
}

# The new data takes the place of the old, which stays beside it until the next time. Can be repeated wherever it stopped.
exchange() {
  if [ -d "$new" ]; then
    if [ -d "$DB" ]; then
      rm -rf "$DB.replaced"
      mv "$DB" "$DB.replaced"
    fi
    mv "$new" "$DB"
  fi
}

# import KIND FILE COUNTS [live]: into a folder of its own. Leaves the reason in $why where it fails, and in $lost what is missing.
import() {
  lost=""
  rm -rf "$new"
  if ! [ -f "$2" ]; then
    why="$2 does not exist"
  elif ! try "$new" "--import-$1" "$2"; then
    why="MeiliSearch does not take $2: its reason stands above in its log"
  elif ! complete "$3" "${4:-}"; then
    why=$lost
    stop
  else
    stop
    mkdir -p "$DATA/restore"
    # A power cut must not leave the word of it without the data.
    sync
    echo "$2" >"$verified.new"
    mv "$verified.new" "$verified"
    return 0
  fi
  rm -rf "$new"
  return 1
}

restore() {
  request="$DATA/restore/request"
  file=$(value file "$request")
  say "restoring $file"
  # Whoever watches over a start ends one that takes too long, and the next begins again.
  value id "$request" >>"$DATA/restore/attempts"
  if ! [ -f "$verified" ] && [ "$(grep -cxF "$(value id "$request")" "$DATA/restore/attempts")" -gt 3 ]; then
    rm -rf "$new"
    result failed "it was cut off three times: raise search:startup, the seconds that a start may take. The data is as it was."
    return 0
  fi
  if ! [ -f "$verified" ] && ! import "$(value kind "$request")" "$file" "$(value counts "$request")"; then
    result failed "$why. The data is as it was."
    return 0
  fi
  exchange
  # What came back is of this version already.
  rm -f "$DATA/upgrade/dump"
  result "done" "$file; what was there before is in $DB.replaced"
}

# --- upgrade

upgrade() {
  dump="$DATA/upgrade/dump"
  file=$(value file "$dump")
  counts=$(value counts "$dump")
  say "upgrading the data of MeiliSearch $1 to $2"
  lost="it ended, and its reason stands above in its log"
  # From here on nobody writes: what is recent stays so, however long this takes and however often it is cut off.
  fresh=""
  if recent; then touch "$dump" && fresh=yes; fi
  # v1.50 and before read the first name, later ones the second; each ignores the other.
  if MEILI_EXPERIMENTAL_DUMPLESS_UPGRADE=true MEILI_UPGRADE_DB=true try "$DB" && upgraded && { [ -z "$fresh" ] || { lost="" && complete "$counts" live; }; }; then
    stop
    mv "$dump" "$DATA/upgrade/last-dump"
    say "upgraded, and the documents are there"
    return 0
  fi
  stop
  say "the upgrade failed: $lost"
  [ -n "$fresh" ] || die "The dump from before is over an hour old, so nothing goes back to it by itself. Set search:image back to" \
    "MeiliSearch $1, or restore it: npm run search:restore -- --from $(basename "$file" .dump)"
  say "going back to the dump from before"
  if ! import dump "$file" "$counts" live; then
    # What can be read is better than nothing; what could not be upgraded is kept.
    [ -z "$lost" ] || say "the dump lacks something: $lost"
    { [ -n "$lost" ] && import dump "$file" ""; } || die "The dump from before cannot be used either: $why. Nobody is served." \
      "Restore a backup: npm run search:restore -- --from latest"
  fi
  exchange
  mv "$dump" "$DATA/upgrade/last-dump"
  rm -f "$verified"
  say "$2 runs with the data of the dump; what could not be upgraded is in $DB.replaced"
}

# Whether the dump shows what there was: a deployment that failed after it may have left it long ago.
recent() { [ -z "$(find "$DATA/upgrade/dump" -mmin +60)" ]; }

upgraded() {
  while :; do
    status=$(request GET "/tasks?types=upgradeDatabase&limit=1")
    if [ "$status" != 200 ]; then
      # It may have ended over the upgrade.
      lost="asked for it, MeiliSearch answered $status"
      return 1
    fi
    case $(field status) in
      "" | succeeded) return 0 ;;
      failed | canceled)
        lost=$(field message)
        lost=${lost%.}
        return 1
        ;;
    esac
    sleep 0.5
  done
}

# --- what is there

open() {
  mine=$(version_of_server)
  if ! [ -d "$DB" ] || [ -z "$(ls -A "$DB")" ]; then
    return 0
  elif ! [ -f "$DB/VERSION" ]; then
    die "$DB holds files, and nothing says which version of MeiliSearch made them: they are left alone." \
      "Move them away, or give the service another volume."
  fi
  theirs=$(cat "$DB/VERSION")
  if [ "$(number "$theirs")" -gt "$(number "$mine")" ]; then
    die "The data is of MeiliSearch $theirs, and this is $mine: it cannot go back. Set search:image to $theirs or later," \
      "or restore a dump that was made before: npm run search:restore -- --list"
  fi
  if [ -f "$DATA/upgrade/dump" ]; then
    # Also where an upgrade was cut off: the version is written before all is done.
    before=$(value version "$DATA/upgrade/dump")
    if [ "$(number "$before")" -lt "$(number "$mine")" ]; then upgrade "$before" "$mine"; else rm "$DATA/upgrade/dump"; fi
  elif [ "$(number "$theirs")" -lt "$(number "$mine")" ]; then
    die "The data is of MeiliSearch $theirs, this is $mine, and no dump was taken before. Set search:image back to" \
      "$theirs, deploy, and then the new one: the deployment takes the dump by itself."
  fi
}

# Dumps and imports are unpacked there: on the volume, where there is room.
rm -rf "$DATA/tmp"
mkdir -p "$DATA/tmp"
export TMPDIR="$DATA/tmp"

asked=""
if [ -f "$DATA/restore/request" ]; then asked=$(value file "$DATA/restore/request"); fi
if [ -f "$verified" ] && [ "$(cat "$verified")" != "$asked" ]; then
  # Going back to the dump was cut off. Between the two renames it is finished, before them it begins again.
  [ -d "$DB" ] || exchange
  rm -rf "$verified" "$new"
fi
if [ -f "$DATA/restore/request" ]; then restore; fi
open
trap - TERM INT
rm -f "$answer"
exec meilisearch
