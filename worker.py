"""The processes behind the web: `worker.py [work|listen|all]`, jobs by default."""

import sys

from helpdesk.workers import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
