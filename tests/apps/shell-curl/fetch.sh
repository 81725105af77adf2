#!/bin/bash
set -euo pipefail
rate=$(curl -fsS "$RATES_URL" | jq -r --arg name "$1" '.[$name]')
echo "rate of $1: $(scale "$rate")"
