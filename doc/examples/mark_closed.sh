#!/bin/sh
# For bzctrl watch --action task.closed --exec './mark_closed.sh FILE': writes down the record of an event that comes
# on standard input, in a line: KEY Done. An event can come a second time; a record that is there already stays as it is.
set -eu
key=$(sed 's/.*"key":"\([A-Z0-9-]*\)".*/\1/')
grep -qsx "$key Done" "$1" || printf '%s Done\n' "$key" >> "$1"
