#!/bin/sh
# For cron: reports every CSV file of a drop folder: drop_folder.sh FOLDER
#
#     */5 * * * *  drop_folder.sh /var/spool/incidents
#
# Put files there by renaming them, so that none is read half-written. One that is in the outbox as a
# whole moves to FOLDER/done, with what became of each row beside it; after a crash the same file goes
# on where it ended. Rows that were refused wait in `bzctrl outbox list --dead`.
set -eu
cd "$1"
mkdir -p done

bzctrl outbox run || true # what waited since the last time
for file in *.csv; do
    [ -e "$file" ] || continue
    code=0
    bzctrl report --batch "$file" --results "done/$file.result" || code=$?
    case $code in
    0 | 65 | 75) mv "$file" "done/$file" ;; # every row is acknowledged, refused, or safe in the outbox
    *) exit "$code" ;;                      # it stays, and is tried again
    esac
done
