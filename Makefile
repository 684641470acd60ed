# Everything a developer types. The work is done by the scripts in sandbox/stack.
NAME ?= local
HISTORIES ?= 1000000
SECONDS ?= 60
CASES ?= 10000
ORDERS ?= 10000
ARCHITECTURE ?= x86_64

export PYTHONPATH := sandbox
export PYTHONUNBUFFERED := 1
export PYTHONDONTWRITEBYTECODE := 1

stack := .local/venv-tools/bin/python -m stack --name $(NAME)

.DEFAULT_GOAL := help
.PHONY: help demo up down check test soak fuzz audit bench invoke events logs watch base-image package pictures clean tools

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: tools ## Walk an order from SmartRecruiters to a score on a local stack (KEEP=1 leaves the stack up)
	@$(stack) demo

up: tools ## Start a local stack and leave it up (NAME=x for a second one)
	@$(stack) up

down: tools ## End the local stack
	@$(stack) down

check: tools ## Formatting, lints and unit tests: the quick round
	@$(stack) check

test: tools ## All checks and tests, on a local stack of their own
	@$(stack) test

soak: tools ## Hours of simulation, fuzzing and a storm: HISTORIES=1000000 SECONDS=60 CASES=10000 ORDERS=10000
	@$(stack) soak $(HISTORIES) $(SECONDS) $(CASES) $(ORDERS)

fuzz: tools ## Coverage-guided fuzzing of what reads outside bytes, each for SECONDS=60
	@$(stack) fuzz $(SECONDS)

bench: tools ## Measure the functions beside an empty one and beside others' way of writing them (QUICK=1 for a first look)
	@PYTHONPATH=bench:sandbox .local/venv-tools/bin/python -m harness $(if $(QUICK),run --quick,all)

audit: tools ## Licences, advisories, template rules and secrets; every examiner must find what is planted
	@$(stack) audit

invoke: tools ## Run one function by sam local invoke: F=OrdersFunction E=events/orders/x.json
	@$(stack) invoke $(F) $(E)

events: tools ## Make the payloads in events/ anew from the contracts
	@$(stack) events

logs: tools ## Follow what all functions of the local stack log (ARGS=--help says what else)
	@$(stack) logs $(ARGS)

watch: tools ## Rebuild what changes and swap it into the local stack, until Ctrl-C
	@$(stack) watch

base-image: tools ## Provide the Docker image of sam local invoke: pulled, or made where none can be pulled
	@$(stack) base-image

package: tools ## Build the functions for AWS, with their lists of parts and checksums (ARCHITECTURE=arm64)
	@$(stack) package $(ARCHITECTURE)

pictures: tools ## Take the README's pictures anew from the browser tests
	@$(stack) pictures

clean: tools ## End every local stack, remove what was installed and built (not target/)
	@$(stack) clean

tools:
	@python3 -m stack.tools
