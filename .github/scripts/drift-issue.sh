#!/usr/bin/env bash
# Keeps one open issue while prod differs from its program, with FILE as its text: drift-issue.sh FILE
# Wants GH_TOKEN and GITHUB_REPOSITORY, and drift/prod.code from previews.sh.
set -euo pipefail
file=$1
title="prod is not as its program says"
export GH_REPO=$GITHUB_REPOSITORY

open=$(gh issue list --state open --limit 500 --json number,title --jq ".[] | select(.title == \"$title\") | .number" | head -n 1)
if [ "$(cat drift/prod.code)" = 0 ]; then
  [ -z "$open" ] || gh issue close "$open" --comment "It is again."
elif [ -n "$open" ]; then
  gh issue edit "$open" --body-file "$file"
else
  gh issue create --title "$title" --body-file "$file"
fi
