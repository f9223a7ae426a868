# The front door. On a fresh Debian 12 or 13 with git and make, `make demo` and `make test` do all that is
# needed, packages included. meson and ninja build; this file only calls them in the right order.

BUILD := build
ARGS  :=
NPM   := npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

# What becomes part of the server beside the web app.
EMBEDDED := web/dist/openapi.json web/dist/docs.html

.DEFAULT_GOAL := all
.PHONY: all run demo test bench bench-full bench-postgres bench-client bench-follow-up bench-webhooks bench-reminders bench-desk screenshots fuzz soak check format install clean help \
        need-build need-test need-bench need-check npm-tests

all: $(BUILD)/build.ninja ## Build everything into build/; the server is build/bzctrld
	@ninja -C $(BUILD)

run: $(BUILD)/build.ninja ## Run a server on the data folder ./data (ARGS="--listen 127.0.0.1:9000" …)
	@ninja -C $(BUILD) bzctrld
	$(BUILD)/bzctrld serve --data data $(ARGS)

demo: $(BUILD)/build.ninja ## Start a demo server and send it the two requests of the README (ARGS=--once: and stop)
	@ninja -C $(BUILD) bzctrld
	@tools/demo.sh $(ARGS)

test: need-test all npm-tests ## Run every test; the last line says how many passed and failed
	@node tests/run.mjs --build $(BUILD) $(ARGS)

bench: need-bench all npm-tests ## Measure: ratios to the bare limits of this machine, in one table
	@node bench/run.mjs --build $(BUILD) $(ARGS)

bench-full: need-bench all npm-tests ## The same, also with 5 million tasks stored
	@node bench/run.mjs --build $(BUILD) --full $(ARGS)

bench-postgres: need-bench all npm-tests ## The same on a PostgreSQL of its own, and two nodes on one database
	@node bench/run.mjs --build $(BUILD) --postgres $(ARGS)

bench-client: need-bench all npm-tests ## What reporting costs on the client's side
	@node bench/client.mjs --build $(BUILD) $(ARGS)

bench-follow-up: need-bench all npm-tests ## What lists of a million records cost, and what their index costs the intake
	@node bench/follow_up.mjs --build $(BUILD) $(ARGS)

bench-webhooks: need-bench all npm-tests ## How soon 1,000 receivers of webhooks hear of a record while 100 of them hang
	@node bench/webhooks.mjs $(ARGS)

bench-reminders: need-bench all npm-tests ## What the intake notices of 100 thousand reminders that are due at once
	@node bench/reminders.mjs $(ARGS)

bench-desk: need-bench need-test all npm-tests ## What people wait for in the web app, in Chromium, against 100 thousand records
	@node bench/desk.mjs --build $(BUILD) $(ARGS)

screenshots: need-test all npm-tests ## Pictures of the web app's main pages on the demo's data, into doc/pictures
	@node tools/screenshots.mjs --build $(BUILD) $(ARGS)

fuzz: need-test $(EMBEDDED) ## Fuzz every parser, SECONDS=60 each
	@tools/fuzz.sh $(or $(SECONDS),60)

soak: need-test all npm-tests ## 2,000 kills and reports through chaos (ROUNDS=), 10,000 power cuts (CUTS=), 100 failovers (FAILOVERS=)
	@ROUNDS=$(or $(ROUNDS),2000) STRIDE=1 CUTS=$(or $(CUTS),10000) \
	    BZCTRL_FAILOVER_ROUNDS=$(or $(FAILOVERS),100) \
	    node tests/run.mjs --build $(BUILD) --limit 86400 tests/fault/kill fault/power_loss fault/failover client/chaos client/library

check: need-check all npm-tests ## Format, clang-tidy, the rules of the rooms, the API document
	@tests/check/all.sh $(BUILD)

format: need-check ## Format the C sources in place
	@git ls-files -co --exclude-standard -- '*.c' '*.h' | xargs clang-format-19 -i

install: all ## Install under PREFIX (/usr/local), or DESTDIR of a package
	@meson configure $(BUILD) --prefix $(or $(PREFIX),/usr/local)
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD)

clean: ## Remove what was built; data/ and node_modules/ stay
	rm -rf $(BUILD) build-* web/dist

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- what must be there first ----

need-build need-test need-bench need-check:
	@tools/need.sh $(@:need-%=%)

# npm writes this file at the end of an installation.
%/node_modules/.package-lock.json: %/package-lock.json %/package.json | need-build
	cd $* && $(NPM)
	@touch $@

npm-tests: tests/node_modules/.package-lock.json

WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/src/generated -prune -o -type f -print)

web/dist/index.html: $(WEB_SOURCES) web/node_modules/.package-lock.json | need-build
	cd web && npm run --silent build
	@touch $@

web/dist/openapi.json: api/openapi.yaml tools/openapi.mjs web/dist/index.html
	node tools/openapi.mjs api/openapi.yaml $@

web/dist/docs.html: api/openapi.yaml src/api/routes.def tools/api-page.mjs tools/api-curl.mjs tools/api-schema.mjs tools/html.mjs web/dist/index.html
	node tools/api-page.mjs api/openapi.yaml src/api/routes.def $@

# Configured once; after that ninja itself sees what changed.
$(BUILD)/build.ninja: | need-build $(EMBEDDED)
	meson setup $(BUILD)
