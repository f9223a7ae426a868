#!/bin/sh
# For cron: reports every CSV file of a drop folder: drop_folder.sh FOLDER
#
#     */5 * * * *  drop_folder.sh /var/spool/incidents
#
# Put files there by renaming them, so that none is read half-written. One that is in the outbox as a
# whole moves to FOLDER/done, with what became of each row beside it, and the rows that were refused in
# a file of their own: correct that and put it into FOLDER. (Rows that had to wait and are refused later
# are in `bzctrl outbox list --dead`.) A file that cannot be read, of which nothing
# was taken, moves to FOLDER/failed. After a crash the same file goes on where it ended.
set -eu
cd "$1"
mkdir -p done failed

bzctrl outbox run || true # what waited since the last time
for file in *.csv; do
    [ -e "$file" ] || continue
    code=0
    rm -f "done/$file.result" # of an earlier file of that name
    bzctrl report --batch "./$file" --results "done/$file.result" || code=$?
    case $code in
    0 | 65 | 75) ;;   # every row is acknowledged, refused, or safe in the outbox
    *) exit "$code" ;; # it stays, and is tried again
    esac
    folder=done
    [ -e "done/$file.result" ] || folder=failed
    mv "./$file" "$folder/"
done
