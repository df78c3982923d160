#!/bin/sh
trap 'echo "$1 ends"; exit 0' TERM
echo "$1 begins"
while :; do sleep 1; done
