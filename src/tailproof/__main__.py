"""``python -m tailproof`` is the command ``tailproof``, for programs that start Python files, such as torchrun."""

from tailproof.cli import main

if __name__ == "__main__":
    main()
