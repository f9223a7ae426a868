#!/bin/sh
# For cron: reports every CSV file in a drop folder: drop_folder.sh FOLDER
#
#     */5 * * * *  drop_folder.sh /var/spool/incidents
#
# Move files there by renaming them, so that none is read half-written. A file that is completely in the
# outbox moves to FOLDER/done, together with the result of each row and a file of the refused rows:
# correct that file and put it into FOLDER. (Rows that had to wait and are refused later are in
# `bzctrl outbox list --dead`.) A file that cannot be read moves to FOLDER/failed; nothing in it was
# reported. After a crash the next run continues with the same file.
set -eu
cd "$1"
mkdir -p done failed

bzctrl outbox run || true # reports left from the last run
for file in *.csv; do
    [ -e "$file" ] || continue
    code=0
    rm -f "done/$file.result" # of an earlier file with that name
    bzctrl report --batch "./$file" --results "done/$file.result" || code=$?
    case $code in
    0 | 65 | 75) ;;   # every row is acknowledged, refused, or in the outbox
    *) exit "$code" ;; # the file stays and is tried again
    esac
    folder=done
    [ -e "done/$file.result" ] || folder=failed
    mv "./$file" "$folder/"
done
