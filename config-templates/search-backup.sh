# One backup of MeiliSearch, made by the server itself and kept in DATA/backups, and with S3_ENDPOINT in a bucket as well.
# Runs behind search-api.sh, search-folder.sh and search-s3.sh, with a key for dumps.create, snapshots.create, tasks.get,
# stats.get and version. KINDS is "dump", "snapshot" or both, KEEP how many backups of each kind stay. May be killed at any
# point and run again.
#
# A backup is NAME.dump and NAME.snapshot, NAME.counts (documents of each index) and, last of all, NAME.sha256: without that
# it is half-made. `latest` holds the name of the last one that got everywhere.

space() {
  df -Pk "$DATA" | awk 'NR == 2 { printf "%d of %d MiB are free on its volume; ", $4 / 1024, $2 / 1024 }'
  echo "where that is too little, raise search:storage or lower search:backupKeep."
}

# Counts while the task runs: writes wait in the queue then, so that the numbers are the backup's.
await() {
  pause=0.2 polls=0
  while :; do
    expect 200 "The $kind" GET "/tasks/$task"
    case $(field status) in
      succeeded) return ;;
      failed | canceled)
        why=$(field message)
        rm -f "$folder/task-$task.note"
        die "MeiliSearch could not make the $kind: ${why:-its task was canceled.}
$(space)"
        ;;
      processing) count_once ;;
    esac
    in_time || die "The $kind is not made within $WAIT_SECONDS s. MeiliSearch goes on with it (task $task); the next backup removes it."
    sleep "$pause"
    polls=$((polls + 1))
    if [ "$polls" -ge 15 ]; then pause=2; fi
  done
}

count_once() {
  [ -z "$counted" ] || return 0
  # Asking for the numbers takes the place of the task's answer.
  cp "$answer" "$WORK/task"
  counts >"$WORK/counts"
  cp "$WORK/task" "$answer"
  counted=yes
}

make() {
  kind=$1
  began=$(date +%s)
  expect 202 "The $kind" POST "/${kind}s"
  task=$(task_uid)
  # Outlives a kill, so that the dump does not stay on the volume for good.
  field enqueuedAt >"$folder/task-$task.note"
  await
  case $kind in
    dump) made=$DATA/dumps/$(field dumpUid).dump ;;
    snapshot) made=$DATA/snapshots/data.ms.snapshot ;;
  esac
  [ -f "$made" ] || die "MeiliSearch made the $kind, and $made is not there."
  count_once
  mv "$made" "$folder/$NAME.$kind"
  rm "$folder/task-$task.note"
  echo "The $kind is made: $(($(stat -c %s "$folder/$NAME.$kind") / 1024)) KiB in $(($(date +%s) - began)) s."
}

# Removes the dumps of runs that were killed.
sweep() {
  for note in "$folder"/task-*.note; do
    [ -f "$note" ] || continue
    left=${note##*/task-}
    status=$(request GET "/tasks/${left%.note}")
    # After a restore the number may be another task's.
    if [ "$status" = 200 ] && [ "$(field enqueuedAt)" = "$(cat "$note")" ]; then
      case $(field status) in enqueued | processing) continue ;; esac
      left=$(field dumpUid)
      [ -z "$left" ] || rm -f "$DATA/dumps/$left.dump"
    elif [ "$status" != 200 ] && [ "$status" != 404 ]; then
      continue
    fi
    rm -f "$note"
  done
}

# surplus PROTECTED [young]: of the file names on standard input those of no use, in an order in which a kill on the way
# leaves half-made backups and no broken ones. With `young`, half-made ones stay that are newer than the newest complete one.
surplus() {
  sed -nE 's/^([0-9]{8}T[0-9]{6}Z-v[0-9A-Za-z.-]+)\.(dump|snapshot|counts|sha256)(\.new|\.part)?$/\1 \2\3/p' | LC_ALL=C sort -r |
    awk -v keep="$KEEP" -v protected=" $1 " -v young="${2:-}" '
      $2 ~ /\./ { print $1 "." $2; next }
      $1 != name[n] { name[++n] = $1 }
      { has[$1, $2] = 1 }
      END {
        split("sha256 dump snapshot counts", parts, " ")
        for (i = 1; i <= n; i++) {
          b = name[i]
          wanted = index(protected, " " b " ")
          if (((b, "sha256") in has) && (((b, "dump") in has) || ((b, "snapshot") in has))) {
            complete++
            for (p = 2; p <= 3; p++) if (((b, parts[p]) in has) && ++count[p] <= keep) wanted = 1
          } else if (young && !complete) wanted = 1
          if (!wanted) for (p = 1; p <= 4; p++) if ((b, parts[p]) in has) print b "." parts[p]
        }
      }'
}

# What `latest` names, and what a restore was asked for.
protected() {
  { cat "$folder/latest" "$DATA/restore/request" 2>/dev/null || :; } |
    { grep -oE '[0-9]{8}T[0-9]{6}Z-v[0-9A-Za-z.-]+' || :; } | sed -E 's/\.(dump|snapshot|counts)$//' | tr '\n' ' '
}

prune_volume() {
  # shellcheck disable=SC2012 # Nothing comes out of surplus for other names.
  ls "$folder" | surplus "$(protected)" >"$WORK/surplus"
  while read -r file; do rm -f "$folder/$file"; done <"$WORK/surplus"
  tell_removed volume
}

prune_bucket() {
  s3_list 2 >"$WORK/keys" || return
  surplus "$NAME" young <"$WORK/keys" >"$WORK/surplus"
  while read -r file; do s3_delete "$file" || return; done <"$WORK/surplus"
  tell_removed bucket
}

tell_removed() {
  [ -s "$WORK/surplus" ] || return 0
  names=$(sed -E 's/(\.new|\.part)$//; s/\.[a-z0-9]+$//' "$WORK/surplus" | sort -u | tr '\n' ' ')
  echo "Removed from the $1, too old or half-made: ${names% }"
}

# copy FILE KEY [SHA256]
copy() {
  s3_put "$@" || die "The backup $NAME is on the volume only: \"latest\" in the bucket names the one before it."
}

for kind in $KINDS; do
  case $kind in dump | snapshot) ;; *) die "KINDS has \"$kind\": it can have \"dump\" and \"snapshot\"." ;; esac
done
mkdir -p "$folder"
lock
if [ -n "$S3_ENDPOINT" ]; then s3_check || die "No backup was made."; fi

expect 200 "The version" GET /version
# As a part of a name.
version=$(field pkgVersion | tr -c 'A-Za-z0-9.\n' -)
counts >"$WORK/counts"
while
  NAME=$(date -u +%Y%m%dT%H%M%SZ)-v$version
  ls "$folder/$NAME".* >/dev/null 2>&1
do sleep 1; done
echo "Backing up MeiliSearch $version: $(awk '{ n += $2 } END { print n + 0 " documents in " NR " indexes" }' "$WORK/counts") ..."

# Already now, because it makes room.
prune_volume
counted=""
for kind in $KINDS; do make "$kind"; done
sweep
cp "$WORK/counts" "$folder/$NAME.counts" || die "$(space)"
for part in $KINDS counts; do (cd "$folder" && sha256sum "$NAME.$part"); done >"$folder/$NAME.sha256.new" || die "$(space)"
# A power cut must not leave a name without its file.
sync -f "$folder"
mv "$folder/$NAME.sha256.new" "$folder/$NAME.sha256"

if [ -n "$S3_ENDPOINT" ]; then
  echo "Copying it to the bucket \"$S3_BUCKET\" at $S3_ENDPOINT ..."
  while read -r sum file; do copy "$folder/$file" "$file" "$sum"; done <"$folder/$NAME.sha256"
  copy "$folder/$NAME.sha256" "$NAME.sha256"
else
  echo "It is on the volume of MeiliSearch only, and lost with that: search:backupEndpoint has it copied to a bucket."
fi
echo "$NAME" >"$folder/latest.new"
[ -z "$S3_ENDPOINT" ] || copy "$folder/latest.new" latest
sync -f "$folder"
mv "$folder/latest.new" "$folder/latest"

prune_volume
if [ -n "$S3_ENDPOINT" ] && ! prune_bucket; then
  echo "Old backups stay in the bucket: allow these credentials to list and delete, or let a lifecycle rule of the bucket do it." >&2
fi
echo "Backup $NAME is complete."
