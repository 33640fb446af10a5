"""The operator's mistakes: a wrong name, a broken definition, a file that is not there. One clear sentence each."""


class WrongUse(Exception):  # noqa: N818  # the name says whose mistake it is
    """Something the person at the command line must mend; shown as one line, exit code 2."""


class WrongDefinition(WrongUse):
    """A form or rule definition that is refused on load, with file, key and reason."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}：{key}：{reason}" if key else f"{file}：{reason}")
