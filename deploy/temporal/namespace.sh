#!/bin/sh
# Makes the namespace; closed workflows are kept for 30 days, as in the embedded stack. Again at any time.
set -eu
if temporal operator namespace describe --namespace default >/dev/null 2>&1; then
    temporal operator namespace update --namespace default --retention 720h
else
    temporal operator namespace create --namespace default --retention 720h
fi
