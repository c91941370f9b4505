# Has the server beside it take the certificate in the folder $1 when that is another one. $2 says how: by a "reload", or
# by a "restart": it is asked to stop, so that it is started again, and after $3 seconds to stop at once. Needs nothing
# but a POSIX shell, cat, grep, sleep and kill.
set -eu
folder=$1 renewal=$2 grace=$3

# In the background, so that TERM ends it.
pause() {
  sleep "$1" &
  wait $!
}

both() { cat "$folder/tls.crt" "$folder/tls.key"; }

# The folder may change between its two files: what is read twice is what there is.
current() {
  once=$(both) && again=$(both) && [ "$once" = "$again" ] && echo "$once"
}

# The first processes of the pod's containers have no parent here, their workers have one; 1 holds the pod together, and
# $$ is this one.
is_server() { [ "$1" != 1 ] && [ "$1" != "$$" ] && grep -qs '^PPid:[[:space:]]*0$' "/proc/$1/status"; }

servers() {
  for process in /proc/[0-9]*; do
    if is_server "${process#/proc/}"; then echo "${process#/proc/}"; fi
  done
}

# One that has gone in the meantime needs no signal.
signal() {
  name=$1
  shift
  for pid; do
    if is_server "$pid"; then kill -s "$name" "$pid" || :; fi
  done
}

any_left() {
  for pid; do
    if is_server "$pid"; then return 0; fi
  done
  return 1
}

restart() {
  signal TERM "$@"
  left=$grace
  while [ "$left" -gt 0 ] && any_left "$@"; do
    step=$((left < 5 ? left : 5))
    pause "$step"
    left=$((left - step))
  done
  if any_left "$@"; then
    echo "It still serves after $grace s: it is asked to stop at once."
    signal TERM "$@"
  fi
}

trap 'exit 0' TERM
until before=$(current); do pause 5; done
while :; do
  pause 15
  now=$(current 2>/dev/null) || continue
  [ "$now" = "$before" ] && continue
  before=$now
  echo "The certificate was renewed: the server is asked to $renewal."
  # shellcheck disable=SC2046 # Numbers, as many as there are.
  case $renewal in
    reload) signal HUP $(servers) ;;
    restart) restart $(servers) ;;
  esac
done
