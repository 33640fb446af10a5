"""Convert between column letters and column numbers: A is 1, Z is 26, AA is 27."""


def column_number(letters: str) -> int:
    """The number of a column: A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_numbers(columns: str) -> range:
    """The numbers of some columns such as ``C:I`` or ``C``."""
    first, _, last = columns.partition(":")
    return range(column_number(first), column_number(last or first) + 1)
