#!/bin/sh
# Makes a man page: manual.sh SOURCE SETTINGS-TABLE OUT. "@SETTINGS@" becomes the table's settings.
set -eu
python3 - "$1" "$2" <<'END' | scdoc >"$3"
import re, sys
page, table = (open(name, encoding="utf-8").read() for name in sys.argv[1:])
rows = re.findall(r'SETTING\(\w+,\s*"([^"]*)",\s*\w+,\s*"([^"]*)",\s*"([^"]*)"\)', table)
text = "\n\n".join(f"*{name}*\n\t{meaning}{f' ({standard})' if standard else ''}" for name, standard, meaning in rows)
print(page.replace("@SETTINGS@", text), end="")
END
