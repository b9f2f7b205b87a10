import sys

from qingkong_verify.command import main

sys.exit(main())
