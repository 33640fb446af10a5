"""The SQL of a ledger: its tables, and what is asked of them."""

from __future__ import annotations

#: The tables of a ledger.
SCHEMA = """
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    as_of TEXT NOT NULL,                   -- the day, ISO 8601
    complete INTEGER NOT NULL DEFAULT 0    -- 0 while it runs; a run that was interrupted is taken up by the next
) STRICT;
CREATE TABLE project (
    id INTEGER PRIMARY KEY,
    year INTEGER, code TEXT, name TEXT, department TEXT, unit TEXT   -- as the current submission has them
) STRICT;
CREATE TABLE identity (
    key TEXT PRIMARY KEY,                  -- code and year, or name, unit and year; one more when a name was corrected
    project INTEGER NOT NULL REFERENCES project(id)
) STRICT;
CREATE TABLE submission (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL,
    sheet TEXT NOT NULL,                   -- one of its forms, such as 自评表 or 自评表#2; '' where none was read
    project INTEGER REFERENCES project(id),
    run INTEGER NOT NULL REFERENCES run(id),
    received TEXT NOT NULL,                -- the day it was first ingested
    file TEXT NOT NULL,
    status TEXT NOT NULL,                  -- accepted, review, returned, unreadable
    stamped INTEGER NOT NULL,              -- the round in its stamp
    round INTEGER NOT NULL,                -- counted over all submissions of the project
    result TEXT NOT NULL,                  -- as JSON
    year INTEGER, subject TEXT,            -- as the form names them, whatever it calls them
    UNIQUE (sha256, sheet)
) STRICT;
CREATE INDEX submission_project ON submission(project);
CREATE TABLE finding (
    submission INTEGER NOT NULL REFERENCES submission(id),
    number INTEGER NOT NULL,
    rule TEXT NOT NULL, level TEXT NOT NULL,
    subject TEXT NOT NULL,                 -- what it is about, the same in every round: a row by its name
    place TEXT NOT NULL,                   -- the same, a row by its place in its group
    state TEXT NOT NULL,                   -- open, explained or waived
    PRIMARY KEY (submission, number)
) STRICT, WITHOUT ROWID;
"""

#: What ledgers of 0.3 lack of these tables.
NAMES = ("ALTER TABLE submission ADD COLUMN year INTEGER", "ALTER TABLE submission ADD COLUMN subject TEXT")

#: Submissions with an issued value changed, perhaps a name: those as issued take precedence.
CHANGED = """SELECT DISTINCT submission FROM finding
WHERE rule = 'P04' AND level = 'error' AND submission IN (SELECT id FROM submission WHERE project = ?)"""

#: The submission that counts for a project, if the operator has chosen one; ledgers of 0.3.1 lack this table.
CHOICE = "CREATE TABLE IF NOT EXISTS choice (project INTEGER PRIMARY KEY, submission INTEGER NOT NULL) STRICT"

#: Submissions issued before their roster was corrected; those issued since take precedence. What is known of one form
#: of an issue holds for every one of it, though it was judged when the roster was another.
OUTDATED = """WITH own AS (SELECT id, json_extract(result, '$.reading.seal.issue') AS issue FROM submission
WHERE project = ?), outdated AS (SELECT id, issue FROM own WHERE id IN
(SELECT submission FROM finding WHERE rule = 'X07' AND level = 'error' AND state <> 'waived'))
SELECT id FROM own WHERE id IN (SELECT id FROM outdated) OR issue IN (SELECT issue FROM outdated)"""

#: The columns of a submission, without its result.
COLUMNS = """id, sha256, sheet, project, run, received, file, status, stamped, round,
coalesce(json_extract(result, '$.reading.seal.state'), '') = 'sound' AS sealed"""

#: The submissions of a run that answer one of another project: both projects, and the years and names on both forms.
#: The digest of the answered one begins with the digits in the answer; no hex digit comes after f.
ANSWERS = """SELECT s.project, t.project, s.year, s.subject, t.year, t.subject FROM submission s
JOIN submission t ON t.sha256 >= json_extract(s.result, '$.reading.after')
AND t.sha256 < json_extract(s.result, '$.reading.after') || 'g' WHERE s.run = ? AND s.project <> t.project"""
