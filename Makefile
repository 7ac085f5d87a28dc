# ocr-relay: what can be done here. `make help` prints this list.
.DEFAULT_GOAL := help
.PHONY: help demo up down build test check lint format clean interop load dead console oncall chaos simulate crash-matrix poison failing-programs mixed hostile codes levels sdk rate tokens canary signing limiter allocations microbench bench bench-check shared-state floor programs release monitoring-check deployment-check traces image-check order

SWIFT_FILES := Package.swift Sources Tests
SCRIPTS := $(wildcard docker/dev/*.sh docker/release/*.sh Sources/Benchmarks/*/*.sh Tests/Proofs/*.sh) .ci/run

help: ## Print this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{ printf "make %-12s %s\n", $$1, $$2 }'

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

interop: programs ## Prove: clients that know nothing of us get their replies
	@Tests/Proofs/environment.sh interop.py --rounds 10

load: programs ## Prove: 20,000 small and 200 large requests, each answered exactly once
	@Tests/Proofs/environment.sh load.py

shared-state: programs ## Prove: Redis in any kind of trouble fails no request and is told once
	@Tests/Proofs/environment.sh shared_state.py

dead: programs ## Prove: 100,000 dead letters are counted within 10 seconds, in constant memory, unchanged
	@Tests/Proofs/environment.sh dead.py

console: programs ## Prove: every page and action of the console in a browser, and 200 attacks on it (needs Chromium)
	@docker/dev/setup.sh browser
	@Tests/Proofs/environment.sh console.py

oncall: programs ## Prove: 400 failures of six kinds are put right with `ocr-relay dead` alone, or on pages alone
	@Tests/Proofs/environment.sh oncall.py
	@Tests/Proofs/environment.sh oncall.py --with console

chaos: programs ## Prove: nothing is lost when brokers stop and relays are killed
	@Tests/Proofs/environment.sh chaos.py

simulate: ## Prove: a million drawn runs of relays and broker keep every promise
	swift build -c release --product relay-simulator
	@.build/release/relay-simulator --seeds 1000000

crash-matrix: failing-programs ## Prove: nothing is lost when a relay dies at any step of a request
	@PROOFS_PROGRAMS=.build/failpoints/release Tests/Proofs/environment.sh crashes.py

poison: failing-programs ## Prove: ten messages that kill every relay end alone among 10,000 others
	@PROOFS_PROGRAMS=.build/failpoints/release Tests/Proofs/environment.sh poison.py

failing-programs:
	@docker/dev/setup.sh test
	OCR_RELAY_FAILPOINTS=1 swift build -c release --scratch-path .build/failpoints --product ocr-relay

mixed: programs ## Prove: 200,000 requests over 40 faults of every kind, nothing lost
	@Tests/Proofs/environment.sh mixed.py

hostile: programs ## Prove: hostile messages hurt nobody but themselves
	@Tests/Proofs/environment.sh hostile.py

codes: programs ## Prove: each error code costs as many calls as the table says
	@Tests/Proofs/environment.sh codes.py

sdk: programs ## Prove: the vendor's client library and the relay take each other's signatures
	@Tests/Proofs/environment.sh sdk.py

tokens: programs ## Prove: many relays log in once, renew once, and never lock the account
	@Tests/Proofs/environment.sh tokens.py --store file
	@Tests/Proofs/environment.sh tokens.py --store redis

canary: programs ## Prove: no secret of a whole run is seen in logs, metrics, queues, Redis or process arguments
	@Tests/Proofs/environment.sh canary.py

signing: ## Measure: signing a body of 10 MB costs at most 1.2 times its plain SHA-256
	@OCR_RELAY_BENCHMARKS=1 swift build -c release --scratch-path .build/benchmarks --product signing-benchmark
	@.build/benchmarks/release/signing-benchmark

limiter: ## Measure: a request costs the limiter at most 1 us of CPU, 3 us with Redis, at 10,000 a second
	@OCR_RELAY_BENCHMARKS=1 swift build -c release --scratch-path .build/benchmarks --product limiter-benchmark
	@Tests/Proofs/limiter.sh .build/benchmarks/release/limiter-benchmark

allocations: programs ## Measure: what a relay allocates for each message; SITES=22 shows where
	@Tests/Proofs/environment.sh allocations.py --sites $(or $(SITES),0)

microbench: ## Check what the steps of the hot path allocate, and see what CPU they take
	@OCR_RELAY_BENCHMARKS=1 swift build -c release --scratch-path .build/microbench --product hot-path-benchmark -Xswiftc -enable-testing
	@.build/microbench/release/hot-path-benchmark

bench: release ## Measure the service against a minimal C worker, about 40 minutes; OPTIONS="--sizes-kib 1 --pairs 3" for less
	@docker/dev/setup.sh test
	@PROOFS_PROGRAMS=$(or $(PROOFS_PROGRAMS),.build/deploy) Tests/Proofs/environment.sh bench.py $(OPTIONS)

bench-check: ## Check that the benchmark does its work, with the program of `swift build`; no figure counts
	@PROOFS_PROGRAMS=$(or $(PROOFS_PROGRAMS),.build/debug) Tests/Proofs/environment.sh bench.py --short

order: ## Renew the order of functions in the deployment build, after the hot path has changed (needs valgrind)
	@docker/dev/setup.sh test
	@RELEASE_MAP=$(CURDIR)/.build/deploy/ocr-relay.map docker/release/build.sh
	@Tests/Proofs/environment.sh order.py --program .build/deploy/release/ocr-relay --map .build/deploy/ocr-relay.map

levels: programs ## Prove: ten thousand long waits do not delay a short one
	@Tests/Proofs/environment.sh levels.py

rate: programs ## Prove: many relays keep one limit, also without Redis, and a flood delays nobody else
	@Tests/Proofs/environment.sh rate.py
	@Tests/Proofs/environment.sh fairness.py

floor: programs release ## Measure against the least possible cost: make floor HARNESS=/path/to/bench.py
	@Tests/Proofs/floor.sh

programs:
	@docker/dev/setup.sh test
	@for product in ocr-relay ocr-relay-console ocr-sandbox; do swift build -c release --product $$product || exit 1; done
	@! grep -q OCR_RELAY_FAILPOINT .build/release/ocr-relay || { echo "a release program has failpoints" >&2; exit 1; }

release: ## Build for deployment: ocr-relay and ocr-relay-console in .build/deploy, need no Swift, keep less in memory
	@docker/release/build.sh

monitoring-check: ## Check alert rules, their tests and the systemd units (needs promtool: apt-get install prometheus)
	promtool check config docker/prometheus/prometheus.yml
	promtool test rules docker/prometheus/alerts.test.yaml
	@for unit in docker/systemd/*.service; do \
	  systemd-analyze security --offline=true --threshold=15 $$unit >/dev/null || { echo "$$unit is not hardened" >&2; exit 1; }; \
	done

deployment-check: ## Check compose.yaml, the Kubernetes manifests and the KEDA resources by their schemas
	@Tests/Proofs/environment.sh deployment.py

traces: programs ## Prove: spans are what OpenTelemetry defines, tell nothing secret, and delay nothing
	@Tests/Proofs/environment.sh traces.py

image-check: release ## Replay docker/Dockerfile in a Debian root without Docker (root, debootstrap)
	docker/image_check.py --program .build/deploy/ocr-relay
	docker/image_check.py --program .build/deploy/ocr-relay --stage console

lint: ## Check format and shell syntax
	swift format lint --strict --recursive $(SWIFT_FILES)
	@for script in $(SCRIPTS); do bash -n "$$script" || exit 1; done

format: ## Format all Swift files
	swift format --in-place --recursive $(SWIFT_FILES)

clean: ## Stop what `make up` started and delete what was built
	@docker/dev/demo.sh down
	rm -rf .build
