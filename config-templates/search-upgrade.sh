# Before a server of another version takes over: a dump by the one that runs. It sees the volume, and is the new
# version itself. Runs behind search-api.sh, with the master key.
DB=$DATA/data.ms

mine=$(version_of_server)
if ! [ -d "$DB" ] || [ -z "$(ls -A "$DB")" ]; then
  echo "There is no data yet."
  exit 0
fi
[ -f "$DB/VERSION" ] || die "$DB holds files, and nothing says which version of MeiliSearch made them: they are left alone." \
  "Move them away, or give the service another volume."
theirs=$(cat "$DB/VERSION")
if [ "$(number "$theirs")" -eq "$(number "$mine")" ]; then
  echo "The data is of MeiliSearch $theirs already."
  exit 0
fi
[ "$(number "$theirs")" -lt "$(number "$mine")" ] ||
  die "The data is of MeiliSearch $theirs, and search:image is $mine: it cannot go back. Set search:image to $theirs or" \
    "later, or restore a dump that was made before: npm run search:restore -- --list"

echo "MeiliSearch $theirs becomes $mine: a dump comes first."
until curl --silent --fail --output /dev/null --max-time 5 "$SEARCH_URL/health"; do
  in_time || die "MeiliSearch $theirs does not answer at $SEARCH_URL, and only it can make the dump that comes before an" \
    "upgrade. Set search:image back to $theirs, deploy until it is healthy, and upgrade then."
  sleep 0.5
done
status=$(request GET /version)
[ "$status" != 403 ] || die "MeiliSearch $theirs does not know the master key. Change the key and the version one after the other."
mkdir -p "$DATA/backups" "$DATA/upgrade"
before=$DATA/upgrade/counts
note=$DATA/upgrade/task
WAIT_SECONDS=$DUMP_SECONDS
waits_until=$(($(date +%s) + WAIT_SECONDS))

# A dump that an earlier run did not wait for: still being made it is as good as a new one, and else only takes room.
task=""
if [ -s "$note" ] && [ -s "$before" ] && [ "$(request GET "/tasks/$(cat "$note")")" = 200 ]; then
  # After a restore the number may be another task's.
  case "$(field type) $(field status)" in
    "dumpCreation enqueued" | "dumpCreation processing")
      task=$(cat "$note")
      echo "The dump that was begun before is waited for (task $task)."
      ;;
    "dumpCreation succeeded") rm -f "$DATA/dumps/$(field dumpUid).dump" ;;
  esac
fi
if [ -z "$task" ]; then
  counts >"$before"
  expect 202 "The dump" POST /dumps
  task=$(task_uid)
  echo "$task" >"$note"
fi
finish "$task" "The dump"
name=$(field dumpUid)
# What the app adds or deletes meanwhile must not be missed: the lower of two numbers is.
counts >"$DATA/upgrade/counts-after"
file=$DATA/backups/before-v$mine-$name
awk -F '\t' 'NR == FNR { after[$1] = $2; next } $1 in after { print $1 "\t" ($2 < after[$1] ? $2 : after[$1]) }' \
  "$DATA/upgrade/counts-after" "$before" >"$file.counts"
mv "$DATA/dumps/$name.dump" "$file.dump"
rm -f "$note" "$before" "$DATA/upgrade/counts-after"
printf 'version=%s\nfile=%s\ncounts=%s\n' "$theirs" "$file.dump" "$file.counts" >"$DATA/upgrade/dump.new"
mv "$DATA/upgrade/dump.new" "$DATA/upgrade/dump"
# Two upgrades back is enough. Whatever the clock says, this one stays.
# shellcheck disable=SC2010,SC2012 # These names are of letters, digits, dots and dashes.
ls -t "$DATA"/backups/before-*.dump | grep -vxF "$file.dump" | tail -n +2 | while read -r old; do rm -f "$old" "${old%.dump}.counts"; done
echo "The dump is at $file.dump, with $(wc -l <"$file.counts" | tr -d ' ') indexes."
