-- Version 1: captures, their plans, points and rows, and the baselines that name them.
-- Unsigned 64-bit numbers are kept as the signed number of the same bits.

CREATE TABLE capture (
    number          INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    started_unix_ms INTEGER NOT NULL,
    first_row       INTEGER NOT NULL, -- the capture_row.id of its first row; the others follow
    row_count       INTEGER NOT NULL,
    header          TEXT    NOT NULL, -- JSON: CaptureHeader
    summary         TEXT    NOT NULL  -- JSON: CaptureSummary
) STRICT;

-- Newest first without sorting.
CREATE INDEX capture_by_start ON capture (started_unix_ms, id);

-- Apart from its capture: a plan of 100,000 points must not slow down a list of captures.
CREATE TABLE capture_plan (
    capture  INTEGER PRIMARY KEY REFERENCES capture (number),
    document TEXT    NOT NULL -- JSON: PlanDoc
) STRICT;

CREATE TABLE capture_point (
    capture  INTEGER NOT NULL REFERENCES capture (number),
    number   INTEGER NOT NULL, -- from 0, in the order of first rows
    identity TEXT    NOT NULL, -- as filters match it and tables print it
    document TEXT    NOT NULL, -- JSON: Point
    PRIMARY KEY (capture, number)
) STRICT, WITHOUT ROWID;

-- One point over all captures.
CREATE INDEX capture_point_by_identity ON capture_point (identity);

CREATE TABLE capture_row (
    id                   INTEGER PRIMARY KEY, -- in the order of capture
    point                INTEGER NOT NULL,    -- capture_point.number of the row's capture
    kind                 INTEGER NOT NULL,    -- 0 fixed, 1 parametric
    status               INTEGER NOT NULL,    -- 0 ok, 1 error, 2 crashed, 3 out_of_memory,
                                              -- 4 timed_out, 5 killed_at_cap, 6 no_output,
                                              -- 7 wrong_answer
    side                 INTEGER,             -- 0 a, 1 b
    exit_code            INTEGER,
    signal               INTEGER,
    total_nanos          INTEGER NOT NULL,
    repeat_index         INTEGER,
    inner_repeats        INTEGER,
    alloc_bytes          INTEGER,
    alloc_count          INTEGER,
    peak_rss_kb          INTEGER,
    rss_floor_kb         INTEGER,
    user_nanos           INTEGER,
    system_nanos         INTEGER,
    instructions         INTEGER,
    major_faults         INTEGER,
    minor_faults         INTEGER,
    voluntary_switches   INTEGER,
    involuntary_switches INTEGER,
    sequence             INTEGER,
    round                INTEGER,
    block                INTEGER,
    process              INTEGER,
    started_unix_ns      INTEGER,
    leaked               INTEGER,
    per_call_nanos       REAL,
    extra                TEXT -- JSON: a Row with what has no column here
) STRICT;

CREATE TABLE baseline (
    name          TEXT    PRIMARY KEY,
    capture       INTEGER NOT NULL REFERENCES capture (number),
    saved_unix_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
