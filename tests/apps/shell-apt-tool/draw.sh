#!/bin/sh
dot -Tplain graph.dot | grep '^node'
