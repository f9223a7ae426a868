#!/usr/bin/env python3
"""Reports an incident with Python's standard library: report.py REPORT.json KEY

BZCTRL_URL, CLIENT_ID and CLIENT_SECRET name the server and the client. Use the same KEY whenever you send
the same report, such as the number of your own record: then sending again is safe.
"""
import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = os.environ["BZCTRL_URL"] + "/bzctrl-core-api"
AGAIN = {408, 425, 429, 500, 502, 503, 504}


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token must not be sent to another host."""

    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(NoRedirect)


def post(path, body, headers):
    """Returns the answer's JSON; retries after errors of the network or the server."""
    for pause in (1, 2, 4, 8, 16, None):
        try:
            request = urllib.request.Request(URL + path, body, headers)
            with opener.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in AGAIN:
                sys.stderr.write(error.read().decode(errors="replace") + "\n")
                sys.exit(65)
            pause = pause and float(error.headers.get("Retry-After") or pause)
        except (OSError, ValueError):
            pass
        if pause is None:
            sys.stderr.write("not acknowledged; run it again with the same key\n")
            sys.exit(75)
        time.sleep(pause)


def main():
    report, key = sys.argv[1:]
    secret = f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}".encode()
    token = post("/oauth/token", b"grant_type=client_credentials",
                 {"Authorization": "Basic " + base64.b64encode(secret).decode()})["access_token"]
    with open(report, "rb") as file:
        answer = post("/api/v1/task/add-task", file.read(), {
            "Authorization": "Bearer " + token,
            "Content-Type": "application/json",
            "Idempotency-Key": f'"{key}"',
        })
    print(answer["taskLink"])


main()
