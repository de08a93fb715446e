# The project's commands. Each installs what it needs and is missing, and does nothing twice; the
# work is in scripts/.
.PHONY: help serve test build model package reference bench experiments screenshots corpus heal setup clean
.DEFAULT_GOAL := help

help:
	@echo 'make serve    build the page and serve it on http://localhost:8080'
	@echo 'make test     run every check'
	@echo 'make build    build the page into dist/'
	@echo 'make model    fetch and convert the default models into models/'
	@echo 'make package  pack the npm packages into dist/npm/: the engine, and a model for each direction'
	@echo 'make reference  write docs/package/reference.md of the comments in www/package/'
	@echo 'make bench    measure side by side with other engines (ARGS="--help" tells the options)'
	@echo 'make experiments  every method of compression over its range: a table and a chart'
	@echo 'make screenshots  pictures of the states of the page, into screenshots/ (ARGS="ready offline" picks)'
	@echo 'make corpus   collect free text to learn from into corpus/, of Debian packages (about 900 MB)'
	@echo 'make heal     smaller models that have learnt again, into healed/: an hour and more (ARGS="small tiny" picks)'
	@echo 'make setup    install whatever these need, and nothing else'
	@echo 'make clean    remove everything that was made here (fetched tools and models stay cached)'

serve:
	@scripts/setup.sh page
	@scripts/model.sh
	@scripts/serve.sh

test:
	@scripts/test.sh

# Where a package was packed before, it is packed again, which needs more.
build:
	@scripts/setup.sh $(if $(wildcard dist/npm),package,page)
	@scripts/model.sh
	@scripts/build.sh

model:
	@scripts/setup.sh model
	@scripts/model.sh

package:
	@scripts/setup.sh package
	@scripts/model.sh
	@mkdir -p dist/npm
	@scripts/build.sh

reference:
	@scripts/setup.sh reference
	@scripts/reference.sh

bench:
	@scripts/setup.sh bench
	@scripts/model.sh
	@scripts/build.sh
	@bench/run.sh $(ARGS)

experiments:
	@scripts/setup.sh experiments
	@scripts/model.sh
	@bench/experiments/run.sh $(ARGS)

screenshots:
	@scripts/setup.sh screenshots
	@scripts/model.sh
	@scripts/build.sh
	@scripts/screenshots.sh $(ARGS)

corpus:
	@scripts/corpus.sh

heal:
	@scripts/setup.sh model
	@scripts/model.sh
	@scripts/heal.sh $(ARGS)

setup:
	@scripts/setup.sh test

clean:
	rm -rf dist models node_modules bench/node_modules scripts/reference/node_modules screenshots target
