# Asks the server beside it to stop when the certificate in the folder $1 is another one: it is then started again, and
# reads the new one. Needs nothing but a POSIX shell, cat, grep, sleep and kill.
set -eu

current() { cat "$1/tls.crt" "$1/tls.key"; }

before=$(current "$1")
trap 'exit 0' TERM
while :; do
  sleep 15 &
  wait $!
  now=$(current "$1" 2>/dev/null) || continue
  [ "$now" = "$before" ] && continue
  before=$now
  echo "The certificate was renewed: the server is asked to start again."
  for status in /proc/[0-9]*/status; do
    pid=${status#/proc/}
    pid=${pid%/status}
    # The first processes of the pod's containers have no parent here; 1 holds the pod together, and $$ is this one.
    if [ "$pid" != 1 ] && [ "$pid" != "$$" ] && grep -q '^PPid:[[:space:]]*0$' "$status"; then
      kill -TERM "$pid"
    fi
  done
done
