#!/usr/bin/env bash
# Writes FILE as this pull request's comment, in place of what an earlier run wrote: comment.sh FILE
# Wants GH_TOKEN, GITHUB_REPOSITORY and the pull request's number in PULL.
set -euo pipefail
file=$1
comments="repos/$GITHUB_REPOSITORY/issues"

# The mark is the first line that preview-report.ts writes.
mine='.[] | select(.user.login == "github-actions[bot]" and (.body | startswith("<!-- preview -->"))) | .id'
earlier=$(gh api --paginate "$comments/$PULL/comments" --jq "$mine" | head -n 1)
if [ -n "$earlier" ]; then
  gh api --silent --method PATCH "$comments/comments/$earlier" --field "body=@$file"
else
  gh api --silent --method POST "$comments/$PULL/comments" --field "body=@$file"
fi
