# ocr-relay: what can be done here. `make help` prints this list.
.DEFAULT_GOAL := help
.PHONY: help demo up down build test check lint format clean

SWIFT_FILES := Package.swift Sources Tests
SCRIPTS := $(wildcard docker/dev/*.sh) .ci/run

help: ## Print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{ printf "make %-8s %s\n", $$1, $$2 }'

demo: ## See it work: a broker, two relays, made-up documents; everything is stopped at the end
	@docker/dev/demo.sh run

up: ## Start broker, sandbox and two relays, and leave them running
	@docker/dev/demo.sh up

down: ## Stop what `make up` started
	@docker/dev/demo.sh down

build: ## Compile everything
	@docker/dev/setup.sh build
	swift build

test: ## Run all tests
	@docker/dev/setup.sh test
	swift test --disable-xctest

check: lint ## Run what is quick: format, and all tests but those with real brokers
	@docker/dev/setup.sh test
	swift test --disable-xctest --skip IntegrationTests --skip AMQPTests

lint: ## Check format and shell syntax
	swift format lint --strict --recursive $(SWIFT_FILES)
	@for script in $(SCRIPTS); do bash -n "$$script" || exit 1; done

format: ## Format all Swift files
	swift format --in-place --recursive $(SWIFT_FILES)

clean: ## Stop what `make up` started and delete what was built
	@docker/dev/demo.sh down
	rm -rf .build
