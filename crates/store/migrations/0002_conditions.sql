-- Version 2: what the machine did while a row was measured, what its output was and what limited
-- its memory, which version 1 had in `extra`. Rows of version 1 stay as they are.

ALTER TABLE capture_row ADD COLUMN output                         INTEGER; -- 0 pipe, 1 null,
                                                                           -- 2 inherit, 3 file
ALTER TABLE capture_row ADD COLUMN memory_limiter                 INTEGER; -- 0 cgroup,
                                                                           -- 1 rlimit_as
ALTER TABLE capture_row ADD COLUMN run_delay_nanos                INTEGER;
ALTER TABLE capture_row ADD COLUMN steal_nanos                    INTEGER;
ALTER TABLE capture_row ADD COLUMN psi_cpu_us                     INTEGER;
ALTER TABLE capture_row ADD COLUMN psi_io_us                      INTEGER;
ALTER TABLE capture_row ADD COLUMN psi_memory_us                  INTEGER;
ALTER TABLE capture_row ADD COLUMN condition_involuntary_switches INTEGER;
ALTER TABLE capture_row ADD COLUMN mem_available_kb               INTEGER;
ALTER TABLE capture_row ADD COLUMN swap_used_kb                   INTEGER;
ALTER TABLE capture_row ADD COLUMN window_nanos                   INTEGER;
ALTER TABLE capture_row ADD COLUMN stops                          INTEGER;
ALTER TABLE capture_row ADD COLUMN load1                          REAL;
