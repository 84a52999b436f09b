#!/bin/sh
# Makes the namespace; closed workflows are kept for 30 days, as in the embedded stack.
set -eu
temporal operator namespace describe --namespace default >/dev/null 2>&1 ||
    temporal operator namespace create --namespace default --retention 720h
temporal operator namespace update --namespace default --retention 720h
