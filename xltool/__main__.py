"""``python -m xltool``."""

from xltool.cli import main

if __name__ == "__main__":  # a worker that starts afresh imports this module too
    main()
