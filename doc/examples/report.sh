#!/bin/sh
# Reports an incident with curl alone: report.sh REPORT.json KEY
# BZCTRL_URL, CLIENT_ID and CLIENT_SECRET name the server and the client. Use the same KEY whenever you
# send the same report, such as the number of your own record: then sending again is safe.
set -eu

url=${BZCTRL_URL:?} work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The secret goes through standard input, since other users can read command lines.
token=$(printf 'user = "%s:%s"\n' "$CLIENT_ID" "$CLIENT_SECRET" |
    curl -sS --config - --fail-with-body "$url/bzctrl-core-api/oauth/token" -d grant_type=client_credentials |
    sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')

for pause in 1 2 4 8 16 stop; do
    status=$(printf 'header = "Authorization: Bearer %s"\n' "$token" |
        curl -sS --config - -o "$work/answer" -w '%{http_code}' --max-time 30 \
            -H 'Content-Type: application/json' -H "Idempotency-Key: \"$2\"" --data-binary "@$1" \
            "$url/bzctrl-core-api/api/v1/task/add-task" || true)
    case $status in
    200 | 201)
        echo "$(sed -n 's/.*"taskLink":"\([^"]*\)".*/\1/p' "$work/answer")"
        exit 0
        ;;
    4[0-9][0-9])
        case $status in 408 | 425 | 429) ;; *)
            cat "$work/answer" >&2
            exit 65
            ;;
        esac
        ;;
    esac
    # No answer, or one that asks to try again.
    [ "$pause" = stop ] || sleep "$pause"
done
echo "not acknowledged; run it again with the same key" >&2
exit 75
