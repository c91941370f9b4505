#!/usr/bin/env bash
# Keeps one open issue while prod differs from its program, with FILE as its text: drift-issue.sh FILE
# Wants GH_TOKEN and GITHUB_REPOSITORY, and drift/prod.code from previews.sh. Fails where nobody knows whether it differs.
set -euo pipefail
file=$1
code=$(cat drift/prod.code)
title="prod is not as its program says"
export GH_REPO=$GITHUB_REPOSITORY

# 0: nothing changes; 7: something does. Anything else is a preview that failed, and says nothing of prod.
if [ "$code" != 0 ] && [ "$code" != 7 ]; then
  echo "::error::The preview of prod failed (exit code $code), so that nothing is known of drift: its text is above and in the summary."
  exit 1
fi

open=$(gh issue list --state open --limit 500 --json number,title --jq ".[] | select(.title == \"$title\") | .number" | head -n 1)
if [ "$code" = 0 ]; then
  [ -z "$open" ] || gh issue close "$open" --comment "It is again."
elif [ -n "$open" ]; then
  gh issue edit "$open" --body-file "$file"
else
  gh issue create --title "$title" --body-file "$file"
fi
