-- A store as version 1 left it: a capture of four rows, and a baseline.
PRAGMA application_id = 1952539496;
PRAGMA user_version = 1;
PRAGMA foreign_keys = off;
BEGIN TRANSACTION;
CREATE TABLE baseline (
    name          TEXT    PRIMARY KEY,
    capture       INTEGER NOT NULL REFERENCES capture (number),
    saved_unix_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "baseline" VALUES('main',1,3);
CREATE TABLE capture (
    number          INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    started_unix_ms INTEGER NOT NULL,
    first_row       INTEGER NOT NULL, -- the capture_row.id of its first row; the others follow
    row_count       INTEGER NOT NULL,
    header          TEXT    NOT NULL, -- JSON: CaptureHeader
    summary         TEXT    NOT NULL  -- JSON: CaptureSummary
) STRICT;
INSERT INTO "capture" VALUES(1,'old',1,1,4,'{"schema_version":1,"id":"old","started_unix_ms":1,"invocation":["tacho","run"],"manifest":"tacho.toml","project":"sx","seed":18446744073709551615,"env":{"os":"linux","arch":null,"kernel":null,"cpu_model":null,"cpu_cores":null,"cpu_governor":null,"hostname":null,"machine_id":null,"toolchain":null,"git_commit":null,"git_dirty":null,"tacho_version":null,"timestamp_unix_ms":null,"timestamp_iso":null},"unavailable":{"instructions":"no counter"},"metric_defs":{},"spawn_floor_nanos":412345.6789012345,"shell":{"shell":["sh"],"median_nanos":0.30000000000000004,"runs":7},"spawner":"static","shared_machine":true}','{"state":"cut_short","cut_short":"budget","ended_unix_ms":9,"rows":4,"by_status":{"ok":4},"points":2,"skipped":[{"point":"b","rows":1,"reason":"no time"}],"leaked":0,"backpressure_waits":3}');
CREATE TABLE capture_plan (
    capture  INTEGER PRIMARY KEY REFERENCES capture (number),
    document TEXT    NOT NULL -- JSON: PlanDoc
) STRICT;
INSERT INTO "capture_plan" VALUES(1,'{"schema_version":1,"seed":7,"total_nanos_max":5,"points":[],"jobs":1,"quiesce":null,"quiet_wait_nanos":null,"param_sources":[]}');
CREATE TABLE capture_point (
    capture  INTEGER NOT NULL REFERENCES capture (number),
    number   INTEGER NOT NULL, -- from 0, in the order of first rows
    identity TEXT    NOT NULL, -- as filters match it and tables print it
    document TEXT    NOT NULL, -- JSON: Point
    PRIMARY KEY (capture, number)
) STRICT, WITHOUT ROWID;
INSERT INTO "capture_point" VALUES(1,0,'sort{level=0}','{"function":"sort","params":{"level":0}}');
INSERT INTO "capture_point" VALUES(1,1,'gzip/level{level=1}','{"function":"gzip/level","params":{"level":1}}');
INSERT INTO "capture_point" VALUES(1,2,'sort{level=2}','{"function":"sort","params":{"level":2}}');
INSERT INTO "capture_point" VALUES(1,3,'gzip/level{level=3}','{"function":"gzip/level","params":{"level":3}}');
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
INSERT INTO "capture_row" VALUES(1,0,0,1,NULL,NULL,NULL,5,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"schema_version":1,"kind":"fixed","function":"sort","total_nanos":5,"status":"error","alloc_bytes":null,"peak_rss_kb":null,"output_tail":"\u0000 ünïcode 0\n"}');
INSERT INTO "capture_row" VALUES(2,1,0,0,NULL,NULL,NULL,5,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"schema_version":1,"kind":"fixed","function":"gzip/level","total_nanos":5,"status":"ok","alloc_bytes":null,"peak_rss_kb":null,"conditions":{"run_delay_nanos":7,"load1":0.25,"stops":0},"output":"null"}');
INSERT INTO "capture_row" VALUES(3,2,0,0,NULL,NULL,NULL,5,2,NULL,NULL,NULL,NULL,NULL,-1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"schema_version":1,"kind":"fixed","function":"sort","total_nanos":5,"status":"ok","alloc_bytes":null,"peak_rss_kb":null,"memory_limiter":"rlimit_as"}');
INSERT INTO "capture_row" VALUES(4,3,0,1,NULL,NULL,NULL,5,3,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"schema_version":1,"kind":"fixed","function":"gzip/level","total_nanos":5,"status":"error","alloc_bytes":null,"peak_rss_kb":null,"output_tail":"\u0000 ünïcode 3\n"}');
CREATE INDEX capture_by_start ON capture (started_unix_ms, id);
CREATE INDEX capture_point_by_identity ON capture_point (identity);
COMMIT;
