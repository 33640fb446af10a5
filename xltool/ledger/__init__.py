"""Where the rounds stand: every submission in one SQLite file, and what only many forms together can show."""
