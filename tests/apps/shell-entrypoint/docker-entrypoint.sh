#!/bin/bash
set -e
envsubst < /app/app.conf.template > /tmp/app.conf
exec "$@"
