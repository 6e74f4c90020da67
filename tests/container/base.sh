#!/bin/bash
# Make a local stand-in for the base image of the Dockerfile, where no image registry can be reached:
#     tests/container/base.sh NAME
# What the host trusts (certificates, where pip finds packages) goes into the stand-in only; the product's Dockerfile knows
# nothing of it.
set -euo pipefail

hooks=(--customize-hook='upload /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt')
if [[ -e /etc/pip.conf ]]; then hooks+=(--customize-hook='upload /etc/pip.conf /etc/pip.conf'); fi

mmdebstrap --quiet --variant=essential --include=python3,python3-pip,python3-venv,ca-certificates,netbase,tzdata \
    "${hooks[@]}" trixie - | docker import --change 'ENV PIP_BREAK_SYSTEM_PACKAGES=1' - "$1"
