# Brings a backup for a restore and asks for that: search-start.sh finds DATA/restore/request. FROM is the name of a backup,
# with or without .dump or .snapshot, `latest`, or `list`, which only shows what there is. What is not in DATA/backups comes
# from the bucket, where there is one. Runs behind search-api.sh, search-folder.sh and search-s3.sh.
shape='[0-9]{8}T[0-9]{6}Z-v[0-9A-Za-z.-]+'

# `file<TAB>bytes<TAB>place` lines, the newest first. Of our own backups the complete ones; other files on the volume, such
# as the dump before an upgrade, as they are.
inventory() {
  for path in "$folder"/*; do
    [ ! -f "$path" ] || printf '%s\t%s\tvolume\n' "${path##*/}" "$(stat -c %s "$path")"
  done >"$WORK/files"
  if [ -n "$S3_ENDPOINT" ]; then
    s3_list_sizes 2 >"$WORK/keys" || echo "What is in the bucket is not shown." >&2
    awk '{ print $0 "\tbucket" }' "$WORK/keys" >>"$WORK/files"
  fi
  LC_ALL=C sort -r "$WORK/files" | awk -F '\t' '
    $1 ~ /[^A-Za-z0-9._-]/ || $1 !~ /\.(dump|snapshot|sha256)$/ { next }
    { name = $1; sub(/\.[a-z0-9]+$/, "", name) }
    $1 ~ /\.sha256$/ { complete[name, $3] = 1; next }
    { line[++n] = $0; of[n] = name; place[n] = $3 }
    END {
      for (i = 1; i <= n; i++)
        if (((of[i], place[i]) in complete) || (place[i] == "volume" && of[i] !~ /^[0-9]+T[0-9]+Z-v/)) print line[i]
    }'
}

# For people: a line for each file.
list() {
  inventory | awk -F '\t' '
    $1 != file { if (file) print show; file = $1; show = sprintf("%-42s %10.1f MiB  %s", $1, $2 / 1048576, $3); next }
    { show = show " and " $3 }
    END { if (file) print show; else print "There are no backups." }'
}

there_are() {
  found=$(inventory | cut -f 1 | uniq | tr '\n' ' ')
  if [ -n "$found" ]; then echo "There are: ${found% }"; else echo "There are none."; fi
}

# The newer of the volume's and the bucket's: a run may have been killed between the two.
latest() {
  if [ -f "$folder/latest" ]; then cat "$folder/latest"; fi >"$WORK/latest"
  if [ -n "$S3_ENDPOINT" ]; then
    if s3_get latest "$WORK/bucket-latest"; then
      cat "$WORK/bucket-latest" >>"$WORK/latest"
    elif [ -s "$WORK/latest" ]; then
      echo "Only the volume is looked at." >&2
    fi
  fi
  { grep -xE "$shape" "$WORK/latest" || :; } | LC_ALL=C sort | tail -n 1
}

# sound FILE: whether it is what the checksums say.
sound() {
  sum=$(awk -v file="$1" '$2 == file { print $1 }' "$WORK/sha256")
  [ -n "$sum" ] && [ "$(sha256sum <"$folder/$1" | cut -d ' ' -f 1)" = "$sum" ]
}

# Sets `file` to one on the volume.
on_volume() {
  ours=$(echo "$name" | grep -xE "$shape" || :)
  if [ -f "$folder/$name.sha256" ]; then cp "$folder/$name.sha256" "$WORK/sha256"; elif [ -n "$ours" ]; then return 1; fi
  for kind in $kinds; do
    file=$name.$kind
    [ -f "$folder/$file" ] || continue
    if [ -z "$ours" ] || sound "$file"; then return 0; fi
    echo "$file on the volume is damaged: its SHA-256 is not the one that it was made with." >&2
  done
  return 1
}

# Sets `file` to one that it brings to the volume. The checksums come last: with them a backup counts as complete.
from_bucket() {
  [ -n "$S3_ENDPOINT" ] || return 1
  if ! s3_get "$name.sha256" "$WORK/sha256" 2>"$WORK/error"; then
    [ "$S3_STATUS" = 404 ] || cat "$WORK/error" >&2
    return 1
  fi
  for kind in $kinds; do
    file=$name.$kind
    grep -q "  $file\$" "$WORK/sha256" || continue
    echo "Fetching $file from the bucket \"$S3_BUCKET\" at $S3_ENDPOINT ..."
    bring "$name.counts"
    bring "$file"
    cp "$WORK/sha256" "$folder/$name.sha256.new"
    mv "$folder/$name.sha256.new" "$folder/$name.sha256"
    return 0
  done
  return 1
}

bring() {
  s3_get "$1" "$folder/$1" || die "$(df -Pk "$DATA" | awk 'NR == 2 { print int($4 / 1024) }') MiB are free on the volume of MeiliSearch."
  sound "$1" && return
  rm -f "$folder/$1"
  die "$1 in the bucket is damaged: its SHA-256 is not the one that it was made with."
}

mkdir -p "$folder" "$DATA/restore"
if [ "$FROM" = list ]; then
  list
  exit
fi
lock
kinds="dump snapshot"
name=$FROM
case $FROM in
  latest)
    name=$(latest)
    [ -n "$name" ] || die "There is no \"latest\" backup yet. $(there_are)"
    ;;
  *.dump | *.snapshot)
    kinds=${FROM##*.}
    name=${FROM%.*}
    ;;
esac
case $name in *[!A-Za-z0-9._-]*) die "\"$FROM\" cannot be a backup's name. $(there_are)" ;; esac
on_volume || from_bucket || die "There is no usable backup \"$FROM\". $(there_are)"

expected=$folder/$name.counts
[ -f "$expected" ] || expected=""
id=$(date -u +%Y%m%dT%H%M%SZ)-$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
printf 'id=%s\nkind=%s\nfile=%s\ncounts=%s\n' "$id" "${file##*.}" "$folder/$file" "$expected" >"$DATA/restore/request.new"
sync -f "$folder"
mv "$DATA/restore/request.new" "$DATA/restore/request"
echo "$file is on the volume."
echo "Restore $id is requested."
