# The folder of backups on the volume, for those who work in it: search-backup.sh, which also removes what is too old, and
# search-fetch.sh. Needs DATA.
folder=$DATA/backups
WORK=$(mktemp -d)
trap 'rm -rf "$WORK" "$answer"' EXIT
trap 'exit 143' TERM INT

# Of two runs on one volume the second waits. The kernel lets go of the lock when its holder is gone, however it went.
lock() {
  exec 9>"$folder/.lock"
  told=""
  until flock -n 9 2>"$WORK/error"; do
    [ ! -s "$WORK/error" ] || die "The volume of MeiliSearch cannot be locked: $(cat "$WORK/error")"
    in_time || die "Another backup or restore still works on this volume after $WAIT_SECONDS s: nothing was done."
    [ -n "$told" ] || echo "Another backup or restore works on this volume; waiting for it ..."
    told=yes
    sleep 1
  done
}
