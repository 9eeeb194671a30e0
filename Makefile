# Passes on to tasks.py, which Windows users call themselves: python tasks.py build
PYTHON ?= python3
ARGS ?=
CHORES := build test lab bundle lint tidy types unit notebooks gallery soak clean

.PHONY: help $(CHORES)
.DEFAULT_GOAL := help

help:
	@$(PYTHON) tasks.py help

$(CHORES):
	@$(PYTHON) tasks.py $@ $(ARGS)
