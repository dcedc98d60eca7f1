# `make` alone prints what there is to make.
# Every path here is relative, so that a clone may lie in a folder whose name has spaces.
.DEFAULT_GOAL := help
.PHONY: help deps build install uninstall demo demo-providers test faults fuzz format lint bench clean
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

CONFIGURATION ?= release
GROUP ?= all
# Where `install` puts things; DESTDIR comes before every path, for packages.
export PREFIX ?= /usr/local
export SYSCONFDIR ?= /etc
export DESTDIR
export DAY SOURCE SOURCE_LANGUAGE ALLOW_PRIVATE DRAIN

# What `format` and `lint` read.
SWIFT_FILES := $(wildcard Sources Workers Tests Package.swift)

help: ## Print this list
	@echo "ytempire: a video for every user, every day. Targets:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo "With the demo: DAY=2026-01-02 for another day; SOURCE=URL-or-path for a feed or text of your own"
	@echo "  (SOURCE_LANGUAGE=de if it is not English; ALLOW_PRIVATE=1 if it is on a private address)."
	@echo "With build: CONFIGURATION=debug. With install and uninstall: PREFIX=/usr DESTDIR=/tmp/package SYSCONFDIR=/etc."

deps: ## Install what is missing (Debian packages, by apt-get; starts no service)
	@bash Deploy/deps.sh --with-tests

build: ## Build the executables into .build/release
	@bash Deploy/deps.sh
	@[[ -d .build/$(CONFIGURATION) ]] || echo "The first build takes some minutes: it compiles the dependencies too."
	@swift build -c $(CONFIGURATION) $(if $(filter release,$(CONFIGURATION)),--static-swift-stdlib)
	@swift build --quiet -c $(CONFIGURATION) $(if $(filter release,$(CONFIGURATION)),--static-swift-stdlib) --product generate-manual

install: ## Install what `make build` has built below PREFIX (/usr/local)
	@bash Deploy/install.sh install

uninstall: ## Remove what `make install` installed; configuration and data stay
	@bash Deploy/install.sh uninstall

demo: ## Make today's videos, end to end, with servers of its own under .local/
	@bash Deploy/demo/demo.sh

demo-providers: ## The same through all real adapters, against loopback peers of the providers
	@PROVIDERS=1 bash Deploy/demo/demo.sh

test: deps ## Build in debug mode and run all tests
	@[[ -d .build/debug ]] || echo "The first build takes some minutes: it compiles the dependencies too."
	@swift build --build-tests
	@swift build --quiet --product generate-manual
	@bash Tests/run.sh

faults: deps ## Do every fault to fleets of real processes; SOAK=10m SEED=7 mixes them by time and seed
	@swift build --product FaultDrill
	@.build/debug/FaultDrill $(if $(SOAK),--soak $(SOAK) --seed $(or $(SEED),1)) $(if $(ONLY),--only '$(ONLY)')
ifeq ($(SOAK)$(ONLY),)
	@swift build --build-tests
	@UPLOAD_BYTES=2147483648 swift test --skip-build --disable-xctest --filter 'large upload'
endif

fuzz: deps ## Give damaged media files to all that opens files; SECONDS=600 SEED=7, RENDERS=500 sees whether memory stays flat
	@swift build --product MediaFuzz
	@.build/debug/MediaFuzz $(if $(RENDERS),--renders $(RENDERS),--seconds $(or $(SECONDS),60) --seed $(or $(SEED),1)) --findings .local/fuzz-findings

format: ## Rewrite the Swift files in the house format
	@swift format --in-place --parallel --recursive $(SWIFT_FILES)

lint: ## Check the Swift files' format; nothing is changed
	@swift format lint --strict --parallel --recursive $(SWIFT_FILES)

bench: deps ## Measure speed, memory and money (GROUP=queue, fleet, money or render; ONLY=queue.drain for one)
	@swift build -c release --static-swift-stdlib >&2
	@.build/release/Benchmarks --group $(GROUP) $(if $(ONLY),--only $(ONLY))

clean: ## Remove all that was built, and the demo with its videos
	@bash Deploy/demo/clean.sh
	@rm -rf .build
