#!/bin/sh
# The demo: starts a server with made-up data, sends it the two requests of an external system (the
# README shows the same), prints the answers, and runs until Ctrl-C. With --once it ends after that.
set -eu
cd "$(dirname "$0")/.."

once=no
case ${1:-} in
--once) once=yes ;;
'') ;;
*)
    echo "usage: $0 [--once]" >&2
    exit 64
    ;;
esac

work=$(mktemp -d)
server=
stop() {
    trap - EXIT INT TERM
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" || true; }
    rm -rf "$work"
}
trap stop EXIT
trap 'stop; exit 0' INT TERM

# The usual port, or any free one.
listen=127.0.0.1:8080
taken=no
if ! node -e 'require("net").createServer().once("error", () => process.exit(1))
        .listen(8080, "127.0.0.1", () => process.exit(0))'; then
    taken=yes
    listen=127.0.0.1:0
fi

"${BZCTRLD:-build/bzctrld}" demo --listen "$listen" >"$work/ready" 2>"$work/log" &
server=$!
url=
for _ in $(seq 200); do
    url=$(sed -n 's/^ready //p' "$work/ready")
    [ -z "$url" ] || break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
done
if [ -z "$url" ]; then
    echo "The demo server did not start:" >&2
    cat "$work/log" >&2
    exit 1
fi

[ "$taken" = no ] ||
    echo "Port 8080 is taken. The demo listens at $url: use this address in the commands of the README."

# What has come: the headers that matter, and the body.
show() {
    sed -n -E 's/\r$//; /^(HTTP|Location|Bzctrl-Receipt|Idempotent-Replayed)/Ip' "$work/head"
    python3 -m json.tool --no-ensure-ascii --indent 2 "$work/body"
}

cat <<END

1. An external system asks for a token:

   curl $url/bzctrl-core-api/oauth/token \\
     -d grant_type=password -d username=example@example.com --data-urlencode 'password=Ex@mpl3!'

END
curl -sS -D "$work/head" -o "$work/body" "$url/bzctrl-core-api/oauth/token" \
    -d grant_type=password -d username=example@example.com --data-urlencode 'password=Ex@mpl3!'
show
token=$(sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p' "$work/body")

cat <<END

2. It reports an incident (doc/examples/incident.json):

   curl $url/bzctrl-core-api/api/v1/task/add-task \\
     -H "Authorization: Bearer \$TOKEN" -H 'Content-Type: application/json' \\
     -H 'Idempotency-Key: claim-725462' \\
     -d @doc/examples/incident.json

END
report() {
    curl -sS -D "$work/head" -o "$work/body" "$url/bzctrl-core-api/api/v1/task/add-task" \
        -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
        -H 'Idempotency-Key: claim-725462' \
        -d @doc/examples/incident.json
    show
}
report
cat <<END

   and sends the same again, as if the answer had been lost. It is still one record:

END
report
link=$(sed -n 's/.*"taskLink" *: *"\([^"]*\)".*/\1/p' "$work/body")
[ -n "$link" ] || exit 1

cat <<END

3. A person opens the link:

   $link

   and signs in as example@example.com with the password Ex@mpl3!

What else a program can do is at $url/docs
END
[ "$once" = no ] || exit 0
cat <<END

The server runs until you press Ctrl-C, and then forgets everything. To try requests of your own, type
this in another terminal:

   TOKEN=$token
END
wait "$server" || {
    cat "$work/log" >&2
    exit 1
}
