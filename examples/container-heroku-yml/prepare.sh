#!/bin/sh
# Builds the page; as the release command it says where it runs.
if [ $# -eq 0 ]; then
  echo "prepared by $(cat page.txt)"
else
  echo "the $1 edition"
fi
