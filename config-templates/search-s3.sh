# S3-compatible storage with nothing but curl, for the script that stands behind this. Needs S3_ENDPOINT
# (https://host[:port]; empty: there is none), S3_REGION, S3_BUCKET, S3_PREFIX, WORK (a folder for answers), and the
# credentials: S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or files that these names with _FILE name, or S3_CREDENTIALS_FILE
# with a line for each. Keys are below S3_PREFIX. A function that fails returns 1 and has said why on standard error; S3_STATUS is
# the last answer's, 000 when there was none.
#
# curl 7.88 signs what it is given: it adds no x-amz-content-sha256, which S3 demands, and leaves the query as it is, so
# that this must be sorted and encoded. 8.x does both by itself and takes ours.

S3_EMPTY=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
: "${S3_ENDPOINT:=}" "${S3_PREFIX:=}" "${S3_RETRIES:=4}"

# s3_curl SHA256 OUTPUT PATH [options]: one request, with the SHA-256 of what it sends.
s3_curl() {
  s3_sha256=$1
  s3_output=$2
  s3_path=$3
  shift 3
  : >"$WORK/s3-answer"
  if [ -n "${S3_CREDENTIALS_FILE:-}" ]; then
    S3_ACCESS_KEY_ID=$(sed -n 1p "$S3_CREDENTIALS_FILE")
    S3_SECRET_ACCESS_KEY=$(sed -n 2p "$S3_CREDENTIALS_FILE")
  else
    if [ -n "${S3_ACCESS_KEY_ID_FILE:-}" ]; then S3_ACCESS_KEY_ID=$(cat "$S3_ACCESS_KEY_ID_FILE"); fi
    if [ -n "${S3_SECRET_ACCESS_KEY_FILE:-}" ]; then S3_SECRET_ACCESS_KEY=$(cat "$S3_SECRET_ACCESS_KEY_FILE"); fi
  fi
  # Without --fail, --retry-all-errors repeats lost connections and 5xx, but no refusal. No limit for the whole: a large
  # file takes its time, but two minutes without a byte are an end.
  s3_result=$(
    printf 'user = "%s:%s"\n' "$(s3_quoted "$S3_ACCESS_KEY_ID")" "$(s3_quoted "$S3_SECRET_ACCESS_KEY")" |
      curl --config - --silent --show-error --globoff --connect-timeout 10 --speed-limit 1 --speed-time 120 \
        --retry "$S3_RETRIES" --retry-all-errors --aws-sigv4 "aws:amz:$S3_REGION:s3" \
        --header "x-amz-content-sha256: $s3_sha256" --output "$s3_output" \
        --write-out '%{http_code} %header{content-length}' "$@" "$S3_ENDPOINT/$S3_BUCKET$s3_path" 2>"$WORK/s3-error"
  ) || s3_result=000
  S3_STATUS=${s3_result%% *}
  S3_LENGTH=${s3_result#* }
}

# For a value between double quotes in curl's configuration.
s3_quoted() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }

# s3_path_of KEY: sets S3_PATH. Keys need no encoding because others are refused.
s3_path_of() {
  S3_PATH=/${S3_PREFIX:+$S3_PREFIX/}$1
  case $S3_PATH in
    *[!A-Za-z0-9._/-]* | *//* | */ | */. | */.. | */./* | */../*)
      echo "\"${S3_PATH#/}\" cannot be a key: only A-Z, a-z, 0-9, \".\", \"_\", \"-\" and \"/\" between them are used." >&2
      return 1
      ;;
  esac
}

# s3_encoded TEXT: as a signed query has it.
s3_encoded() {
  printf '%s' "$1" | LC_ALL=C awk '
    BEGIN { for (i = 1; i < 256; i++) hex[sprintf("%c", i)] = sprintf("%%%02X", i) }
    { for (i = 1; i <= length($0); i++) { c = substr($0, i, 1); printf "%s", c ~ /[A-Za-z0-9_.~-]/ ? c : hex[c] } }'
}

# s3_xml NAME: the first element of that name in the answer.
s3_xml() {
  tr '<' '\n' <"$WORK/s3-answer" | sed -n "s/^$1>//p" | sed -n '1{s/&lt;/</g;s/&gt;/>/g;s/&quot;/"/g;s/&#34;/"/g;s/&apos;/'\''/g;s/&#39;/'\''/g;s/&amp;/\&/g;p;}'
}

# What came instead of success, as the end of a sentence without its full stop.
s3_reason() {
  if [ "$S3_STATUS" = 000 ]; then
    echo "$S3_ENDPOINT did not answer: $(sed -nE 's/^curl: \([0-9]+\) //p' "$WORK/s3-error" | tail -n 1 | sed 's/\.$//')"
    return
  fi
  s3_code=$(s3_xml Code)
  # Its first sentence: what to do about it is ours to say.
  s3_message=$(s3_xml Message | sed 's/\. .*//; s/\.$//')
  echo "status $S3_STATUS${s3_code:+, $s3_code}${s3_message:+: $s3_message}"
}

# s3_put FILE KEY [SHA256]
s3_put() {
  s3_path_of "$2" || return 1
  s3_size=$(stat -c %s "$1") || return 1
  if [ "$s3_size" -gt 5368709120 ]; then
    echo "$2 has $((s3_size / 1048576)) MiB, and S3 takes 5 GiB (5120 MiB) in one request: it cannot be copied to the bucket." >&2
    return 1
  fi
  s3_sum=${3:-$(sha256sum <"$1" | cut -d ' ' -f 1)}
  s3_curl "$s3_sum" "$WORK/s3-answer" "$S3_PATH" --upload-file "$1"
  if [ "$S3_STATUS" != 200 ]; then
    echo "S3 did not take $2: $(s3_reason)." >&2
    return 1
  fi
  s3_curl "$S3_EMPTY" /dev/null "$S3_PATH" --head
  if [ "$S3_STATUS" != 200 ]; then
    echo "S3 took $2, but does not show it: $(s3_reason)." >&2
    return 1
  fi
  if [ "$S3_LENGTH" != "$s3_size" ]; then
    echo "S3 took $2, but has ${S3_LENGTH:-an unknown number of} bytes instead of $s3_size." >&2
    return 1
  fi
}

# s3_get KEY FILE
s3_get() {
  s3_path_of "$1" || return 1
  s3_curl "$S3_EMPTY" "$2.part" "$S3_PATH"
  if [ "$S3_STATUS" = 200 ]; then
    # An empty object leaves no file.
    [ -e "$2.part" ] || : >"$2.part"
    mv "$2.part" "$2"
    return
  fi
  # An error's text came in place of the file.
  if [ "$S3_STATUS" != 000 ] && [ -e "$2.part" ]; then head -c 65536 "$2.part" >"$WORK/s3-answer"; fi
  rm -f "$2.part"
  echo "S3 did not give $1: $(s3_reason)." >&2
  return 1
}

# s3_list_sizes PREFIX: `key<TAB>bytes` lines, sorted. A page begins after the last key of the one before, not at its
# continuation token: that may have a "+", which curl 8.14 to 8.18 signs as a space (https://github.com/curl/curl/issues/20543).
s3_list_sizes() {
  s3_base=${S3_PREFIX:+$S3_PREFIX/}
  s3_prefix=$(s3_encoded "$s3_base$1")
  s3_last=""
  : >"$WORK/s3-list"
  while :; do
    s3_curl "$S3_EMPTY" "$WORK/s3-answer" "?list-type=2&prefix=$s3_prefix${s3_last:+&start-after=$(s3_encoded "$s3_last")}"
    if [ "$S3_STATUS" != 200 ]; then
      echo "S3 did not list the bucket \"$S3_BUCKET\": $(s3_reason)." >&2
      return 1
    fi
    tr '<' '\n' <"$WORK/s3-answer" | awk -F '>' -v skip="${#s3_base}" '
      $1 == "Key" { key = substr($2, skip + 1) }
      $1 == "Size" { size = $2 }
      $1 == "/Contents" { printf "%s\t%s\n", key, size }' >>"$WORK/s3-list" || return 1
    [ "$(s3_xml IsTruncated)" = true ] || break
    s3_before=$s3_last
    s3_last=$(tr '<' '\n' <"$WORK/s3-answer" | sed -n 's/^Key>//p' | tail -n 1)
    if [ "$s3_last" = "$s3_before" ]; then
      echo "S3 lists the bucket \"$S3_BUCKET\" in parts and gives the same part again." >&2
      return 1
    fi
  done
  LC_ALL=C sort "$WORK/s3-list"
}

# s3_list PREFIX: keys, one a line, sorted.
s3_list() {
  s3_listed=$(s3_list_sizes "$1") || return 1
  [ -z "$s3_listed" ] || printf '%s\n' "$s3_listed" | cut -f 1
}

# s3_delete KEY: also when it is gone already.
s3_delete() {
  s3_path_of "$1" || return 1
  s3_curl "$S3_EMPTY" "$WORK/s3-answer" "$S3_PATH" --request DELETE
  case $S3_STATUS in
    200 | 204 | 404) return ;;
  esac
  echo "S3 did not delete $1: $(s3_reason)." >&2
  return 1
}

# Whether the bucket can be listed and written, before anything long begins.
s3_check() {
  s3_query="list-type=2&max-keys=1&prefix=$(s3_encoded "${S3_PREFIX:+$S3_PREFIX/}")"
  s3_curl "$S3_EMPTY" "$WORK/s3-answer" "?$s3_query" --retry 1
  if [ "$S3_STATUS" = 200 ] && ! grep -q '<ListBucketResult' "$WORK/s3-answer"; then
    echo "What answers at $S3_ENDPOINT is not S3; correct search:backupEndpoint." >&2
    return 1
  fi
  if [ "$S3_STATUS" != 200 ]; then
    echo "The bucket \"$S3_BUCKET\" cannot be listed: $(s3_reason); $(s3_remedy)." >&2
    return 1
  fi
  s3_path_of write-check || return 1
  : >"$WORK/write-check"
  s3_curl "$S3_EMPTY" "$WORK/s3-answer" "$S3_PATH" --upload-file "$WORK/write-check" --retry 1
  if [ "$S3_STATUS" != 200 ]; then
    echo "The bucket \"$S3_BUCKET\" cannot be written: $(s3_reason); $(s3_remedy)." >&2
    return 1
  fi
  # Whoever may write and not delete is told when something has to be deleted.
  s3_curl "$S3_EMPTY" "$WORK/s3-answer" "$S3_PATH" --request DELETE
}

s3_remedy() {
  case $S3_STATUS,$(s3_xml Code) in
    000,*) echo "check search:backupEndpoint, and that this machine reaches it" ;;
    *,NoSuchBucket | 404,*) echo "create the bucket or correct search:backupBucket" ;;
    *,InvalidAccessKeyId) echo "correct search:backupAccessKeyId" ;;
    *,SignatureDoesNotMatch) echo "correct search:backupSecretAccessKey, which belongs to search:backupAccessKeyId" ;;
    *,RequestTimeTooSkewed) echo "set the clock of this machine" ;;
    3*,* | *,AuthorizationHeaderMalformed | *,InvalidRegion)
      echo "correct search:backupRegion, now \"$S3_REGION\", or search:backupEndpoint"
      ;;
    403,* | 401,*)
      echo "allow these credentials to list the bucket and to get, put and delete what is in it, or set others in search:backupAccessKeyId and search:backupSecretAccessKey"
      ;;
    *) echo "check search:backupEndpoint, search:backupBucket and search:backupRegion" ;;
  esac
}
